import { checkedHost } from "./checked_host.ts";
import { Inbox } from "./inbox.ts";
import { errorToData, reasonToValue } from "../wire/error_data.ts";
import {
  isToWorker,
  type Reason,
  type TaskMark,
  type ToWorker,
} from "../wire/protocol.ts";
import { TaskPoller } from "./task_poller.ts";
import { Outbox, type PostToPool } from "./outbox.ts";
import { SharedLane } from "../wire/shared_lane.ts";
import { StreamSource } from "./stream_source.ts";
import { Context } from "./task_context.ts";
import { afterMessages, afterTurn } from "../timer.ts";
import { HELD_MS } from "../loop_turn.ts";
import type { CreateHandler, HandlerHost } from "../types.ts";

/** How long a result may wait for others before it is sent. */
const RESULT_DELAY_MS = 1;

/** Direct access to the pool, for a service on the caller's own thread. */
export interface Surroundings {
  /** True when nobody awaits this task any more, even if no message has said so yet. */
  isGivenUp(seq: number): boolean;
  /** Calls back after a turn of the event loop, and after messages that were in flight. */
  afterMessages(callback: () => void): void;
}

/**
 * The worker's side: builds the handler, runs tasks and posts their results. The same code runs in every kind of worker
 * and inline.
 */
export class Service {
  readonly #create: CreateHandler;
  readonly #post: PostToPool;
  readonly #here: Surroundings | undefined;
  #host: Promise<HandlerHost> | undefined;
  #handler: HandlerHost | undefined;
  #closed: Promise<void> | undefined;
  #lane: SharedLane | undefined;
  #poller: TaskPoller | undefined;
  readonly #inbox = new Inbox();
  #pumping = false;
  /** Tasks that have begun and are not over, except the one running right now. */
  #running = new Map<number, Context>();
  #streams = new Map<number, StreamSource>();
  readonly #outbox: Outbox;
  #flushing = false;
  /** True while results wait to be sent with those of tasks in messages that are still in flight. */
  #gathering = false;
  /** True when the start of the last task must be reported at once. */
  #watched = false;
  /** True while the pool is asked whether the next task may begin. */
  #asks = false;
  #received = 0;
  /** True once the worker has ended itself: in browsers, code goes on until the end of its turn. */
  #hasLeft = false;

  /** Builds the service; nothing happens before `init` arrives. */
  constructor(create: CreateHandler, post: PostToPool, here?: Surroundings) {
    this.#create = create;
    this.#post = post;
    this.#here = here;
    this.#outbox = new Outbox(post);
  }

  /** Reports that the code runs. */
  hello(): void {
    this.#post({ cortex: "hello" });
  }

  /** Handles a message of the pool; ignores others. */
  receive(message: unknown): void {
    if (!isToWorker(message)) return;
    this.#received = (this.#received + 1) | 0;
    this.#take(message);
    if (this.#handler) this.#pump();
  }

  /** Aborts every running task and closes the handler, for a host that has no thread to end. */
  async end(reason: unknown): Promise<void> {
    this.#inbox.clear();
    for (const context of this.#running.values()) context.abort(reason);
    for (const stream of this.#streams.values()) stream.end(reason);
    const closed = this.#closeHost();
    if (this.#handler) await closed;
    // A handler that is still being built is closed once it is ready, which may be never.
    else closed.catch(() => {});
  }

  /** Sends the results that are ready before the worker ends. */
  flush(): void {
    this.#outbox.flush();
  }

  /** Reports that the worker ends on its own initiative, or because it `lacksTasks` that it could not read. */
  farewell(reason: string, lacksTasks?: boolean): void {
    this.#hasLeft = true;
    const { progress } = this.#outbox;
    this.#post({ cortex: "farewell", reason, lacksTasks, ...progress });
  }

  #take(message: ToWorker): void {
    switch (message.cortex) {
      case "init":
        if (message.memory) {
          this.#lane = this.#outbox.lane = new SharedLane(message.memory);
          this.#inbox.ring = this.#lane.tasks;
          this.#poller = new TaskPoller(this.#lane, () => this.#pump());
        }
        this.#init(message.init);
        break;
      case "run":
        this.#inbox.addAll(message);
        break;
      case "one":
      case "text":
        this.#inbox.addOne(message);
        break;
      case "abort":
        message.ids.forEach((id, at) => this.#abort(id, message.reasons[at]!));
        break;
      case "pull":
        this.#streams.get(message.id)?.pull(message.count);
        break;
      case "next":
        this.#asks = false;
        break;
      case "close":
        this.#close();
        break;
    }
  }

  async #init(init: unknown): Promise<void> {
    try {
      this.#host = (async () => checkedHost(await this.#create(init)))();
      this.#handler = await this.#host;
      this.#post({ cortex: "ready" });
      this.#pump();
    } catch (error) {
      this.#host = undefined;
      this.#post({ cortex: "failed", error: errorToData(error) });
    }
  }

  async #close(): Promise<void> {
    try {
      await this.#host;
      this.#post({ cortex: "closing" });
      await this.#closeHost();
      this.#outbox.flush();
      this.#post({ cortex: "closed" });
    } catch (error) {
      this.#post({ cortex: "closed", error: errorToData(error) });
    }
  }

  /** Closes the handler; calling it again has no effect. */
  #closeHost(): Promise<void> {
    return this.#closed ??= (async () => {
      const host = await this.#host;
      await host?.close?.();
    })();
  }

  #abort(id: number, reason: Reason): void {
    const context = this.#running.get(id);
    if (context) {
      const value = reasonToValue(reason);
      context.abort(value);
      this.#streams.get(id)?.end(value);
      return;
    }
    this.#inbox.drop(id);
  }

  #pump(): void {
    if (this.#pumping || this.#asks) return;
    this.#pumping = true;
    this.#lane?.rise("worker");
    const start = performance.now();
    if (this.#runAll(start)) {
      this.#pumping = false;
      // All tasks here have begun. The pool may have more, and learns of this only by a report or by results just sent.
      if (!this.#gathering) this.#outbox.report();
    } else {
      const goOn = () => {
        this.#pumping = false;
        this.#pump();
      };
      const { posted = this.#received } = this.#lane ?? {};
      if (this.#here) this.#here.afterMessages(goOn);
      else if (posted === this.#received) afterTurn(goOn);
      else afterMessages(goOn);
    }
  }

  /** Runs tasks until none are left, and returns true, or until the time slice is over. */
  #runAll(start: number): boolean {
    const inbox = this.#inbox;
    let last = start;
    let flushed = start;
    let wasShared = false;
    // Polls again after the last task, while that pays. After a farewell, the tasks that have not begun go elsewhere.
    while (!this.#hasLeft) {
      const seq = inbox.next();
      if (seq === undefined) {
        const gathers = this.#gather();
        if (!gathers) this.#outbox.flush();
        const mayWait = !gathers && this.#running.size === 0;
        if (this.#poller?.poll(mayWait, wasShared, this.#received)) {
          // Waiting does not count as work.
          last = flushed = performance.now();
          if (last - start < HELD_MS) continue;
          return false;
        }
        return true;
      }
      const task = inbox.take();
      wasShared = inbox.isShared;
      const mark = this.#begin(seq);
      if (this.#lane?.isHalted) return true;
      if (this.#isDropped(seq)) this.#succeed(seq, undefined, undefined);
      else this.#runOne(seq, task, mark);
      const now = performance.now();
      this.#outbox.addBusy((now - last) * 1000);
      last = now;
      if (this.#asks) {
        this.#outbox.flush();
        this.#post({ cortex: "next" });
        return true;
      }
      if (now - flushed >= RESULT_DELAY_MS) {
        this.#lane?.tasks.free();
        this.#outbox.flush();
        flushed = now;
        if (now - start >= HELD_MS) return false;
      }
    }
    return true;
  }

  #isDropped(seq: number): boolean {
    return this.#inbox.takeDropped(seq) ||
      this.#here?.isGivenUp(seq) === true;
  }

  #begin(seq: number): TaskMark | undefined {
    this.#outbox.progress.started = seq;
    if (this.#lane) this.#lane.started = seq;
    const mark = this.#inbox.takeMark(seq);
    // The next task is reported as well: until then, the watched one would seem to hold the thread.
    if (mark?.timed || this.#watched) this.#outbox.report();
    this.#watched = mark?.timed === true;
    this.#asks = mark?.hard === true && !this.#lane;
    return mark;
  }

  /** Delays results to the end of this turn when messages in flight will have more. False: send them at once. */
  #gather(): boolean {
    if (this.#gathering) return true;
    if (!this.#inbox.expectsMore) return false;
    this.#gathering = true;
    afterTurn(() => {
      this.#gathering = false;
      this.#outbox.flush();
      this.#outbox.report();
    });
    return true;
  }

  #runOne(seq: number, task: unknown, mark: TaskMark | undefined): void {
    const context = new Context();
    try {
      const result = this.#handler!.handle(task, context);
      if (mark?.buffer) this.#stream(seq, result, context, mark.buffer);
      else if (isThenable(result)) this.#await(seq, result, context);
      else this.#succeed(seq, result, context);
    } catch (error) {
      this.#fail(seq, error);
    }
  }

  #await(
    seq: number,
    result: PromiseLike<unknown>,
    context: Context,
  ): void {
    this.#running.set(seq, context);
    // A thenable may call back twice, or with another thenable.
    Promise.resolve(result).then(
      (value) => this.#succeed(seq, value, context),
      (error) => this.#fail(seq, error),
    );
  }

  #stream(seq: number, given: unknown, context: Context, room: number): void {
    const stream = new StreamSource(
      room,
      context,
      (values, moved) =>
        this.#post({ cortex: "items", id: seq, values }, moved),
      (error) => {
        this.#fail(seq, error);
        context.abort(error);
      },
    );
    this.#streams.set(seq, stream);
    this.#await(seq, (async () => stream.run(await given))(), context);
  }

  #succeed(
    seq: number,
    value: unknown,
    context: Context | undefined,
  ): void {
    // The end of a stream must follow its items, which were sent by message. And a pool that sent a message sleeps until
    // one arrives.
    const byMessage = seq === this.#inbox.lone ||
      (this.#streams.size > 0 && this.#streams.has(seq));
    this.#forget(seq);
    this.#outbox.add(seq, value, context?.moved, byMessage);
    this.#schedule();
  }

  #fail(seq: number, error: unknown): void {
    this.#forget(seq);
    this.#outbox.addError(seq, error);
    this.#schedule();
  }

  #forget(seq: number): void {
    if (this.#running.size > 0) this.#running.delete(seq);
    if (this.#streams.size > 0) this.#streams.delete(seq);
  }

  #schedule(): void {
    // `#pump` flushes.
    if (this.#flushing || this.#pumping) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#outbox.flush();
    });
  }
}

/** True for a value that `await` would wait for. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (typeof value === "object" || typeof value === "function") &&
    typeof (value as { then?: unknown } | null)?.then === "function";
}
