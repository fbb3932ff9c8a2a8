import type { HeldTasks } from "./held_tasks.ts";
import type { PendingTask } from "./pending_task.ts";
import { startTimer, type Timer } from "../timer.ts";
import type { WorkerProgress } from "./worker_progress.ts";

/** How often to check whether an aborted task has begun after all, in ms. */
const RECHECK_MS = 10;
/** Least time between two checks of the thread, in ms. */
const LEAST_CHECK_MS = 100;

/** What the grace depends on. */
export interface GraceEvents {
  /** How long a worker may be idle, in ms. */
  idleMs(): number;
  /** A task that was given up goes on for too long. */
  end(): void;
}

/** Ends a worker whose tasks go on after they were given up. */
export class Grace {
  readonly #held: HeldTasks;
  readonly #progress: WorkerProgress;
  readonly #events: GraceEvents;
  #threadTimer: Timer | undefined;

  /** Watches nothing yet. */
  constructor(
    held: HeldTasks,
    progress: WorkerProgress,
    events: GraceEvents,
  ) {
    this.#held = held;
    this.#progress = progress;
    this.#events = events;
  }

  /** A task was given up. */
  watch(task: PendingTask): void {
    const { graceMs } = task.extras!;
    if (graceMs === undefined) this.#watchThread();
    else startTimer(() => this.#check(task), graceMs, true);
  }

  /** The worker has ended: nothing keeps it in memory. */
  stop(): void {
    this.#threadTimer?.stop();
  }

  /** A task that had not begun may still begin before the abort reaches its worker, so the check is repeated. */
  #check(task: PendingTask): void {
    if (this.#held.get(task.seq) !== task) return;
    if (this.#progress.began(task)) return this.#events.end();
    startTimer(() => this.#check(task), RECHECK_MS, true);
  }

  /** Ends it if one task keeps it from beginning those that are awaited, and from nothing else. */
  #watchThread(): void {
    const ms = this.#events.idleMs();
    this.#threadTimer ??= startTimer(
      () => {
        this.#threadTimer = undefined;
        if (this.#progress.isStuck(this.#held, ms)) this.#events.end();
        else if (this.#held.abandoned > 0) this.#watchThread();
      },
      Math.max(ms, LEAST_CHECK_MS),
      true,
    );
  }
}
