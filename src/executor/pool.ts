import { ExecutorError } from "../errors.ts";
import { addCallerStack } from "./error_data.ts";
import { executorClosed, readOptions, type Settings } from "./options.ts";
import { Placement } from "./placement.ts";
import type { Connect } from "./protocol.ts";
import { PendingTask, TaskQueue } from "./task_queue.ts";
import type {
  Executor,
  ExecutorKind,
  ExecutorOptions,
  ExecutorStats,
  RunOptions,
} from "./types.ts";
import { type SlotEnd, WorkerSlot } from "./worker_slot.ts";

/** Starts that may fail in a row before the pool waits between further ones. */
const FREE_FAILURES = 3;
const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 30_000;

interface WarmWaiter {
  resolve: () => void;
  reject: (error: Error) => void;
}

/** The executor: queue, workers, and what goes where. */
export class WorkerPool implements Executor {
  readonly #settings: Settings;
  readonly #placement: Placement;
  readonly #queue = new TaskQueue();
  readonly #slots = new Set<WorkerSlot>();
  #place: { kind: ExecutorKind; connect: Connect } | undefined;
  #placing = false;
  #warm: WarmWaiter[] = [];
  #nextId = 0;
  #unsettled = 0;
  #scheduled = false;
  /** Final: every call gets it. */
  #lost: Error | undefined;
  #failures = 0;
  #lastFailure: { error: Error; at: number } | undefined;
  #closed = false;
  #closing: Promise<void> | undefined;
  #drained: (() => void) | undefined;
  #submitted = 0;
  #settled = 0;
  #messages = 0;
  #workersStarted = 0;

  /** Checks the options; starts nothing. */
  constructor(options: ExecutorOptions) {
    this.#settings = readOptions(options);
    this.#placement = new Placement(this.#settings);
  }

  /** Where tasks run; `undefined` until a worker started. */
  get kind(): ExecutorKind | undefined {
    return this.#place?.kind;
  }

  /** Why a better kind was refused, if it was. */
  get refusal(): Error | undefined {
    return this.#placement.refusal;
  }

  /** Runs one task. */
  run(payload: unknown, options: RunOptions = {}): Promise<unknown> {
    const { signal, transfer } = options;
    this.#submitted++;
    const refusal = this.#refuse(signal);
    if (refusal) {
      this.#settled++;
      return Promise.reject(refusal.reason);
    }
    return new Promise((resolve, reject) => {
      const task = new PendingTask(
        this.#nextId++,
        payload,
        transfer,
        new Error(),
        resolve,
        reject,
      );
      if (signal) {
        const giveUp = () => this.#giveUp(task, signal.reason);
        signal.addEventListener("abort", giveUp, { once: true });
        task.release = () => signal.removeEventListener("abort", giveUp);
      }
      this.#unsettled++;
      this.#queue.push(task);
      this.#schedule();
    });
  }

  /** Starts a worker and waits until its handler is built. */
  warm(): Promise<void> {
    const refusal = this.#refuse();
    if (refusal) return Promise.reject(refusal.reason);
    if ([...this.#slots].some((slot) => slot.isReady)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#warm.push({ resolve, reject });
      this.#schedule();
    });
  }

  /** Counters since the start. */
  stats(): ExecutorStats {
    return {
      submitted: this.#submitted,
      settled: this.#settled,
      messages: this.#messages,
      workersStarted: this.#workersStarted,
    };
  }

  /** Waits for tasks in flight, or with `force` for nothing, then ends the workers. */
  close(options: { force?: boolean } = {}): Promise<void> {
    this.#closed = true;
    this.#closing ??= this.#shutDown();
    if (options.force) {
      this.#rejectWaiting(executorClosed());
      for (const slot of this.#slots) slot.kill();
    }
    return this.#closing;
  }

  /** The same as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Why a call cannot be taken, if it cannot. */
  #refuse(signal?: AbortSignal): { reason: unknown } | undefined {
    if (this.#closed) return { reason: executorClosed() };
    if (this.#lost) return { reason: this.#lost };
    if (!signal) return this.#refuseFull();
    return signal.aborted ? { reason: signal.reason } : this.#refuseFull();
  }

  #refuseFull(): { reason: unknown } | undefined {
    const { maxQueue } = this.#settings;
    if (this.#queue.size < maxQueue) return undefined;
    // What leaves at the end of this microtask does not wait.
    let room = 0;
    for (const slot of this.#slots) room += this.#roomOf(slot);
    const waiting = this.#queue.size - room;
    if (waiting < maxQueue) return undefined;
    return {
      reason: new ExecutorError(
        "QUEUE_FULL",
        `the executor's queue is full: ${waiting} tasks wait, maxQueue is ${maxQueue}`,
        { data: { waiting, maxQueue } },
      ),
    };
  }

  #roomOf(slot: WorkerSlot): number {
    return slot.isReady ? this.#settings.concurrencyPerWorker - slot.load : 0;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#queue.size > 0 || this.#warm.length > 0) this.#provide();
    this.#dispatch();
    for (const slot of this.#slots) slot.flushAborts();
  }

  /** Starts the workers that the waiting tasks want. */
  #provide(): void {
    if (this.#placing) return;
    let alive = 0;
    let wanted = this.#queue.size;
    for (const slot of this.#slots) {
      if (!slot.isAlive) continue;
      alive++;
      wanted += slot.load;
    }
    const most = this.kind === "inline" ? 1 : this.#settings.maxWorkers;
    wanted = Math.min(most, Math.max(wanted, 1));
    if (alive < wanted && !this.#mayStart()) {
      if (alive === 0) this.#rejectWaiting(this.#lastFailure!.error);
    } else if (alive < wanted && !this.#place) this.#choosePlace();
    else {
      for (; alive < wanted && this.#mayStart(); alive++) {
        this.#startSlot(this.#place!);
      }
    }
  }

  /** False for a while after starts that failed one after another. */
  #mayStart(): boolean {
    const last = this.#lastFailure;
    if (!last || this.#failures < FREE_FAILURES) return true;
    const backoffMs = FIRST_BACKOFF_MS * 2 ** (this.#failures - FREE_FAILURES);
    return Date.now() - last.at >= Math.min(backoffMs, MAX_BACKOFF_MS);
  }

  /** Finds the first kind of worker that starts here. */
  async #choosePlace(): Promise<void> {
    this.#placing = true;
    try {
      for await (const place of this.#placement.candidates()) {
        if (this.#closed && this.#unsettled === 0) return;
        const refusal = await new Promise<Error | undefined>((resolve) => {
          this.#startSlot(place, resolve);
        });
        // No refusal: it started, or it was closed before it could.
        if (!refusal) return;
        this.#placement.refused(refusal);
      }
      this.#startFailed(this.#placement.failure());
    } catch (error) {
      this.#startFailed(error as Error);
    } finally {
      this.#placing = false;
      this.#schedule();
    }
  }

  #startSlot(
    place: { kind: ExecutorKind; connect: Connect },
    placed?: (refusal?: Error) => void,
  ): void {
    const slot = new WorkerSlot({ ...this.#settings, ...place }, {
      started: () => {
        this.#place ??= place;
        placed?.();
      },
      ready: () => this.#ready(),
      settled: (task, value) => {
        if (this.#settle(task)) task.resolve(value);
      },
      failed: (task, error) => {
        if (!this.#settle(task)) return;
        addCallerStack(error, task.origin);
        task.reject(error);
      },
      room: () => {
        if (this.#queue.size > 0) this.#flush();
      },
      posted: () => this.#messages++,
      ended: (end, tasks) => this.#ended(end, tasks, placed),
    });
    this.#slots.add(slot);
    slot.gone.then(() => this.#slots.delete(slot));
    if (place.kind !== "inline") this.#workersStarted++;
    slot.start();
  }

  #ready(): void {
    this.#failures = 0;
    const waiters = this.#warm;
    this.#warm = [];
    for (const { resolve } of waiters) resolve();
    this.#flush();
  }

  #ended(
    end: SlotEnd,
    tasks: PendingTask[],
    placed?: (refusal?: Error) => void,
  ): void {
    const error = end.error ?? executorClosed();
    for (const task of tasks) this.#reject(task, error);
    if (end.why === "lost" && this.#settings.stateful) this.#lose(error);
    else if (end.why === "failed") this.#startFailed(error);
    else if (end.why === "refused") {
      if (placed) placed(error);
      else this.#startFailed(error);
    } else placed?.();
    this.#schedule();
  }

  /** A stateful worker is gone, and what it knew with it: nothing takes its place. */
  #lose(error: Error): void {
    this.#lost = error;
    this.#rejectWaiting(error);
    const { onLost } = this.#settings;
    // In a microtask of its own: what the owner throws there must not upset the pool.
    if (onLost) queueMicrotask(() => onLost(error));
  }

  #startFailed(error: Error): void {
    this.#failures++;
    this.#lastFailure = { error, at: Date.now() };
    if ([...this.#slots].some((slot) => slot.isAlive)) return;
    if (this.#settings.stateful) this.#lost = error;
    this.#rejectWaiting(error);
  }

  /** Hands the waiting tasks to the workers that have room, evenly, counting those that will soon be ready. */
  #dispatch(): void {
    const alive = [...this.#slots].filter((slot) => slot.isAlive);
    const ready = alive.filter((slot) => this.#roomOf(slot) > 0)
      .sort((a, b) => a.load - b.load);
    let sharers = ready.length +
      alive.filter((slot) => !slot.isReady).length;
    for (const slot of ready) {
      if (this.#queue.size === 0) return;
      const share = Math.ceil(this.#queue.size / sharers--);
      const tasks: PendingTask[] = [];
      const most = Math.min(share, this.#roomOf(slot));
      while (tasks.length < most) tasks.push(this.#queue.shift()!);
      slot.send(tasks);
    }
  }

  #giveUp(task: PendingTask, reason: unknown): void {
    if (task.state === "running") {
      for (const slot of this.#slots) slot.abort(task, reason);
      this.#schedule();
    }
    this.#reject(task, reason);
  }

  #rejectWaiting(error: Error): void {
    for (let task = this.#queue.shift(); task; task = this.#queue.shift()) {
      if (this.#settle(task)) task.reject(error);
    }
    const waiters = this.#warm;
    this.#warm = [];
    for (const { reject } of waiters) reject(error);
  }

  #reject(task: PendingTask, reason: unknown): void {
    const waiting = task.state === "waiting";
    if (!this.#settle(task)) return;
    if (waiting) this.#queue.remove(task);
    task.reject(reason);
  }

  /** Counts a task as settled; false when it was already. */
  #settle(task: PendingTask): boolean {
    if (task.state === "settled") return false;
    task.state = "settled";
    task.release?.();
    this.#settled++;
    if (--this.#unsettled === 0) this.#drained?.();
    return true;
  }

  async #shutDown(): Promise<void> {
    const waiters = this.#warm;
    this.#warm = [];
    for (const { reject } of waiters) reject(executorClosed());
    if (this.#unsettled > 0) {
      await new Promise<void>((resolve) => this.#drained = resolve);
    }
    const errors = (await Promise.all(
      [...this.#slots].map((slot) => slot.close()),
    )).filter((error) => error !== undefined);
    if (errors.length > 1) {
      throw new AggregateError(errors, "closing workers failed");
    }
    if (errors.length === 1) throw errors[0];
  }
}
