import { Credit } from "./credit.ts";
import { mayBeEnded, type PendingTask } from "./pending_task.ts";
import type { Progress } from "../wire/protocol.ts";
import type { SharedLane } from "../wire/shared_lane.ts";

/** Tasks that take longer, in µs, are not looked out for. */
const LONG_US = 200;

/** How far a worker is with the tasks that it was given. */
export class Headway {
  /** Shared memory, where it can be seen at any time. */
  lane: SharedLane | undefined;
  /**
   * Where no memory is shared, the worker asks before it begins what follows a task that may be ended. Numbers of those
   * that it did not ask about yet: it cannot have begun what follows the first of them.
   */
  readonly #gates: number[] = [];
  /** True when the worker's last report is exact. */
  #isExact = false;
  readonly #credit = new Credit();
  /** Tasks whose start is to be reported. */
  #watched: PendingTask[] = [];
  #progress: Progress = { started: 0, busyUs: 0 };
  readonly #tellBegan: (task: PendingTask) => void;

  /** `tellBegan` is called when a watched task has begun. */
  constructor(tellBegan: (task: PendingTask) => void) {
    this.#tellBegan = tellBegan;
  }

  /** Number of the last task that began, as far as this side can see. */
  get started(): number {
    return this.lane?.started ?? this.#progress.started;
  }

  /** True when a task takes its time. */
  get areLong(): boolean {
    return this.#credit.taskUs > LONG_US;
  }

  /** Tasks that may be handed over before their turn, when the last one that was has a number. */
  room(last: number): number {
    return this.#credit.room(last, this.started);
  }

  /** True when a task has begun. */
  began(task: PendingTask): boolean {
    return ((task.seq - this.started) | 0) <= 0;
  }

  /** Follows a task that was sent: if its time is limited, its start is reported. */
  watch(task: PendingTask): void {
    const extras = task.extras!;
    if (extras.runTimeoutMs) this.#watched.push(task);
    if (!this.lane && mayBeEnded(extras)) this.#gates.push(task.seq);
  }

  /** The worker may begin what follows the first task that may be ended. */
  pass(): void {
    this.#gates.shift();
  }

  /** Takes a worker's report. */
  learn({ started, busyUs }: Progress): void {
    this.#progress = { started, busyUs };
    this.#credit.learn(this.#progress);
    if (this.#watched.length === 0) return;
    this.#watched = this.#watched.filter((task) => task.state === "running");
    for (const task of this.#watched) {
      if (this.began(task)) this.#tellBegan(task);
    }
  }

  /** Takes a worker's last report. */
  learnLast(progress: Progress): void {
    this.#progress = progress;
    this.#isExact = true;
  }

  /** Parts the tasks of a worker that is gone: those that may have begun, and others. */
  part(tasks: PendingTask[]): [begun: PendingTask[], unbegun: PendingTask[]] {
    // Read once: a worker that is about to be ended may still begin tasks. Without shared memory, it is not known
    // which ones began since its last report.
    const last = this.lane || this.#isExact ? this.started : this.#gates[0];
    const began = (task: PendingTask) =>
      last === undefined || ((task.seq - last) | 0) <= 0;
    return [tasks.filter(began), tasks.filter((task) => !began(task))];
  }
}
