import { ExecutorError, WorkerLostError } from "../errors.ts";
import { checkTransfer, notCloneable } from "./cloneable.ts";
import { Credit } from "./credit.ts";
import { dataToError, valueToReason } from "./error_data.ts";
import { Idleness } from "./idleness.ts";
import { LaneWatch } from "./lane_watch.ts";
import {
  type Connection,
  DOORBELL,
  type FromWorker,
  isFromWorker,
  type Progress,
  type Reason,
  type ToWorker,
} from "./protocol.ts";
import { marksOf } from "./marks.ts";
import { isSmall, SharedLane } from "./shared_lane.ts";
import type { SlotEnd, SlotEvents, SlotOptions } from "./slot_types.ts";
import type { PendingTask } from "./task_queue.ts";
import { startTimer, type Timer } from "./timer.ts";
import type { ExecutorKind } from "./types.ts";

/** An idle worker that does not finish closing in this time is ended as it stands. */
const IDLE_CLOSE_MS = 5000;
/** Tasks that take longer than this, in µs, are not looked out for. */
const LONG_US = 200;

/** One worker: its connection, the tasks it holds, and its way from start to end. */
export class WorkerSlot {
  readonly #options: SlotOptions;
  readonly #events: SlotEvents;
  readonly #inFlight = new Map<number, PendingTask>();
  readonly #credit = new Credit();
  #state: "starting" | "building" | "ready" | "closing" | "ended" = "starting";
  #connection: Connection | undefined;
  #lane: SharedLane | undefined;
  #watch: LaneWatch | undefined;
  /** Number of the last task that was sent, and of the last one sent by message. */
  #sent = 0;
  #posted = 0;
  #progress: Progress = { started: 0, busyUs: 0 };
  #saidFarewell = false;
  /** Tasks that are in flight though nobody waits for them any more. */
  #abandoned = 0;
  #tasksTaken = 0;
  #timed: PendingTask[] = [];
  #abortIds: number[] = [];
  #abortReasons: Reason[] = [];
  #startTimer: Timer | undefined;
  readonly #idleness: Idleness;
  #busySince = 0;
  #busyMs = 0;
  /** Settles when the worker is gone; with the error of closing its handler, if there was one. */
  readonly gone: Promise<Error | undefined>;
  #setGone!: (error: Error | undefined) => void;

  /** Builds the slot; `start` starts the worker. */
  constructor(options: SlotOptions, events: SlotEvents) {
    this.#options = options;
    this.#events = events;
    this.gone = new Promise((resolve) => this.#setGone = resolve);
    this.#idleness = new Idleness(options, {
      hold: (hold) => this.#connection?.hold(hold),
      alwaysHolds: () => this.#connection!.alwaysHolds,
      mayRetire: () => this.#state === "ready" && events.mayRetire(),
      retire: () => this.#retire(),
    });
  }

  /** Number of the worker in its pool. */
  get index(): number {
    return this.#options.index;
  }

  /** Where the worker runs. */
  get kind(): ExecutorKind {
    return this.#options.kind;
  }

  /** True when tasks may be sent. */
  get isReady(): boolean {
    return this.#state === "ready" && !this.#isSpent;
  }

  /** True when it takes tasks or soon will. */
  get isAlive(): boolean {
    return this.#state === "starting" || this.#state === "building" ||
      this.isReady;
  }

  /** True when it ever began a task. */
  get hasBegun(): boolean {
    return this.#started !== 0;
  }

  /** Tasks that it holds, given up ones included. */
  get load(): number {
    return this.#inFlight.size;
  }

  /** Tasks that it holds and somebody waits for. */
  get waitedFor(): number {
    return this.#inFlight.size - this.#abandoned;
  }

  /** Tasks that may be sent now. */
  get room(): number {
    if (!this.isReady) return 0;
    const { concurrencyPerWorker, maxTasksPerWorker, keepsBack } =
      this.#options;
    let room = concurrencyPerWorker - this.#inFlight.size;
    if (maxTasksPerWorker !== undefined) {
      room = Math.min(room, maxTasksPerWorker - this.#tasksTaken);
    }
    if (keepsBack()) {
      room = Math.min(room, this.#credit.room(this.#sent, this.#started));
    }
    return room;
  }

  /** Time for which it held tasks, in ms. */
  busyMs(now: number): number {
    return this.#busyMs + (this.#busySince > 0 ? now - this.#busySince : 0);
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

  /** Sends tasks together; those that move objects travel alone. */
  send(tasks: PendingTask[], now: number): void {
    this.#idleness.end();
    const lone = tasks.length === 1 && this.#inFlight.size === 0;
    this.#tasksTaken += tasks.length;
    if (this.#busySince === 0) this.#busySince = now;
    if (!this.#sendSmall(tasks, now)) this.#sendApart(tasks, now);
    this.#watch?.sent(now, lone, this.#credit.taskUs > LONG_US);
    if (this.#inFlight.size === 0) this.#rest();
  }

  /** Remembers that a running task was given up; `flushAborts` tells the worker. */
  abandon(task: PendingTask, reason: unknown): void {
    if (this.#inFlight.get(task.seq) !== task) return;
    this.#abandoned++;
    this.#abortIds.push(task.seq);
    this.#abortReasons.push(valueToReason(reason));
    const { graceMs } = task.extras ?? {};
    if (graceMs === undefined || this.#options.kind === "inline") return;
    startTimer(
      () => {
        const goesOn = this.#inFlight.get(task.seq) === task &&
          this.#began(task);
        if (goesOn) this.#broken("was ended: a task went on after its abort");
      },
      graceMs,
      true,
    );
  }

  /** Tells the worker which tasks were given up, in one message. */
  flushAborts(): void {
    if (this.#abortIds.length === 0) return;
    const ids = this.#abortIds;
    const reasons = this.#abortReasons;
    this.#abortIds = [];
    this.#abortReasons = [];
    if (this.#state === "ready") {
      this.#post({ type: "abort", ids, reasons });
      this.#rest();
    }
  }

  /** The reader of a stream took items. */
  pull(task: PendingTask, count: number): void {
    if (this.#inFlight.get(task.seq) !== task) return;
    this.#post({ type: "pull", id: task.seq, count });
  }

  /** Lets the handler close what it holds, then ends the worker. */
  close(): Promise<Error | undefined> {
    if (this.#state === "starting") this.#end({ why: "closed" });
    else if (this.#state !== "closing" && this.#state !== "ended") {
      this.#state = "closing";
      this.#idleness.stop();
      this.#post({ type: "close" });
    }
    return this.gone;
  }

  /** Ends the worker as it stands. */
  kill(): void {
    this.#end({ why: "closed" });
  }

  get #isSpent(): boolean {
    return this.#tasksTaken >= (this.#options.maxTasksPerWorker ?? Infinity);
  }

  /** Number of the last task that began, as far as this side can see. */
  get #started(): number {
    return this.#lane?.started ?? this.#progress.started;
  }

  #began(task: PendingTask): boolean {
    return ((task.seq - this.#started) | 0) <= 0;
  }

  #post(message: ToWorker, transfer?: readonly ArrayBufferLike[]): void {
    this.#connection!.post(message, transfer);
    this.#lane?.countPosted();
  }

  /** Sends tasks through shared memory, if all of them fit there and none would overtake a message. */
  #sendSmall(tasks: PendingTask[], now: number): boolean {
    const lane = this.#lane;
    if (!lane || ((this.#posted - lane.started) | 0) > 0) return false;
    for (const { payload, extras } of tasks) {
      if (!isSmall(payload)) return false;
      if (extras && (extras.transfer || extras.onItems)) return false;
      if (extras?.runTimeoutMs) return false;
    }
    if (lane.tasks.room() < tasks.length) return false;
    for (const task of tasks) {
      this.#admit(task, now);
      lane.tasks.push(task.seq, task.payload);
    }
    lane.tasks.publish();
    if (lane.wake("worker")) this.#connection!.post(DOORBELL);
    this.#events.posted();
    return true;
  }

  #sendApart(tasks: PendingTask[], now: number): void {
    let batch: PendingTask[] = [];
    for (const task of tasks) {
      if (!task.extras?.transfer?.length) {
        batch.push(task);
        continue;
      }
      this.#sendMessage(batch, now);
      batch = [];
      this.#sendMessage([task], now, task.extras.transfer);
    }
    this.#sendMessage(batch, now);
  }

  #sendMessage(
    tasks: PendingTask[],
    now: number,
    transfer?: readonly ArrayBufferLike[],
  ): void {
    if (tasks.length === 0) return;
    const first = (this.#sent + 1) | 0;
    const payloads = tasks.map((task) => task.payload);
    const marks = marksOf(tasks, payloads);
    try {
      if (transfer) checkTransfer(transfer);
      const message = { type: "run", first, tasks: payloads } as const;
      this.#post(marks ? { ...message, marks } : message, transfer);
    } catch (cause) {
      if (tasks.length > 1) {
        for (const task of tasks) this.#sendMessage([task], now);
      } else {
        const [task] = tasks as [PendingTask];
        const error = notCloneable("task", task.payload, cause);
        this.#events.failed(task, error);
        this.#events.over(task);
      }
      return;
    }
    for (const task of tasks) {
      this.#admit(task, now);
      if (task.extras?.runTimeoutMs) this.#timed.push(task);
    }
    this.#posted = this.#sent;
    this.#events.posted();
  }

  #admit(task: PendingTask, now: number): void {
    task.state = "running";
    task.sentAt = now;
    task.seq = this.#sent = (this.#sent + 1) | 0;
    if (task.extras) task.extras.attempts++;
    this.#inFlight.set(task.seq, task);
  }

  #receive(message: unknown): void {
    if (this.#state === "ended" || !isFromWorker(message)) return;
    // What is in shared memory came before.
    if (this.#lane) this.#drain();
    if (message !== DOORBELL) this.#take(message);
    this.#watch?.sleep();
  }

  #take(message: Exclude<FromWorker, typeof DOORBELL>): void {
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
        this.#takeResults(message);
        this.#learn(message);
        this.#settleDown();
        break;
      case "progress":
        this.#learn(message);
        this.#events.room();
        break;
      case "items": {
        const { onItems } = this.#inFlight.get(message.id)?.extras ?? {};
        onItems?.(message.values);
        break;
      }
      case "closed":
        this.#end({
          why: "closed",
          error: message.error && this.#revive(message.error),
        });
        break;
      case "farewell":
        this.#learn(message);
        this.#saidFarewell = true;
        this.#broken(`ended itself with ${message.reason}`);
        break;
    }
  }

  #takeResults(message: Extract<FromWorker, { type: "done" }>): void {
    const { ids, values, failedIds, errors } = message;
    for (let at = 0; at < values.length; at++) {
      const id = typeof ids === "number" ? (ids + at) | 0 : ids[at]!;
      const task = this.#leave(id);
      if (task) this.#events.settled(task, values[at]);
    }
    for (let at = 0; at < failedIds.length; at++) {
      const task = this.#leave(failedIds[at]!);
      if (!task || task.state === "settled") continue;
      this.#events.failed(task, this.#revive(errors[at]!));
    }
  }

  /** Takes the results that are in shared memory; false when there are none. */
  #drain(): boolean {
    const { results } = this.#lane!;
    if (this.#state === "ended" || !results.take()) return false;
    do {
      const { seq, value } = results;
      const task = this.#leave(seq);
      if (task) this.#events.settled(task, value);
    } while (results.take());
    results.free();
    const { started, busyUs } = this.#lane!;
    this.#learn({ started, busyUs });
    this.#settleDown();
    return true;
  }

  /** After results: lets the pool send more, or rests. */
  #settleDown(): void {
    if (this.#inFlight.size === 0) {
      const now = performance.now();
      this.#watch?.done(now);
      this.#busyMs += now - this.#busySince;
      this.#busySince = 0;
    }
    if (this.#isSpent && this.waitedFor === 0) this.close();
    this.#rest();
    this.#events.room();
  }

  #learn({ started, busyUs }: Progress): void {
    this.#progress = { started, busyUs };
    this.#credit.learn(this.#progress);
    if (this.#timed.length === 0) return;
    this.#timed = this.#timed.filter((task) => {
      if (!this.#began(task)) return task.state === "running";
      if (task.state === "running") this.#events.began(task);
      return false;
    });
  }

  #hello(): void {
    if (this.#state !== "starting") return;
    this.#startTimer?.stop();
    this.#state = "building";
    const { init, kind, sharedMemory } = this.#options;
    if (kind !== "inline" && sharedMemory === "auto") {
      this.#lane = SharedLane.open();
    }
    try {
      const memory = this.#lane?.memory;
      this.#post(
        memory ? { type: "init", init, memory } : {
          type: "init",
          init,
        },
      );
    } catch (cause) {
      const error = notCloneable("init", init, cause);
      this.#end({ why: "failed", error });
      return;
    }
    if (this.#lane) {
      this.#watch = new LaneWatch(this.#lane, () => this.#drain());
    }
    this.#events.started();
  }

  /** Takes a task out that the worker is through with. */
  #leave(seq: number): PendingTask | undefined {
    const task = this.#inFlight.get(seq);
    if (!task) return undefined;
    this.#inFlight.delete(seq);
    if (task.state === "settled") this.#abandoned--;
    if (task.extras) this.#events.over(task);
    return task;
  }

  #revive(data: Parameters<typeof dataToError>[0]): Error {
    return dataToError(data, this.#options.reviveError);
  }

  #broken(reason: string, cause?: unknown): void {
    const { kind, name } = this.#options;
    const who = name === undefined
      ? `${kind} worker`
      : `${kind} worker ${name}`;
    const data = { kind, reason };
    if (this.#state === "starting") {
      const message = `the ${who} ${reason}`;
      const error = new ExecutorError("WORKER_REFUSED", message, {
        data,
        cause,
      });
      this.#end({ why: "refused", error });
      return;
    }
    // What it had done before counts.
    if (this.#lane && this.#state !== "ended") this.#drain();
    const error = new WorkerLostError(
      "WORKER_LOST",
      `the ${who} ${reason}; tasks in flight: ${this.waitedFor}`,
      { data, cause },
    );
    if (this.#state === "building") this.#end({ why: "failed", error });
    else if (this.#state === "closing") this.#end({ why: "closed", error });
    else this.#end({ why: "lost", error });
  }

  #end(end: SlotEnd): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#startTimer?.stop();
    this.#idleness.stop();
    this.#watch?.stop();
    const tasks = [...this.#inFlight.values()];
    // Without shared memory it cannot be known which tasks began since the worker last told.
    const knows = this.#lane !== undefined || this.#saidFarewell;
    const isUnbegun = (task: PendingTask) => knows && !this.#began(task);
    const unbegun = tasks.filter(isUnbegun);
    const begun = tasks.filter((task) => !isUnbegun(task));
    this.#inFlight.clear();
    this.#release(end.why === "closed" ? end.error : undefined);
    this.#events.ended(end, begun, unbegun);
  }

  async #release(error: Error | undefined): Promise<void> {
    try {
      await this.#connection?.end();
      this.#setGone(error);
    } catch (endError) {
      this.#setGone(error ?? endError as Error);
    }
  }

  /** Begins to rest when nobody waits for anything. */
  #rest(): void {
    if (this.#state !== "ready" || this.#options.stateful) return;
    if (this.waitedFor === 0) this.#idleness.begin();
  }

  #retire(): void {
    this.close();
    // Nobody waits for it: it must not keep the process alive.
    this.#idleness.hold(false);
    startTimer(() => this.kill(), IDLE_CLOSE_MS, true);
  }
}
