import { Credit } from "./credit.ts";
import type { HeldTasks } from "./held_tasks.ts";
import { mayBeEnded, type PendingTask } from "./pending_task.ts";
import type { Progress } from "../wire/protocol.ts";
import type { SharedLane } from "../wire/shared_lane.ts";

/** The pool does not poll for results of tasks that take longer, in µs. */
const LONG_US = 200;
/** Time after which one task holds the worker's thread, in ms. */
const HELD_MS = 10;

/** How far a worker has come with the tasks it was given. */
export class WorkerProgress {
  /** Shared memory, where progress can be read at any time. */
  lane: SharedLane | undefined;
  /**
   * Numbers of the tasks that the worker must ask about before it begins the next one, because they may be ended. Used
   * without shared memory: the worker cannot have begun any task after the first of these.
   */
  readonly #gates: number[] = [];
  /** True when the worker's last report is exact. */
  #isExact = false;
  /** True when the worker could not read all of its tasks. */
  #lacksTasks = false;
  #mayHaveBegun = false;
  readonly #credit = new Credit();
  /** Tasks whose start is to be reported. */
  #watched: PendingTask[] = [];
  #progress: Progress = { started: 0, busyUs: 0 };
  readonly #onBegan: (task: PendingTask) => void;

  /** `onBegan` is called when a watched task has begun. */
  constructor(onBegan: (task: PendingTask) => void) {
    this.#onBegan = onBegan;
  }

  /** Number of the last task that began, as far as this side can see. */
  get started(): number {
    return this.lane?.started ?? this.#progress.started;
  }

  /** True once it has begun a task. When it is gone: also when it may have, and had no time to say so. */
  get hasBegun(): boolean {
    return this.#mayHaveBegun || this.started !== 0;
  }

  /** True when tasks take long. */
  get areTasksLong(): boolean {
    return this.#credit.taskUs > LONG_US;
  }

  /** How many tasks may be sent ahead of their turn after the one numbered `last`. */
  room(last: number): number {
    return this.#credit.room(last, this.started);
  }

  /** True when a task holds the worker's thread: what is sent now would wait for its end. */
  isHeld(held: HeldTasks): boolean {
    const { started, lane } = this;
    const current = lane?.isWorkerAwake ? held.get(started) : undefined;
    const task = held.get((started + 1) | 0) ?? current;
    return task !== undefined && performance.now() - task.sentAt > HELD_MS;
  }

  /**
   * True when a task that was given up has held the thread for `ms` and keeps it from beginning tasks that are awaited,
   * all of which can go elsewhere: none has begun or has moved objects.
   */
  isStuck(held: HeldTasks, ms: number): boolean {
    const { started, lane } = this;
    const current = lane?.isWorkerAwake ? held.get(started) : undefined;
    return current?.state === "settled" &&
      performance.now() - current.sentAt > ms &&
      held.size > held.abandoned &&
      !held.some((task) =>
        task.state === "running" &&
        (this.began(task) || task.extras?.transfer?.length)
      );
  }

  /** True when a task has begun. */
  began(task: PendingTask): boolean {
    return ((task.seq - this.started) | 0) <= 0;
  }

  /** Follows a task that was sent. If its run time is limited, its start is reported. */
  watch(task: PendingTask): void {
    const extras = task.extras!;
    if (extras.runTimeoutMs) this.#watched.push(task);
    if (!this.lane && mayBeEnded(extras)) this.#gates.push(task.seq);
  }

  /** The worker asked about the first task in `#gates`, and may begin the next one. */
  openGate(): void {
    this.#gates.shift();
  }

  /** Records a report of the worker. */
  report({ started, busyUs }: Progress): void {
    this.#progress = { started, busyUs };
    this.#credit.learn(this.#progress);
    if (this.#watched.length === 0) return;
    this.#watched = this.#watched.filter((task) => task.state === "running");
    for (const task of this.#watched) {
      if (this.began(task)) this.#onBegan(task);
    }
  }

  /** Records the last report of the worker, which is exact; whether it `lacksTasks` that it could not read. */
  reportLast(progress: Progress & { lacksTasks?: boolean }): void {
    this.#progress = progress;
    this.#isExact = true;
    this.#lacksTasks = !!progress.lacksTasks;
  }

  /** Splits the tasks of a worker that is gone into those that may have begun and those that have not. */
  partition(
    tasks: PendingTask[],
  ): [begun: PendingTask[], unbegun: PendingTask[]] {
    // Read once: a worker that is about to be ended may still begin tasks. Without shared memory, tasks may have begun
    // since its last report. What one could not read, no other can: all of its tasks end with it.
    const last = this.#lacksTasks
      ? undefined
      : this.lane || this.#isExact
      ? this.started
      : this.#gates[0];
    const began = (task: PendingTask) =>
      last === undefined || ((task.seq - last) | 0) <= 0;
    const begun = tasks.filter(began);
    this.#mayHaveBegun = begun.length > 0;
    return [begun, tasks.filter((task) => !began(task))];
  }
}
