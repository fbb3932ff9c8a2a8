import { AbortBatch } from "./abort_batch.ts";
import { initNotCloneable } from "../hosts/module_handler.ts";
import type { Connection } from "../hosts/connection.ts";
import { Delivery } from "./delivery.ts";
import { dataToError } from "../wire/error_data.ts";
import { workerLost, workerRefused } from "../failures.ts";
import { Grace } from "./grace.ts";
import { WorkerProgress } from "./worker_progress.ts";
import { HeldTasks } from "./held_tasks.ts";
import { IdleTimer } from "./idle_timer.ts";
import { ResultPoller } from "./result_poller.ts";
import { BatchSize } from "./batch_size.ts";
import { BusyTime } from "./busy_time.ts";
import type { PendingTask } from "./pending_task.ts";
import {
  type FromWorker,
  isFromWorker,
  type Progress,
} from "../wire/protocol.ts";
import { SharedLane } from "../wire/shared_lane.ts";
import type { SlotEnd, SlotEvents, SlotOptions } from "./slot_types.ts";
import { TaskSender } from "./task_sender.ts";
import { startTimer, type Timer } from "../timer.ts";
import type { ErrorData, ExecutorKind } from "../types.ts";

/** An idle worker that does not finish closing in this time is terminated. */
const IDLE_CLOSE_MS = 5000;

/** One worker: its connection, the tasks it holds, and its way from start to end. */
export class WorkerSlot {
  /** Number of the worker in its pool. */
  readonly index: number;
  /** Where the worker runs. */
  readonly kind: ExecutorKind;
  /** For how long it held tasks. */
  readonly busy = new BusyTime();
  readonly #options: SlotOptions;
  readonly #events: SlotEvents;
  readonly #held = new HeldTasks((task) => this.#events.over(task));
  readonly #progress = new WorkerProgress((task) => this.#events.began(task));
  readonly #grace = new Grace(this.#held, this.#progress, {
    idleMs: () => this.#idleTimer.limitMs,
    end: () => {
      if (this.#state === "closing") return this.kill();
      this.#broken("was ended: a task went on after its abort");
    },
  });
  #state: "starting" | "building" | "ready" | "closing" | "ended" = "starting";
  #connection: Connection | undefined;
  #lane: SharedLane | undefined;
  #poller: ResultPoller | undefined;
  #sender: TaskSender | undefined;
  readonly #batch = new BatchSize();
  readonly #delivery = new Delivery({
    settle: (seq, value) => {
      const task = this.#remove(seq);
      if (task) this.#events.settled(task, value);
    },
    fail: (seq, error) => {
      const task = this.#remove(seq);
      if (task) this.#events.failed(task, this.#revive(error));
    },
  });
  readonly #aborts = new AbortBatch();
  /** Ends it when it does not start, or close, in time. */
  #deadline: Timer | undefined;
  #leaves = false;
  readonly #idleTimer: IdleTimer;
  /** True when no other worker can take over. Any other is replaced when its tasks are all abandoned. */
  readonly #isOnly: boolean;
  /** Resolves when the worker is gone, with the error of closing its handler, if any. */
  readonly gone: Promise<Error | undefined>;
  #setGone!: (error: Error | undefined) => void;

  /** Builds the slot; `start` starts the worker. */
  constructor(options: SlotOptions, events: SlotEvents) {
    this.#options = options;
    this.#events = events;
    this.index = options.index;
    this.kind = options.kind;
    this.#isOnly = options.stateful || this.kind === "inline";
    this.gone = new Promise((resolve) => this.#setGone = resolve);
    this.#idleTimer = new IdleTimer(options, {
      hold: (hold) => this.#connection?.hold(hold),
      alwaysHolds: () => this.#connection!.alwaysHolds,
      // One that is idle but for an abandoned task is replaced, whatever `minWorkers` is.
      mayRetire: () =>
        this.#state === "ready" && (this.#held.size > 0 || events.mayRetire()),
      retire: () => this.#retire(),
    });
  }

  /** True when tasks may be sent. */
  get isReady(): boolean {
    return this.#state === "ready" && !this.isSpent;
  }

  /** True when it accepts tasks or soon will. */
  get isAlive(): boolean {
    return this.#state === "starting" || this.#state === "building" ||
      this.isReady;
  }

  /** True once it has begun a task, or may have. */
  get hasBegun(): boolean {
    return this.#progress.hasBegun;
  }

  /** Tasks that it holds, including those given up. */
  get load(): number {
    return this.#held.size;
  }

  /** Tasks that it holds and that are awaited. */
  get waitedFor(): number {
    return this.#held.size - this.#held.abandoned;
  }

  /** Tasks that it may take now. */
  get room(): number {
    if (!this.isReady) return 0;
    const { concurrencyPerWorker, maxTasksPerWorker, keepsBack } =
      this.#options;
    let room = concurrencyPerWorker - this.#held.size + this.#held.overdue;
    if (maxTasksPerWorker) {
      room = Math.min(room, maxTasksPerWorker - this.#held.last);
    }
    const keeps = keepsBack();
    if (keeps) room = Math.min(room, this.#progress.room(this.#held.last));
    const mayBeHeld = room > 0 && (keeps || this.#held.abandoned > 0);
    return mayBeHeld && this.isHeld ? 0 : Math.max(0, room);
  }

  /** True when a task holds its thread, and others can go elsewhere. */
  get isHeld(): boolean {
    return !this.#isOnly && this.#progress.isHeld(this.#held);
  }

  /** Most tasks to send at a time; its reports on them let the next ones be sent. */
  get most(): number {
    return Math.min(this.#batch.max, this.#delivery.batchSize.max);
  }

  /** Starts the worker. Never throws: the events report a failure. */
  start(): void {
    const { connect, kind, readyTimeoutMs } = this.#options;
    try {
      this.#connection = connect({
        message: (data) => this.#receive(data),
        broken: (reason, cause) => this.#broken(reason, cause),
        isGivenUp: (seq) => this.#held.get(seq)?.state === "settled",
      });
      this.#initialise(this.#connection);
    } catch (cause) {
      this.#broken(`cannot be started: ${(cause as Error)?.message}`, cause);
    }
    if (kind === "inline" || this.#state === "ended") return;
    this.#deadline = startTimer(() => {
      this.#broken(`gave no sign of life within ${readyTimeoutMs} ms`);
    }, readyTimeoutMs);
  }

  /** Sends tasks together; those that move objects travel alone. */
  send(tasks: PendingTask[], now: number): void {
    this.#idleTimer.end();
    const lone = tasks.length === 1 && this.#held.size === 0;
    this.busy.begin(now);
    for (const task of tasks) task.sentAt = now;
    const startMs = lone ? 0 : performance.now();
    const kind = this.#sender!.send(tasks, lone);
    if (!lone) this.#batch.record(tasks.length, performance.now() - startMs);
    this.#poller?.sent(now, lone, this.#progress.areTasksLong, kind);
    if (this.#held.size === 0) this.#rest();
  }

  /** Records that a running task was given up; `flushAborts` tells the worker. */
  abandon(task: PendingTask, reason: unknown): void {
    const { readyTimeoutMs } = this.#options;
    if (!this.#held.abandon(task, readyTimeoutMs, this.#isOnly)) return;
    this.#aborts.add(task.seq, reason);
    if (!this.#isOnly) this.#grace.watch(task);
  }

  /** Tells the worker which tasks were given up, in one message. */
  flushAborts(): void {
    const message = this.#aborts.take();
    if (!message || this.#state !== "ready") return;
    this.#sender!.post(message);
    this.#rest();
    this.#closeIfSpent();
  }

  /** Keeps the process alive while tasks wait in the pool: they may depend on an abandoned one that runs on here. */
  keep(tasksWait: boolean): void {
    this.#idleTimer.keep(tasksWait);
  }

  /** The reader of a stream took items. */
  pull(task: PendingTask, count: number): void {
    if (this.#held.get(task.seq) !== task) return;
    this.#sender!.post({ cortex: "pull", id: task.seq, count });
  }

  /** Closes the handler, then ends the worker. */
  close(): Promise<Error | undefined> {
    this.flushAborts();
    if (this.#state === "starting") this.#end({ why: "closed" });
    else if (this.#state !== "closing" && this.#state !== "ended") {
      this.#limitClosing();
      this.#state = "closing";
      this.#idleTimer.stop();
      this.#sender!.post({ cortex: "close" });
    }
    return this.gone;
  }

  /** Lets the worker finish the tasks that it holds, then closes it. */
  leave(): void {
    this.#leaves = true;
    if (this.waitedFor === 0) this.close();
  }

  /** Terminates the worker. */
  kill = (): void => this.#end({ why: "closed" });

  /** True when it takes no more tasks: it has had `maxTasksPerWorker`, or is to leave. */
  get isSpent(): boolean {
    return this.#leaves ||
      this.#held.last >= (this.#options.maxTasksPerWorker ?? Infinity);
  }

  #receive(message: unknown): void {
    if (this.#state === "ended" || !isFromWorker(message)) return;
    // Results in shared memory came before this message.
    if (this.#lane) { while (this.#drain()); }
    this.#take(message);
    this.#poller?.sleep();
  }

  #take(message: FromWorker): void {
    switch (message.cortex) {
      case "hello":
        if (this.#state !== "starting") break;
        this.#deadline?.stop();
        this.#state = "building";
        this.#events.started();
        break;
      case "ready":
        if (this.#state === "building") this.#state = "ready";
        this.#rest();
        if (this.#state === "ready") this.#events.ready();
        break;
      case "failed":
        this.#end({ why: "failed", error: this.#revive(message.error) });
        break;
      case "done":
      case "one":
      case "text":
        this.#delivery.open(message);
        this.#settleDown(message);
        break;
      case "progress":
        this.#progress.report(message);
        this.#events.room();
        break;
      case "next":
        this.#progress.openGate();
        this.#sender!.post({ cortex: "next" });
        break;
      case "items":
        this.#held.get(message.id)?.extras?.onItems?.(message.values);
        break;
      case "closing":
        this.#deadline?.stop();
        break;
      case "closed": {
        const error = message.error && this.#revive(message.error);
        this.#end({ why: "closed", error });
        break;
      }
      case "farewell":
        this.#progress.reportLast(message);
        this.#broken(`ended itself with ${message.reason}`);
        break;
    }
  }

  /** Takes some results from shared memory; false when there were none. */
  #drain(): boolean {
    return this.#state !== "ended" &&
      this.#delivery.drain(this.#lane!.results, this.#drained);
  }

  #drained = () => this.#settleDown(this.#lane!);

  /** After results: lets the pool send more, or goes idle. */
  #settleDown(progress: Progress): void {
    this.#progress.report(progress);
    if (this.#held.size === 0) {
      const now = performance.now();
      this.#poller?.done(now);
      this.busy.end(now);
    }
    this.#closeIfSpent();
    this.#rest();
    this.#events.room();
  }

  /** Sends `init` at once: the host keeps the message until the worker listens. */
  #initialise(connection: Connection): void {
    const { init, kind, sharedMemory } = this.#options;
    const isShared = kind !== "inline" && sharedMemory === "auto";
    const lane = isShared ? SharedLane.open() : undefined;
    this.#lane = this.#progress.lane = lane;
    this.#sender = new TaskSender(connection, lane, this.#held, {
      posted: () => this.#events.posted(),
      polls: (kind) => this.#poller?.polls(kind) ?? false,
      left: (task) => this.#progress.watch(task),
      unsendable: (task, error) => {
        this.#events.failed(task, error);
        this.#events.over(task);
      },
    });
    try {
      const shared = lane ? { memory: lane.memory } : {};
      this.#sender.post({ cortex: "init", init, ...shared });
    } catch (cause) {
      const error = initNotCloneable(init, cause);
      return this.#end({ why: "failed", error });
    }
    if (lane) this.#poller = new ResultPoller(lane, () => this.#drain());
  }

  /** Removes a task that the worker has finished. */
  #remove(seq: number): PendingTask | undefined {
    const task = this.#held.take(seq);
    if (task?.extras) this.#events.over(task);
    return task;
  }

  #revive(data: ErrorData): Error {
    const { explain, reviveError } = this.#options;
    return dataToError(explain?.(data) ?? data, reviveError);
  }

  #broken(reason: string, cause?: unknown): void {
    if (this.#state === "starting") {
      const error = workerRefused(this.#options, reason, cause);
      return this.#end({ why: "refused", error });
    }
    // The results that it left in shared memory are valid.
    if (this.#lane) { while (this.#drain()); }
    const error = workerLost(this.#options, reason, cause, this.waitedFor);
    if (this.#state === "building") this.#end({ why: "failed", error });
    else if (this.#state === "closing") this.#end({ why: "closed", error });
    else this.#end({ why: "lost", error });
  }

  #end(end: SlotEnd): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#deadline?.stop();
    this.#idleTimer.stop();
    this.#grace.stop();
    this.#poller?.stop();
    this.#lane?.halt();
    const [begun, unbegun] = this.#progress.partition(this.#held.takeAll());
    this.#release(end.why === "closed" ? end.error : undefined);
    this.#events.ended(end, begun, unbegun);
  }

  async #release(error: Error | undefined): Promise<void> {
    const ending = (async () => await this.#connection?.end())();
    const endError = await ending.then(() => undefined, (thrown) => thrown);
    this.#setGone(error ?? endError);
  }

  #rest(): void {
    if (this.#state !== "ready" || this.#options.stateful) return;
    if (this.waitedFor === 0) this.#idleTimer.begin();
  }

  #closeIfSpent(): void {
    if (this.isSpent && this.waitedFor === 0) this.close();
  }

  /** Ends the worker if closing takes too long: an abandoned task, or building the handler, may block it for ever. */
  #limitClosing(): void {
    const { kind, readyTimeoutMs } = this.#options;
    const isHeld = kind !== "inline" && this.#held.size > 0;
    if (this.#state === "ready" && !isHeld) return;
    this.#deadline = startTimer(this.kill, readyTimeoutMs);
  }

  #retire(): void {
    this.close();
    this.#idleTimer.release();
    startTimer(this.kill, IDLE_CLOSE_MS, true);
  }
}
