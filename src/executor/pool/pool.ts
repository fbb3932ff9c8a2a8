import { runEverywhere } from "./broadcast.ts";
import { WorkerSet } from "./worker_set.ts";
import { FlushSchedule } from "./flush_schedule.ts";
import { addCallerStack } from "../wire/error_data.ts";
import { executorClosed } from "../failures.ts";
import { Gate } from "./gate.ts";
import { dispatch } from "./dispatch.ts";
import { limit, limitRun } from "./limits.ts";
import { Listeners } from "./listeners.ts";
import { Meter } from "./meter.ts";
import { checkClose, readOptions, type Settings } from "./options.ts";
import {
  type PendingTask,
  pendingTask,
  prepareAgain,
  type TaskExtras,
} from "./pending_task.ts";
import { openStream } from "./result_stream.ts";
import { Signals } from "./signals.ts";
import type { SlotEnd } from "./slot_types.ts";
import { StackBudget } from "./stack_budget.ts";
import { readTaskOptions } from "./task_options.ts";
import { startTimer } from "../timer.ts";
import type {
  Executor,
  ExecutorEvents,
  ExecutorKind,
  ExecutorOptions,
  ExecutorStats,
  RunOptions,
  StreamOptions,
} from "../types.ts";
import { Waiters } from "./waiters.ts";
import { DispatchQueue } from "./dispatch_queue.ts";
import type { WorkerSlot } from "./worker_slot.ts";

/** Delay before the rest of `minWorkers` is started, in ms, while no task waits for them. */
const OTHERS_MS = 5;

/** The executor: queues tasks, sends them to workers, and settles them. */
export class WorkerPool implements Executor {
  readonly #settings: Settings;
  readonly #workers: WorkerSet;
  readonly #waiting = new DispatchQueue();
  readonly #listeners = new Listeners();
  readonly #stacks = new StackBudget();
  readonly #signals = new Signals();
  readonly #warm = new Waiters();
  readonly #drainers = new Waiters();
  #nextId = 0;
  #unsettled = 0;
  readonly #flushes = new FlushSchedule(() => this.#flush(), {
    waiting: () => this.#waiting.size,
    inFlight: () => this.#workers.inFlight,
  });
  readonly #gate: Gate;
  #closing: Promise<void> | undefined;
  readonly #meter = new Meter();
  readonly #forgetSignal: () => void;

  /** Checks the options; starts nothing. */
  constructor(options: ExecutorOptions) {
    const settings = this.#settings = readOptions(options);
    this.#workers = new WorkerSet(settings, {
      ready: (slot) => this.#ready(slot),
      settled: (task, value) => {
        if (this.#settle(task)) task.resolve(value);
      },
      failed: (task, error) => this.#fail(task, error),
      over: (task) => {
        this.#waiting.release(task);
        this.#schedule();
      },
      began: (task) => limitRun(task, this.#giveUp),
      room: () => {
        this.#meter.resultsEnd();
        this.#flushes.roomFreed();
      },
      posted: () => this.#meter.messages++,
      ended: (slot, end, begun, unbegun) => {
        this.#ended(slot, end, begun, unbegun);
      },
      startFailed: (error) => this.#startFailed(error),
      refused: (error) => this.#listeners.tell("refused", { error }),
      placed: () => {
        if (this.kind === "inline") this.#waiting.unpin();
        if (this.kind) this.#provide(0);
        this.#schedule();
      },
      isUnwanted: () => this.#gate.isClosed && this.#unsettled === 0,
      keepsBack: () => settings.maxWorkers > 1 || this.#waiting.hasPriorities,
    });
    this.#gate = new Gate(settings, {
      waiting: () => this.#waiting.size,
      room: () => Math.min(this.#workers.room, this.#waiting.ready),
    }, this.#listeners);
    const end = () => void this.close({ force: true }).catch(() => {});
    this.#forgetSignal = this.#signals.whenAborted(options.signal, end);
  }

  /** Where tasks run; `undefined` until a worker has started. */
  get kind(): ExecutorKind | undefined {
    return this.#workers.kind;
  }

  /** Why a preferred kind of worker was refused, if one was. */
  get refusal(): Error | undefined {
    return this.#workers.refusal;
  }

  /** Runs one task. */
  run(payload: unknown, options?: RunOptions): Promise<unknown> {
    if (options === undefined && !this.#settings.hasDefaults) {
      return this.#submit(payload, undefined);
    }
    try {
      if (options === undefined) options = {};
      return this.#submit(payload, readTaskOptions(options, this.#settings));
    } catch (error) {
      return this.#refused(error);
    }
  }

  /** Runs one task that yields many items. */
  stream(
    payload: unknown,
    options: StreamOptions = {},
  ): AsyncIterableIterator<unknown> {
    return openStream(options, this.#settings, this.#signals, {
      begin: (extras) => {
        let begun: PendingTask | undefined;
        const keep = (task: PendingTask) => begun = task;
        const result = this.#submit(payload, extras, keep);
        const pull = (count: number) => {
          for (const slot of this.#workers.slots) slot.pull(begun!, count);
        };
        return { result, pull };
      },
    });
  }

  /** Runs one task on every worker. */
  broadcast(payload: unknown, options: RunOptions = {}): Promise<unknown[]> {
    return runEverywhere(options, this.#settings, this.#signals, {
      alive: () => this.#workers.alive(),
      warm: () => this.warm(),
      submit: (extras) => this.#submit(payload, extras),
    });
  }

  /** Starts a worker and waits until its handler is built. */
  warm(): Promise<void> {
    const end = this.#gate.end();
    if (end) return Promise.reject(end.reason);
    if (this.#workers.isReady) return Promise.resolve();
    this.#schedule();
    return this.#warm.wait();
  }

  /** Resolves when there is room. */
  room(): Promise<void> {
    return this.#gate.room();
  }

  /** Resolves when all tasks are settled. */
  drain(): Promise<void> {
    return this.#unsettled > 0 ? this.#drainers.wait() : Promise.resolve();
  }

  /** Counters since the start. */
  stats(): ExecutorStats {
    return {
      ...this.#meter.summary(),
      workersStarted: this.#workers.started,
      restarts: this.#workers.restarts,
      queued: this.#waiting.size,
      inFlight: this.#workers.inFlight,
      workers: this.#workers.alive().length,
    };
  }

  /** Adds a listener for an event. */
  on<Name extends keyof ExecutorEvents>(
    name: Name,
    listener: (event: ExecutorEvents[Name]) => void,
  ): () => void {
    return this.#listeners.add(name, listener);
  }

  /** Waits for tasks in flight, or with `force` for nothing, then ends the workers. */
  close(options: { force?: boolean } = {}): Promise<void> {
    try {
      checkClose(options);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#gate.close();
    this.#forgetSignal?.();
    this.#closing ??= this.#shutDown();
    if (options.force) {
      this.#rejectWaiting(executorClosed());
      for (const slot of this.#workers.slots) slot.kill();
    }
    return this.#closing;
  }

  /** The same as `close()`. */
  [Symbol.asyncDispose] = () => this.close();

  #submit(
    payload: unknown,
    extras: TaskExtras | undefined,
    submitted?: (task: PendingTask) => void,
  ): Promise<unknown> {
    const refusal = this.#gate.refuse(extras?.signal);
    if (refusal) return this.#refused(refusal.reason);
    this.#meter.submitted++;
    return new Promise((resolve, reject) => {
      const now = this.#flushes.submissionTime();
      const origin = this.#stacks.take(now) ? new Error() : undefined;
      const task = pendingTask({
        id: this.#nextId++,
        payload,
        submittedAt: now,
        origin,
        extras,
        resolve,
        reject,
      });
      if (extras) limit(task, this.#giveUp, this.#signals);
      this.#unsettled++;
      this.#waiting.push(task);
      submitted?.(task);
      this.#schedule();
    });
  }

  #refused(reason: unknown): Promise<never> {
    this.#meter.submitted++;
    this.#meter.settled++;
    return Promise.reject(reason);
  }

  #schedule(): void {
    this.#flushes.schedule();
  }

  #flush(): void {
    this.#flushes.flushed();
    // Starting a worker first would delay the tasks.
    if (this.#waiting.size === 1) this.#dispatch();
    if (this.#waiting.size > 0 || this.#warm.size > 0) this.#provide(1);
    this.#dispatch();
    for (const slot of this.#workers.slots) {
      slot.flushAborts();
      slot.keep(this.#waiting.size > 0);
    }
    if (this.#waiting.size > 0 && this.#workers.isHeld) this.#flushes.later();
  }

  /** Starts the workers that waiting tasks need, and `minWorkers` once the first worker is ready. */
  #provide(least: number): void {
    const wanted = this.#waiting.free + this.#workers.load;
    const minWorkers = this.#workers.isReady && !this.#gate.isClosed
      ? this.#settings.minWorkers
      : 0;
    const pinned = this.#waiting.pinnedWorkers();
    this.#workers.provide(Math.max(wanted, minWorkers, least), pinned);
  }

  #ready(slot: WorkerSlot): void {
    this.#listeners.tell("ready", { kind: slot.kind });
    this.#meter.born(slot);
    this.#warm.resolve();
    this.#flush();
    if (this.#workers.load === 0) return this.#provide(0);
    // Starting the others now would delay the first result.
    startTimer(() => this.#provide(0), OTHERS_MS, true);
  }

  #ended(
    slot: WorkerSlot,
    end: SlotEnd,
    begun: PendingTask[],
    unbegun: PendingTask[],
  ): void {
    this.#meter.died(slot);
    const error = end.error ?? executorClosed();
    const isLost = end.why === "lost";
    const goesOn = isLost && !this.#settings.stateful;
    // In reverse, so that the first one is at the front again.
    const fresh = new Set(unbegun);
    for (const task of [...begun, ...unbegun].reverse()) {
      if (goesOn && prepareAgain(task, fresh.has(task), slot.hasBegun)) {
        this.#meter.requeued++;
        this.#waiting.putBack(task);
        continue;
      }
      this.#reject(task, error);
      this.#waiting.release(task);
    }
    if (isLost) {
      this.#meter.workersLost++;
      this.#listeners.tell("lost", { error });
      if (this.#settings.stateful) this.#lose(error);
      else if (!this.#gate.isClosed) this.#provide(this.#settings.minWorkers);
    } else if (end.why === "closed") {
      this.#listeners.tell("ended", { kind: slot.kind });
    }
    this.#schedule();
  }

  /** Called when a stateful worker is lost. Its state is gone, so none replaces it. */
  #lose(error: Error): void {
    this.#gate.lost = error;
    this.#rejectWaiting(error);
    const { onLost } = this.#settings;
    // In a separate task: an error thrown by the owner's callback must not disturb the pool.
    if (onLost) queueMicrotask(() => onLost(error));
  }

  #startFailed(error: Error): void {
    if (this.#settings.stateful) this.#gate.lost = error;
    this.#rejectWaiting(error);
  }

  #dispatch(): void {
    if (this.#waiting.size === 0) return;
    dispatch(this.#waiting, this.#workers.slots, this.#meter);
    this.#gate.roomFreed();
  }

  #giveUp = (task: PendingTask, reason: unknown) => {
    const wasRunning = task.state === "running";
    this.#reject(task, reason);
    if (wasRunning) {
      for (const slot of this.#workers.slots) slot.abandon(task, reason);
    }
    this.#schedule();
  };

  #rejectWaiting(error: Error): void {
    for (;;) {
      const task = this.#waiting.shiftAny();
      if (!task) break;
      if (this.#settle(task)) task.reject(error);
      this.#waiting.release(task);
    }
    this.#gate.roomFreed();
    this.#warm.reject(error);
  }

  #fail(task: PendingTask, error: Error): void {
    if (!this.#settle(task)) return;
    if (task.origin) addCallerStack(error, task.origin);
    task.reject(error);
  }

  #reject(task: PendingTask, reason: unknown): void {
    const wasWaiting = task.state === "waiting";
    if (!this.#settle(task)) return;
    if (wasWaiting) {
      this.#waiting.remove(task);
      this.#gate.roomFreed();
    }
    task.reject(reason);
  }

  /** Marks a task as settled, and counts it; false when it already was. */
  #settle(task: PendingTask): boolean {
    if (task.state === "settled") return false;
    if (task.state === "running") this.#meter.ran(task.sentAt);
    task.state = "settled";
    const { extras } = task;
    if (extras) {
      extras.release?.();
      extras.timer?.stop();
      extras.runTimer?.stop();
    }
    this.#meter.settled++;
    if (--this.#unsettled === 0) this.#drained();
    return true;
  }

  #drained(): void {
    this.#listeners.tell("drained", { settled: this.#meter.settled });
    this.#drainers.resolve();
  }

  async #shutDown(): Promise<void> {
    this.#warm.reject(executorClosed());
    await this.drain();
    await this.#workers.close();
  }
}
