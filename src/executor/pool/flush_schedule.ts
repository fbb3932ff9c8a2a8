import { afterTurn, hasTurns, startTimer, type Timer } from "../timer.ts";
import { LoopTurn } from "../loop_turn.ts";

/** Waiting tasks are few when this many times more are in flight: they can wait for the end of the turn. */
const FEW_FACTOR = 8;
/** How long results may lead to tasks, and tasks to results, before timers and I/O get a turn, in ms. */
const HELD_MS = 2;
/** How soon to look again whether a worker that is held by a task takes others, in ms. */
const LATER_MS = 10;

/** The state of the pool that the schedule depends on. */
export interface PoolLoad {
  /** Tasks that wait. */
  waiting(): number;
  /** Tasks that workers hold and that are awaited. */
  inFlight(): number;
}

/**
 * Decides when waiting tasks are sent to workers: at the end of the microtask that submitted them, or after this turn of
 * the event loop when the delay costs nothing, or when timers and I/O have waited long enough.
 */
export class FlushSchedule {
  /** True while tasks wait for the end of the turn. */
  isDelayed = false;
  /** Time of the first submission since the last flush. */
  #now = 0;
  readonly #flush: () => void;
  readonly #load: PoolLoad;
  readonly #turn = new LoopTurn();
  #scheduled = false;
  #later: Timer | undefined;

  /** `flush` sends the waiting tasks, and must call `flushed`. */
  constructor(flush: () => void, load: PoolLoad) {
    this.#flush = flush;
    this.#load = load;
  }

  /** The time of a task submitted now. Tasks submitted before the next flush share it: reading the clock has a cost. */
  submissionTime(): number {
    if (!this.#scheduled) this.#now = performance.now();
    return this.#now;
  }

  /**
   * Schedules a flush. Queue the task before calling this: creating a program's first timer in Deno runs microtasks, so
   * the flush may begin within this call.
   */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // A quarter of the cost of Deno's `queueMicrotask`.
    Promise.resolve().then(this.#atEndOfMicrotask);
  }

  /** Called when a worker has room again: flushes the waiting tasks. */
  roomFreed(): void {
    if (this.isDelayed || this.#load.waiting() === 0) return;
    if (this.#isHeld()) this.#delay();
    else this.#flush();
  }

  /** Schedules a flush soon: no worker reports that the task that held its thread now waits for something. */
  later(): void {
    this.#later ??= startTimer(() => {
      this.#later = undefined;
      this.schedule();
    }, LATER_MS);
  }

  /** Called once the tasks have been sent. */
  flushed(): void {
    this.#scheduled = this.isDelayed = false;
  }

  #atEndOfMicrotask = () => {
    if (this.isDelayed) return;
    if (this.#areFew() || this.#isHeld()) this.#delay();
    else this.#flush();
  };

  #areFew(): boolean {
    const waiting = this.#load.waiting();
    return waiting > 0 && waiting * FEW_FACTOR < this.#load.inFlight() &&
      hasTurns();
  }

  #isHeld(): boolean {
    return this.#load.inFlight() > 0 && hasTurns() &&
      this.#turn.isHeld(HELD_MS);
  }

  #delay(): void {
    this.#scheduled = this.isDelayed = true;
    afterTurn(this.#flush);
  }
}
