import { Crew } from "./crew.ts";
import { Departure, FEW } from "./departure.ts";
import { addCallerStack } from "./error_data.ts";
import { handOut } from "./hand_out.ts";
import { limit, limitRun, whenAborted } from "./limits.ts";
import { Listeners } from "./listeners.ts";
import { Meter } from "./meter.ts";
import {
  executorClosed,
  queueFull,
  readOptions,
  type Settings,
} from "./options.ts";
import { openStream } from "./result_stream.ts";
import type { SlotEnd } from "./slot_types.ts";
import { prepareAgain } from "./second_chance.ts";
import { StackBudget } from "./stack_budget.ts";
import type { TaskExtras } from "./task_extras.ts";
import { readTaskOptions } from "./task_options.ts";
import { PendingTask } from "./task_queue.ts";
import type {
  Executor,
  ExecutorEvents,
  ExecutorKind,
  ExecutorOptions,
  ExecutorStats,
  RunOptions,
  StreamOptions,
} from "./types.ts";
import { Waiters } from "./waiters.ts";
import { WaitingRoom } from "./waiting_room.ts";
import type { WorkerSlot } from "./worker_slot.ts";

/** The executor: what waits, who runs it, and what goes where. */
export class WorkerPool implements Executor {
  readonly #settings: Settings;
  readonly #crew: Crew;
  readonly #waiting = new WaitingRoom();
  readonly #listeners = new Listeners();
  readonly #stacks = new StackBudget();
  readonly #warm = new Waiters();
  readonly #roomSeekers = new Waiters();
  readonly #drainers = new Waiters();
  #nextId = 0;
  #unsettled = 0;
  readonly #departure = new Departure(
    () => this.#flush(),
    () =>
      this.#waiting.size > 0 && this.#waiting.size * FEW < this.#crew.inFlight,
  );
  #lost: Error | undefined;
  #closed = false;
  #closing: Promise<void> | undefined;
  readonly #meter = new Meter();
  readonly #forgetSignal: () => void;

  /** Checks the options; starts nothing. */
  constructor(options: ExecutorOptions) {
    const settings = this.#settings = readOptions(options);
    this.#crew = new Crew(settings, {
      ready: (slot) => this.#ready(slot),
      settled: (task, value) => {
        if (this.#settle(task)) task.resolve(value);
      },
      failed: (task, error) => this.#fail(task, error),
      over: (task) => {
        this.#waiting.leave(task);
        this.#schedule();
      },
      began: (task) => limitRun(task, this.#giveUp),
      room: () => {
        this.#meter.resultsEnd();
        if (this.#waiting.size > 0 && !this.#departure.gathers) this.#flush();
      },
      posted: () => this.#meter.messages++,
      ended: (slot, end, begun, unbegun) => {
        this.#ended(slot, end, begun, unbegun);
      },
      startFailed: (error) => this.#startFailed(error),
      refused: (error) => this.#listeners.tell("refused", { error }),
      placed: () => {
        if (this.kind && !this.#closed) this.#provide(0);
        this.#schedule();
      },
      isUnwanted: () => this.#closed && this.#unsettled === 0,
      keepsBack: () => settings.maxWorkers > 1 || this.#waiting.hasPriorities,
    });
    const end = () => void this.close({ force: true }).catch(() => {});
    this.#forgetSignal = whenAborted(options.signal, end);
  }

  /** Where tasks run; `undefined` until a worker started. */
  get kind(): ExecutorKind | undefined {
    return this.#crew.kind;
  }

  /** Why a better kind was refused, if it was. */
  get refusal(): Error | undefined {
    return this.#crew.refusal;
  }

  /** Runs one task. */
  run(payload: unknown, options?: RunOptions): Promise<unknown> {
    if (options === undefined && !this.#settings.hasDefaults) {
      return this.#submit(payload, undefined);
    }
    try {
      const extras = readTaskOptions(options ?? {}, this.#settings);
      return this.#submit(payload, extras, options?.signal, extras.timeoutMs);
    } catch (error) {
      return this.#refused(error);
    }
  }

  /** Runs one task that gives many items. */
  stream(
    payload: unknown,
    options: StreamOptions = {},
  ): AsyncIterableIterator<unknown> {
    return openStream(options, this.#settings, {
      begin: (extras, signal) => {
        let begun: PendingTask | undefined;
        const keep = (task: PendingTask) => begun = task;
        const { timeoutMs } = extras;
        const result = this.#submit(payload, extras, signal, timeoutMs, keep);
        const pull = (count: number) => {
          for (const slot of this.#crew.slots) slot.pull(begun!, count);
        };
        return { result, pull };
      },
    });
  }

  /** Runs one task on every worker. */
  async broadcast(
    payload: unknown,
    options: RunOptions = {},
  ): Promise<unknown[]> {
    readTaskOptions(options, this.#settings);
    if (this.#crew.alive().length === 0) await this.warm();
    return await Promise.all(
      this.#crew.alive().map(({ index }) => {
        const extras = readTaskOptions(options, this.#settings);
        extras.worker = index;
        return this.#submit(payload, extras, options.signal, extras.timeoutMs);
      }),
    );
  }

  /** Starts a worker and waits until its handler is built. */
  warm(): Promise<void> {
    const refusal = this.#refuse();
    if (refusal) return Promise.reject(refusal.reason);
    if (this.#crew.isReady) return Promise.resolve();
    this.#schedule();
    return this.#warm.wait();
  }

  /** Resolves when there is room. */
  room(): Promise<void> {
    return this.#isFull ? this.#roomSeekers.wait() : Promise.resolve();
  }

  /** Resolves when all is settled. */
  drain(): Promise<void> {
    return this.#unsettled > 0 ? this.#drainers.wait() : Promise.resolve();
  }

  /** Counters since the start. */
  stats(): ExecutorStats {
    return {
      ...this.#meter.summary(),
      workersStarted: this.#crew.started,
      restarts: this.#crew.restarts,
      queued: this.#waiting.size,
      inFlight: this.#crew.inFlight,
      workers: this.#crew.alive().length,
    };
  }

  /** Calls back at each event of a name. */
  on<Name extends keyof ExecutorEvents>(
    name: Name,
    listener: (event: ExecutorEvents[Name]) => void,
  ): () => void {
    return this.#listeners.add(name, listener);
  }

  /** Waits for tasks in flight, or with `force` for nothing, then ends the workers. */
  close(options: { force?: boolean } = {}): Promise<void> {
    this.#closed = true;
    this.#forgetSignal?.();
    this.#closing ??= this.#shutDown();
    if (options.force) {
      this.#rejectWaiting(executorClosed());
      for (const slot of this.#crew.slots) slot.kill();
    }
    return this.#closing;
  }

  /** The same as `close()`. */
  [Symbol.asyncDispose] = () => this.close();

  #submit(
    payload: unknown,
    extras: TaskExtras | undefined,
    signal?: AbortSignal,
    timeoutMs?: number,
    submitted?: (task: PendingTask) => void,
  ): Promise<unknown> {
    const refusal = this.#refuse(signal);
    if (refusal) return this.#refused(refusal.reason);
    this.#meter.submitted++;
    return new Promise((resolve, reject) => {
      const now = this.#departure.enter();
      const origin = this.#stacks.take(now) ? new Error() : undefined;
      const task = new PendingTask(
        this.#nextId++,
        payload,
        now,
        origin,
        extras,
        resolve,
        reject,
      );
      if (extras) limit(task, this.#giveUp, signal, timeoutMs);
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

  /** Why a call cannot be taken, if it cannot. */
  #refuse(signal?: AbortSignal): { reason: unknown } | undefined {
    if (this.#closed) return { reason: executorClosed() };
    if (this.#lost) return { reason: this.#lost };
    if (signal?.aborted) return { reason: signal.reason };
    if (!this.#isFull) return undefined;
    const queued = this.#waiting.size;
    this.#listeners.tell("full", { queued });
    if (this.#settings.whenFull === "wait") return undefined;
    return {
      reason: queueFull(queued - this.#crew.room, this.#settings.maxQueue),
    };
  }

  get #isFull(): boolean {
    const { maxQueue } = this.#settings;
    // What leaves at the end of this microtask does not wait.
    return this.#waiting.size >= maxQueue &&
      this.#waiting.size - this.#crew.room >= maxQueue;
  }

  #schedule(): void {
    this.#departure.schedule();
  }

  #flush(): void {
    this.#departure.left();
    // The start of a worker would hold it up.
    if (this.#waiting.size === 1) this.#dispatch();
    if (this.#waiting.size > 0 || this.#warm.size > 0) this.#provide(1);
    this.#dispatch();
    for (const slot of this.#crew.slots) slot.flushAborts();
  }

  /** Has the workers started that the waiting tasks want, and the least number once the first need not share with them. */
  #provide(least: number): void {
    const wanted = this.#waiting.free + this.#crew.load;
    const minWorkers = this.#crew.isReady ? this.#settings.minWorkers : 0;
    const pinned = this.#waiting.pinnedWorkers();
    this.#crew.provide(Math.max(wanted, minWorkers, least), pinned);
  }

  #ready(slot: WorkerSlot): void {
    this.#listeners.tell("ready", { kind: slot.kind });
    this.#meter.born(slot);
    this.#warm.resolve();
    this.#flush();
    this.#provide(0);
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
    // The first of them goes first again.
    const fresh = new Set(unbegun);
    for (const task of [...begun, ...unbegun].reverse()) {
      if (goesOn && prepareAgain(task, fresh.has(task))) {
        this.#meter.requeued++;
        this.#waiting.putBack(task);
        continue;
      }
      this.#reject(task, error);
      this.#waiting.leave(task);
    }
    if (isLost) {
      this.#meter.workersLost++;
      this.#listeners.tell("lost", { error });
      if (this.#settings.stateful) this.#lose(error);
    } else if (end.why === "closed") {
      this.#listeners.tell("ended", { kind: slot.kind });
    }
    this.#schedule();
  }

  /** A stateful worker is gone, and what it knew with it: nothing takes its place. */
  #lose(error: Error): void {
    this.#lost = error;
    this.#rejectWaiting(error);
    const { onLost } = this.#settings;
    // Apart: what the owner throws there must not upset the pool.
    if (onLost) queueMicrotask(() => onLost(error));
  }

  #startFailed(error: Error): void {
    if (this.#settings.stateful) this.#lost = error;
    this.#rejectWaiting(error);
  }

  #dispatch(): void {
    if (this.#waiting.size === 0) return;
    handOut(this.#waiting, this.#crew.slots, this.#meter);
    if (this.#roomSeekers.size > 0 && !this.#isFull) {
      this.#roomSeekers.resolve();
    }
  }

  #giveUp = (task: PendingTask, reason: unknown) => {
    const wasRunning = task.state === "running";
    this.#reject(task, reason);
    if (!wasRunning) return;
    for (const slot of this.#crew.slots) slot.abandon(task, reason);
    this.#schedule();
  };

  #rejectWaiting(error: Error): void {
    for (;;) {
      const task = this.#waiting.shiftAny();
      if (!task) break;
      if (this.#settle(task)) task.reject(error);
      this.#waiting.leave(task);
    }
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
    if (wasWaiting) this.#waiting.remove(task);
    task.reject(reason);
  }

  /** Counts a task as settled; false when it was already. */
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
    await this.#crew.close();
  }
}
