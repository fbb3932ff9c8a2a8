import { ExecutorError } from "../errors.ts";
import { checkTransfer, part } from "./cloneable.ts";
import { dataToError, valueToReason } from "./error_data.ts";
import {
  type Connect,
  type Connection,
  isFromWorker,
  type Reason,
} from "./protocol.ts";
import { notCloneable } from "./service.ts";
import type { PendingTask, Revive } from "./task_queue.ts";
import { startTimer, type Timer } from "./timer.ts";
import type { ExecutorKind } from "./types.ts";

/** An idle worker that does not finish closing in this time is ended as it stands. */
const IDLE_CLOSE_MS = 5000;

/** Why a worker is no longer there. */
export type SlotEnd =
  /** The host would not start it. */
  | { why: "refused"; error: Error }
  /** Its handler could not be built. */
  | { why: "failed"; error: Error }
  /** It died. */
  | { why: "lost"; error: Error }
  /** It was asked to go. `error` is what closing its handler threw. */
  | { why: "closed"; error?: Error };

/** What a slot tells the pool. */
export interface SlotEvents {
  /** The worker's code runs. */
  started(): void;
  /** The handler is built: tasks may be sent. */
  ready(): void;
  /** A task is done. */
  settled(task: PendingTask, value: unknown): void;
  /** A task failed, or could not be sent. */
  failed(task: PendingTask, error: Error): void;
  /** Results arrived: there is room for more tasks. */
  room(): void;
  /** A message with tasks was posted. */
  posted(): void;
  /** The worker is gone, and with it the tasks that it held. Called once. */
  ended(end: SlotEnd, tasks: PendingTask[]): void;
}

/** What a slot needs to know. */
export interface SlotOptions {
  /** Where the worker runs. */
  kind: ExecutorKind;
  /** Starts it. */
  connect: Connect;
  /** Handed to the handler's builder. */
  init?: unknown;
  /** Time to its first sign of life, in ms. */
  readyTimeoutMs: number;
  /** Absent: the default of its host. */
  idleTimeoutMs?: number;
  /** True: holds the process until it ends. */
  stateful: boolean;
  /** Rebuilds errors of unknown classes. */
  reviveError?: Revive;
}

/** One worker: its connection, the tasks it holds, and its way from start to end. */
export class WorkerSlot {
  readonly #options: SlotOptions;
  readonly #events: SlotEvents;
  readonly #inFlight = new Map<number, PendingTask>();
  #state: "starting" | "building" | "ready" | "closing" | "ended" = "starting";
  #connection: Connection | undefined;
  #abortIds: number[] = [];
  #abortReasons: Reason[] = [];
  #startTimer: Timer | undefined;
  #idleTimer: Timer | undefined;
  #held = true;
  /** Settles when the worker is gone; with the error of closing its handler, if there was one. */
  readonly gone: Promise<Error | undefined>;
  #setGone!: (error: Error | undefined) => void;

  /** Builds the slot; `start` starts the worker. */
  constructor(options: SlotOptions, events: SlotEvents) {
    this.#options = options;
    this.#events = events;
    this.gone = new Promise((resolve) => this.#setGone = resolve);
  }

  /** True when tasks may be sent. */
  get isReady(): boolean {
    return this.#state === "ready";
  }

  /** True when it takes tasks or soon will. */
  get isAlive(): boolean {
    return this.#state === "starting" || this.#state === "building" ||
      this.#state === "ready";
  }

  /** Tasks that it holds, given up ones included. */
  get load(): number {
    return this.#inFlight.size;
  }

  /** Starts the worker. What becomes of it is told by events only. */
  start(): void {
    const { connect, kind, readyTimeoutMs } = this.#options;
    try {
      this.#connection = connect({
        message: (data) => this.#receive(data),
        broken: (reason, cause) => this.#broken(reason, cause),
      });
    } catch (cause) {
      this.#broken(`cannot be started: ${(cause as Error)?.message}`, cause);
      return;
    }
    if (kind === "inline") return;
    this.#startTimer = startTimer(() => {
      this.#broken(`gave no sign of life within ${readyTimeoutMs} ms`);
    }, readyTimeoutMs);
  }

  /** Sends tasks in one message; those that move objects travel alone. */
  send(tasks: PendingTask[]): void {
    this.#idleTimer?.stop();
    this.#hold(true);
    let batch: PendingTask[] = [];
    for (const task of tasks) {
      if (!task.transfer?.length) {
        batch.push(task);
        continue;
      }
      this.#post(batch);
      batch = [];
      this.#post([task], task.transfer);
    }
    this.#post(batch);
    this.#rest();
  }

  /** Remembers that a running task was given up; `flushAborts` tells the worker. */
  abort(task: PendingTask, reason: unknown): void {
    if (!this.#inFlight.has(task.id)) return;
    this.#abortIds.push(task.id);
    this.#abortReasons.push(valueToReason(reason));
  }

  /** Tells the worker which tasks were given up, in one message. */
  flushAborts(): void {
    if (this.#abortIds.length === 0) return;
    const ids = this.#abortIds;
    const reasons = this.#abortReasons;
    this.#abortIds = [];
    this.#abortReasons = [];
    if (this.#state === "ready") {
      this.#connection!.post({ type: "abort", ids, reasons });
      this.#rest();
    }
  }

  /** Lets the handler close what it holds, then ends the worker. */
  close(): Promise<Error | undefined> {
    this.#idleTimer?.stop();
    if (this.#state === "starting") this.#end({ why: "closed" });
    else if (this.#state !== "closing" && this.#state !== "ended") {
      this.#state = "closing";
      this.#hold(true);
      this.#connection!.post({ type: "close" });
    }
    return this.gone;
  }

  /** Ends the worker as it stands. */
  kill(): void {
    this.#end({ why: "closed" });
  }

  #post(
    tasks: PendingTask[],
    transfer?: readonly ArrayBufferLike[],
  ): void {
    if (tasks.length === 0) return;
    const payloads = tasks.map((task) => task.payload);
    part(payloads);
    try {
      if (transfer) checkTransfer(transfer);
      const ids = tasks.map((task) => task.id);
      this.#connection!.post({ type: "run", ids, tasks: payloads }, transfer);
    } catch (cause) {
      if (tasks.length > 1) {
        for (const task of tasks) this.#post([task]);
      } else {
        const [task] = tasks as [PendingTask];
        const error = notCloneable("task", task.payload, cause);
        this.#events.failed(task, error);
      }
      return;
    }
    for (const task of tasks) {
      task.state = "running";
      task.payload = task.transfer = undefined;
      this.#inFlight.set(task.id, task);
    }
    this.#events.posted();
  }

  #receive(message: unknown): void {
    if (this.#state === "ended" || !isFromWorker(message)) return;
    switch (message.type) {
      case "hello":
        this.#hello();
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
        message.ids.forEach((id, at) => {
          const task = this.#take(id);
          if (task) this.#events.settled(task, message.values[at]);
        });
        message.failedIds.forEach((id, at) => {
          const task = this.#take(id);
          if (!task || task.state === "settled") return;
          this.#events.failed(task, this.#revive(message.errors[at]!));
        });
        this.#rest();
        this.#events.room();
        break;
      case "closed":
        this.#end({
          why: "closed",
          error: message.error && this.#revive(message.error),
        });
        break;
      case "farewell":
        this.#broken(`ended itself with ${message.reason}`);
        break;
    }
  }

  #hello(): void {
    if (this.#state !== "starting") return;
    this.#startTimer?.stop();
    this.#state = "building";
    try {
      this.#connection!.post({ type: "init", init: this.#options.init });
    } catch (cause) {
      const error = notCloneable("init", this.#options.init, cause);
      this.#end({ why: "failed", error });
      return;
    }
    this.#events.started();
  }

  #take(id: number): PendingTask | undefined {
    const task = this.#inFlight.get(id);
    this.#inFlight.delete(id);
    return task;
  }

  #revive(data: Parameters<typeof dataToError>[0]): Error {
    return dataToError(data, this.#options.reviveError);
  }

  #broken(reason: string, cause?: unknown): void {
    const { kind } = this.#options;
    const code = this.#state === "starting" ? "WORKER_REFUSED" : "WORKER_LOST";
    const waiting = [...this.#inFlight.values()]
      .filter((task) => task.state === "running").length;
    const error = new ExecutorError(
      code,
      code === "WORKER_REFUSED"
        ? `the ${kind} worker ${reason}`
        : `the ${kind} worker ${reason}; tasks in flight: ${waiting}`,
      { data: { kind, reason }, cause },
    );
    if (this.#state === "starting") this.#end({ why: "refused", error });
    else if (this.#state === "building") this.#end({ why: "failed", error });
    else if (this.#state === "closing") this.#end({ why: "closed", error });
    else this.#end({ why: "lost", error });
  }

  #end(end: SlotEnd): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#startTimer?.stop();
    this.#idleTimer?.stop();
    const tasks = [...this.#inFlight.values()];
    this.#inFlight.clear();
    this.#release(end.why === "closed" ? end.error : undefined);
    this.#events.ended(end, tasks);
  }

  async #release(error: Error | undefined): Promise<void> {
    try {
      await this.#connection?.end();
      this.#setGone(error);
    } catch (endError) {
      this.#setGone(error ?? endError as Error);
    }
  }

  #hold(hold: boolean): void {
    if (this.#held === hold) return;
    this.#held = hold;
    this.#connection?.hold(hold);
  }

  /** True when a caller waits for a task; those that were given up wait no more. */
  #isWaitedFor(): boolean {
    for (const task of this.#inFlight.values()) {
      if (task.state === "running") return true;
    }
    return false;
  }

  /** With nothing to do, lets go of the process and begins to count idle time. */
  #rest(): void {
    if (this.#state !== "ready" || this.#options.stateful) return;
    if (this.#isWaitedFor()) return;
    this.#hold(false);
    this.#idleTimer?.stop();
    const idleMs = this.#options.idleTimeoutMs ??
      (this.#connection!.alwaysHolds ? 200 : 5000);
    if (this.#options.kind === "inline") return;
    this.#idleTimer = startTimer(() => this.#retire(), idleMs, true);
  }

  #retire(): void {
    if (this.#state !== "ready" || this.#isWaitedFor()) return;
    this.close();
    this.#idleTimer = startTimer(() => this.kill(), IDLE_CLOSE_MS, true);
    // Nobody waits for it: it must not keep the process alive.
    this.#hold(false);
  }
}
