import { ExecutorError } from "../errors.ts";
import { wholeNumber } from "./check.ts";
import { Crew } from "./crew.ts";
import { addCallerStack } from "./error_data.ts";
import { Histogram } from "./histogram.ts";
import { Listeners } from "./listeners.ts";
import { executorClosed, readOptions, type Settings } from "./options.ts";
import { ResultStream } from "./result_stream.ts";
import type { SlotEnd } from "./slot_types.ts";
import { StackBudget } from "./stack_budget.ts";
import type { TaskExtras } from "./task_extras.ts";
import { readTaskOptions } from "./task_options.ts";
import { PendingTask } from "./task_queue.ts";
import { startTimer } from "./timer.ts";
import type {
  Executor,
  ExecutorEvents,
  ExecutorKind,
  ExecutorOptions,
  ExecutorStats,
  RunOptions,
  StreamOptions,
} from "./types.ts";
import { WaitingRoom } from "./waiting_room.ts";
import type { WorkerSlot } from "./worker_slot.ts";

/** Times that a task is handed over at most, when its workers die. */
const MAX_ATTEMPTS = 3;

interface Waiter {
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** The executor: what waits, who runs it, and what goes where. */
export class WorkerPool implements Executor {
  readonly #settings: Settings;
  readonly #crew: Crew;
  readonly #waiting = new WaitingRoom();
  readonly #listeners = new Listeners();
  readonly #wait = new Histogram();
  readonly #run = new Histogram();
  readonly #stacks = new StackBudget();
  #warm: Waiter[] = [];
  #roomSeekers: (() => void)[] = [];
  #drainers: (() => void)[] = [];
  #nextId = 0;
  #unsettled = 0;
  #scheduled = false;
  /** Time of the tick in which tasks are submitted. */
  #now = 0;
  /** Time at which the results came that are being handed out. */
  #resultsAt = 0;
  /** Final: every call gets it. */
  #lost: Error | undefined;
  #closed = false;
  #closing: Promise<void> | undefined;
  #settled = 0;
  #submitted = 0;
  #messages = 0;
  #workersLost = 0;
  #requeued = 0;
  /** Of workers that are gone, in ms. */
  #busyMs = 0;
  readonly #bornAt = new Map<WorkerSlot, number>();
  #livedMs = 0;

  /** Checks the options; starts nothing. */
  constructor(options: ExecutorOptions) {
    const settings = this.#settings = readOptions(options);
    this.#crew = new Crew(settings, {
      ready: () => this.#ready(),
      settled: (task, value) => {
        if (this.#settle(task)) task.resolve(value);
      },
      failed: (task, error) => this.#fail(task, error),
      over: (task) => {
        if (this.#waiting.leave(task)) this.#schedule();
      },
      began: (task) => this.#limitRun(task),
      mayRetire: () => true,
      room: () => {
        this.#resultsAt = 0;
        if (this.#waiting.size > 0) this.#flush();
      },
      posted: () => this.#messages++,
      ended: (slot, end, begun, unbegun) => {
        this.#ended(slot, end, begun, unbegun);
      },
      startFailed: (error) => this.#startFailed(error),
      refused: (error) => this.#listeners.tell("refused", { error }),
      placed: () => this.#schedule(),
      isUnwanted: () => this.#closed && this.#unsettled === 0,
      keepsBack: () => settings.maxWorkers > 1 || this.#waiting.hasPriorities,
    });
    const { signal } = options;
    if (signal?.aborted) this.close({ force: true });
    else if (signal) {
      const end = () => this.close({ force: true }).catch(() => {});
      signal.addEventListener("abort", end, { once: true });
      this.#forgetSignal = () => signal.removeEventListener("abort", end);
    }
  }
  #forgetSignal = () => {};

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
    const buffer = wholeNumber("buffer", options.buffer ?? 64, 1, 1_000_000);
    const extras = readTaskOptions(options, this.#settings);
    return new ResultStream(
      {
        begin: (onItems, signal) => {
          extras.buffer = buffer;
          extras.onItems = (values) => {
            extras.hasItems = true;
            onItems(values);
          };
          let submitted: PendingTask | undefined;
          const result = this.#submit(
            payload,
            extras,
            signal,
            extras.timeoutMs,
            (task) => submitted = task,
          );
          const pull = (count: number) => {
            for (const slot of this.#crew.slots) {
              if (submitted) slot.pull(submitted, count);
            }
          };
          return { result, pull };
        },
      },
      buffer,
      options,
    );
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
    return new Promise((resolve, reject) => {
      this.#warm.push({ resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when there is room in the queue. */
  room(): Promise<void> {
    if (!this.#isFull) return Promise.resolve();
    return new Promise((resolve) => this.#roomSeekers.push(resolve));
  }

  /** Resolves when all is settled. */
  drain(): Promise<void> {
    if (this.#unsettled === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drainers.push(resolve));
  }

  /** Counters since the start. */
  stats(): ExecutorStats {
    const now = performance.now();
    const alive = this.#crew.alive();
    let busyMs = this.#busyMs;
    let livedMs = this.#livedMs;
    let inFlight = 0;
    for (const [slot, bornAt] of this.#bornAt) {
      busyMs += slot.busyMs(now);
      livedMs += now - bornAt;
    }
    for (const slot of this.#crew.slots) inFlight += slot.waitedFor;
    return {
      submitted: this.#submitted,
      settled: this.#settled,
      messages: this.#messages,
      workersStarted: this.#crew.started,
      workersLost: this.#workersLost,
      requeued: this.#requeued,
      queued: this.#waiting.size,
      inFlight,
      workers: alive.length,
      utilisation: livedMs === 0 ? 0 : Math.min(1, busyMs / livedMs),
      wait: this.#wait.summary(),
      run: this.#run.summary(),
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
    this.#forgetSignal();
    this.#closing ??= this.#shutDown();
    if (options.force) {
      this.#rejectWaiting(executorClosed());
      for (const slot of this.#crew.slots) slot.kill();
    }
    return this.#closing;
  }

  /** The same as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #submit(
    payload: unknown,
    extras: TaskExtras | undefined,
    signal?: AbortSignal,
    timeoutMs?: number,
    submitted?: (task: PendingTask) => void,
  ): Promise<unknown> {
    const refusal = this.#refuse(signal);
    if (refusal) return this.#refused(refusal.reason);
    this.#submitted++;
    this.#schedule();
    return new Promise((resolve, reject) => {
      const origin = this.#stacks.take(this.#now) ? new Error() : undefined;
      const task = new PendingTask(
        this.#nextId++,
        payload,
        this.#now,
        origin,
        extras,
        resolve,
        reject,
      );
      if (extras) this.#limit(task, extras, signal, timeoutMs);
      this.#unsettled++;
      this.#waiting.push(task);
      submitted?.(task);
    });
  }

  #refused(reason: unknown): Promise<never> {
    this.#submitted++;
    this.#settled++;
    return Promise.reject(reason);
  }

  /** Gives a task up when its signal or its time says so. */
  #limit(
    task: PendingTask,
    extras: TaskExtras,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
  ): void {
    if (signal) {
      const giveUp = () => this.#giveUp(task, signal.reason);
      signal.addEventListener("abort", giveUp, { once: true });
      extras.release = () => signal.removeEventListener("abort", giveUp);
    }
    if (timeoutMs === undefined) return;
    extras.timer = startTimer(() => {
      this.#giveUp(task, timeout("TASK_TIMEOUT", "submission", { timeoutMs }));
    }, timeoutMs);
  }

  #limitRun(task: PendingTask): void {
    const { extras } = task;
    if (!extras?.runTimeoutMs || extras.runTimer) return;
    const { runTimeoutMs } = extras;
    extras.runTimer = startTimer(() => {
      this.#giveUp(task, timeout("RUN_TIMEOUT", "its start", { runTimeoutMs }));
    }, runTimeoutMs);
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
    const { maxQueue } = this.#settings;
    const waiting = queued - this.#room;
    return {
      reason: new ExecutorError(
        "QUEUE_FULL",
        `the executor's queue is full: ${waiting} tasks wait, maxQueue is ${maxQueue}`,
        { data: { waiting, maxQueue } },
      ),
    };
  }

  get #isFull(): boolean {
    const { maxQueue } = this.#settings;
    // What leaves at the end of this microtask does not wait.
    return this.#waiting.size >= maxQueue &&
      this.#waiting.size - this.#room >= maxQueue;
  }

  get #room(): number {
    let room = 0;
    for (const slot of this.#crew.slots) room += slot.room;
    return room;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#now = performance.now();
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#waiting.size > 0 || this.#warm.length > 0) this.#provide();
    this.#dispatch();
    for (const slot of this.#crew.slots) slot.flushAborts();
  }

  /** Has the workers started that the waiting tasks want. */
  #provide(): void {
    let wanted = this.#waiting.free;
    for (const slot of this.#crew.slots) if (slot.isAlive) wanted += slot.load;
    const { minWorkers } = this.#settings;
    this.#crew.provide(
      Math.max(wanted, minWorkers, 1),
      this.#waiting.pinnedWorkers(),
    );
  }

  #ready(): void {
    const { kind } = this;
    if (kind) this.#listeners.tell("ready", { kind });
    for (const slot of this.#crew.slots) {
      if (slot.isReady && !this.#bornAt.has(slot)) {
        this.#bornAt.set(slot, performance.now());
      }
    }
    const waiters = this.#warm;
    this.#warm = [];
    for (const { resolve } of waiters) resolve();
    this.#flush();
  }

  #ended(
    slot: WorkerSlot,
    end: SlotEnd,
    begun: PendingTask[],
    unbegun: PendingTask[],
  ): void {
    this.#countLife(slot);
    const error = end.error ?? executorClosed();
    const isLost = end.why === "lost";
    const goesOn = isLost && !this.#settings.stateful;
    // The first of them goes first again.
    const fresh = new Set(unbegun);
    for (const task of [...begun, ...unbegun].reverse()) {
      const mayRunAgain = fresh.has(task) ||
        task.extras?.idempotent && !task.extras.hasItems;
      if (goesOn && mayRunAgain && this.#requeue(task)) continue;
      this.#reject(task, error);
      this.#waiting.leave(task);
    }
    if (isLost) {
      this.#workersLost++;
      this.#listeners.tell("lost", { error });
      if (this.#settings.stateful) this.#lose(error);
    } else if (end.why === "closed") {
      this.#listeners.tell("ended", { kind: slot.kind });
    }
    this.#schedule();
  }

  #countLife(slot: WorkerSlot): void {
    const now = performance.now();
    const bornAt = this.#bornAt.get(slot);
    if (bornAt === undefined) return;
    this.#bornAt.delete(slot);
    this.#livedMs += now - bornAt;
    this.#busyMs += slot.busyMs(now);
  }

  /** Lets a task wait again whose worker died; false when it cannot. */
  #requeue(task: PendingTask): boolean {
    if (task.state !== "running") return false;
    const { extras } = task;
    // What moved away is gone; what kills each worker must not kill all.
    if (extras?.transfer?.length) return false;
    if (extras && extras.attempts >= MAX_ATTEMPTS) return false;
    extras?.runTimer?.stop();
    if (extras) extras.runTimer = undefined;
    task.state = "waiting";
    this.#requeued++;
    this.#waiting.putBack(task);
    return true;
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
    if (this.#settings.stateful) this.#lost = error;
    this.#rejectWaiting(error);
  }

  /** Hands the waiting tasks to the workers that have room, evenly, counting those that will soon be ready. */
  #dispatch(): void {
    if (this.#waiting.size === 0) return;
    const slots = [...this.#crew.slots].filter((slot) => slot.isAlive);
    if (slots.length > 1) slots.sort((a, b) => a.load - b.load);
    const room = slots.map((slot) => slot.room);
    let sharers = 0;
    for (let at = 0; at < slots.length; at++) {
      if (room[at]! > 0 || !slots[at]!.isReady) sharers++;
    }
    const now = performance.now();
    for (let at = 0; at < slots.length; at++) {
      if (room[at]! <= 0) continue;
      const slot = slots[at]!;
      const share = Math.ceil(this.#waiting.free / sharers--) +
        this.#waiting.pinned(slot.index);
      const tasks: PendingTask[] = [];
      const most = Math.min(share, room[at]!);
      while (tasks.length < most) {
        const task = this.#waiting.shift(slot.index);
        if (!task) break;
        this.#wait.record(now - task.submittedAt);
        tasks.push(task);
      }
      if (tasks.length > 0) slot.send(tasks, now);
    }
    if (this.#roomSeekers.length > 0 && !this.#isFull) {
      const seekers = this.#roomSeekers;
      this.#roomSeekers = [];
      for (const resolve of seekers) resolve();
    }
  }

  #giveUp(task: PendingTask, reason: unknown): void {
    const wasRunning = task.state === "running";
    this.#reject(task, reason);
    if (!wasRunning) return;
    for (const slot of this.#crew.slots) slot.abandon(task, reason);
    this.#schedule();
  }

  #rejectWaiting(error: Error): void {
    for (
      let task = this.#waiting.shiftAny();
      task;
      task = this.#waiting.shiftAny()
    ) {
      if (this.#settle(task)) task.reject(error);
      this.#waiting.leave(task);
    }
    const waiters = this.#warm;
    this.#warm = [];
    for (const { reject } of waiters) reject(error);
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
    if (task.state === "running") {
      // Results that come together have one time.
      if (this.#resultsAt === 0) this.#resultsAt = performance.now();
      this.#run.record(this.#resultsAt - task.sentAt);
    }
    task.state = "settled";
    const { extras } = task;
    if (extras) {
      extras.release?.();
      extras.timer?.stop();
      extras.runTimer?.stop();
    }
    this.#settled++;
    if (--this.#unsettled === 0) this.#drained();
    return true;
  }

  #drained(): void {
    this.#listeners.tell("drained", { settled: this.#settled });
    const drainers = this.#drainers;
    this.#drainers = [];
    for (const resolve of drainers) resolve();
  }

  async #shutDown(): Promise<void> {
    const waiters = this.#warm;
    this.#warm = [];
    for (const { reject } of waiters) reject(executorClosed());
    await this.drain();
    const errors = await this.#crew.close();
    if (errors.length > 1) {
      throw new AggregateError(errors, "closing workers failed");
    }
    if (errors.length === 1) throw errors[0];
  }
}

/** The error of a task whose time is up. */
function timeout(
  code: "TASK_TIMEOUT" | "RUN_TIMEOUT",
  since: string,
  data: { [name: string]: number },
): ExecutorError {
  const [[name, ms]] = Object.entries(data) as [[string, number]];
  const message = `the task was not done ${ms} ms after ${since} (${name})`;
  return new ExecutorError(code, message, { data });
}
