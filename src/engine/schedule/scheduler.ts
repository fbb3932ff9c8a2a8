import type { Calls } from "../calls/calls.ts";
import type { Component } from "../components/components.ts";
import { JobRunner } from "./job_runner.ts";
import { JobSweep } from "./job_sweep.ts";
import { endJob, findJob, jobsIn, type NewJob } from "../jobs/jobs.ts";
import { Retries } from "./retries.ts";
import { MAX_TIMER_MS, type Timers } from "../timers.ts";

/** A source of due work besides scheduled calls, such as cron jobs. */
export interface DueSource {
  /** Starts the calls that are due at a time. */
  startDue(nowMs: number): void;
  /** When the next is due; Infinity if never. `nowMs` may be earlier than before, if the clock was set back. */
  nextMs(nowMs: number): number;
}

/** A scheduled call of a component. */
interface DueJob {
  component: Component;
  id: string;
}

/** Key of a call, unique among all components. */
function keyOf({ path }: Component, id: string): string {
  return path === "" ? id : `${path} ${id}`;
}

/** Most calls that run at once. */
const MAX_RUNNING = 64;
/** Most due calls of a component that are looked up at once. */
const MAX_WAITING = 1024;
/** How long to wait before looking for due calls again after the store has refused a write. */
const RETRY_MS = 1000;
/** Longest wait before a call that the store refused to record is tried again. */
const MAX_RETRY_MS = 60_000;

/**
 * Runs scheduled calls when they are due, in the order of their times: mutations exactly once, actions at most once,
 * across crashes. It begins with `start`.
 */
export class Scheduler {
  readonly #calls: Calls;
  readonly #timers: Timers;
  readonly #now: () => number;
  readonly #log: (message: string, error?: unknown) => void;
  readonly #runner: JobRunner;
  readonly #running: Map<string, Promise<void>> = new Map();
  readonly #sources: DueSource[] = [];
  /** Calls that were due when the timer fired and wait for others to end. */
  readonly #waiting: Map<string, DueJob> = new Map();
  /** Calls that the store has refused to record. */
  readonly #retries: Retries = new Retries(MAX_RETRY_MS);
  #timer: unknown;
  /** Time that the timer waits for. It may fire earlier, to check the clock. */
  #timerMs = Infinity;
  /** Number of timers of single calls that have not fired. */
  #ownTimers = 0;
  #isOpen = false;
  /** Removes calls that finished long ago. */
  readonly #old: JobSweep;

  /** Takes the host's timers and clock, and a log for failures. */
  constructor(
    calls: Calls,
    timers: Timers,
    now: () => number,
    log: (message: string, error?: unknown) => void,
  ) {
    this.#calls = calls;
    this.#timers = timers;
    this.#now = now;
    this.#log = log;
    this.#runner = new JobRunner(calls, now, log);
    this.#old = new JobSweep(calls);
  }

  /** Calls that run now. */
  get runningCount(): number {
    return this.#running.size;
  }

  /** Records calls that a crash interrupted as failed, removes old ones, and starts running due calls. */
  async start(): Promise<void> {
    this.#isOpen = true;
    for (const component of this.#calls.components.all()) {
      await this.#recover(component);
    }
    this.#sweep(this.#now());
    this.wake();
  }

  /** Calls that have been started so far. */
  startedCount = 0;

  /** Adds another source of due work. */
  add(source: DueSource): void {
    this.#sources.push(source);
    this.wake();
  }

  /** Sets the timer for the next due call. Called whenever that may have changed, and for each new call. */
  wake(job?: NewJob): void {
    if (!this.#isOpen) return;
    const { runner: { scope }, deployment } = this.#calls;
    scope.outside(() => {
      if (!deployment.behaviour.hasTimerEach) {
        // The timer is already set for the next call, unless that was canceled: searching for it would read a row per
        // waiting call.
        if (!job || this.#timer === undefined) this.#setTimer(this.#nextMs());
        else if (job.timeMs < this.#timerMs) this.#setTimer(job.timeMs);
        return;
      }
      this.#setTimer(this.#nextSourceMs());
      if (job) this.#setOwnTimer(job, job.timeMs - this.#now());
    });
  }

  /** Starts whatever is due now, without waiting for the timer. */
  startDue(): void {
    if (!this.#isOpen) return;
    const now = this.#now();
    this.#retries.forgetOld(now);
    for (const source of this.#sources) source.startDue(now);
    for (const { id, component } of this.#due(now)) {
      this.#waiting.set(keyOf(component, id), { component, id });
    }
    this.#startWaiting();
    this.#sweep(now);
    this.wake();
  }

  /**
   * Whether a call is waiting for its time. Where each call has a timer, canceled ones count too, as tests may rely on
   * the event loop turns that waiting for their timers takes.
   */
  hasPending(): boolean {
    if (this.#waiting.size > 0) return true;
    return this.#calls.deployment.behaviour.hasTimerEach
      ? this.#ownTimers > 0 || this.#nextSourceMs() < Infinity
      : this.#nextMs() < Infinity;
  }

  /** Resolves when no call runs. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  /** Runs work that `idle` waits for. */
  track(key: string, work: () => Promise<void>): void {
    if (this.#running.has(key)) return;
    const done = this.#calls.runner.scope.outside(work).catch((error) => {
      // Its row is unchanged, so it is retried, but a little later, since the store may be full.
      this.#log(`scheduled call ${key} could not be recorded: ${error}`);
      return true;
    }).then((hasFailed) => {
      this.#running.delete(key);
      if (!this.#isOpen) return;
      this.#startWaiting();
      if (hasFailed) this.#setTimer(this.#now() + RETRY_MS);
      // Further due calls are looked up once none is waiting.
      else if (this.#waiting.size === 0) this.wake();
    });
    this.#running.set(key, done);
    this.startedCount++;
  }

  /** Starts nothing more. */
  stop(): void {
    this.#isOpen = false;
    this.#waiting.clear();
    this.#clearTimer();
  }

  #nextSourceMs(): number {
    const now = this.#now();
    return Math.min(
      Infinity,
      ...this.#sources.map((source) => source.nextMs(now)),
    );
  }

  #nextMs(): number {
    const now = this.#now();
    let next = this.#nextSourceMs();
    for (const component of this.#calls.components.all()) {
      for (const { id, timeMs } of jobsIn(component, "pending")) {
        // A later call may be due before one that waits for a retry.
        if (timeMs >= next) break;
        if (this.#isTaken(component, id)) continue;
        const retryMs = this.#retries.waitsUntil(keyOf(component, id), now);
        next = Math.min(next, Math.max(timeMs, retryMs));
      }
    }
    return next;
  }

  #setTimer(timeMs: number): void {
    this.#clearTimer();
    if (timeMs === Infinity) return;
    this.#timerMs = timeMs;
    const delayMs = Math.max(0, Math.ceil(timeMs - this.#now()));
    const { maxDelayMs = MAX_TIMER_MS } = this.#timers;
    this.#timer = this.#timers.set(Math.min(delayMs, maxDelayMs), () => {
      this.#timer = undefined;
      this.startDue();
    });
  }

  #setOwnTimer({ component, id, timeMs }: NewJob, delayMs: number): void {
    // Not rounded: the call runs when the timer fires, whatever the clock says, and fake clocks count parts of a ms.
    const { maxTimerMs } = this.#calls.deployment.behaviour;
    const waitMs = Math.min(Math.max(0, delayMs), maxTimerMs);
    this.#ownTimers++;
    this.#timers.set(waitMs, () => {
      this.#ownTimers--;
      if (!this.#isOpen) return;
      if (waitMs === maxTimerMs) {
        return this.#setOwnTimer({ component, id, timeMs }, delayMs - waitMs);
      }
      this.#waiting.set(keyOf(component, id), { component, id });
      this.#startWaiting();
    });
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) this.#timers.clear(this.#timer);
    this.#timer = undefined;
  }

  /** Whether a call is running, or waits for others to end. */
  #isTaken(component: Component, id: string): boolean {
    const key = keyOf(component, id);
    return this.#running.has(key) || this.#waiting.has(key);
  }

  #due(now: number): DueJob[] {
    const due: (DueJob & { timeMs: number })[] = [];
    for (const component of this.#calls.components.all()) {
      let count = 0;
      for (const { id, timeMs } of jobsIn(component, "pending")) {
        if (timeMs > now || count === MAX_WAITING) break;
        if (this.#isTaken(component, id)) continue;
        const key = keyOf(component, id);
        if (this.#retries.waitsUntil(key, now) > now) continue;
        due.push({ component, id, timeMs });
        count++;
      }
    }
    return due.sort((a, b) => a.timeMs - b.timeMs);
  }

  #startWaiting(): void {
    for (const [key, { component, id }] of this.#waiting) {
      if (this.#running.size >= MAX_RUNNING) return;
      this.#waiting.delete(key);
      this.track(key, () => this.#run(key, { component, id }));
    }
  }

  async #run(key: string, { component, id }: DueJob): Promise<void> {
    try {
      await this.#runner.run(component, id);
      this.#retries.done(key);
    } catch (error) {
      // With a timer per call, the store is in memory, where no write fails for long.
      const { hasTimerEach } = this.#calls.deployment.behaviour;
      if (!hasTimerEach) this.#retries.failed(key, this.#now());
      throw error;
    }
  }

  async #recover(component: Component): Promise<void> {
    const ids = Array.from(jobsIn(component, "inProgress"), ({ id }) => id);
    if (ids.length === 0) return;
    await this.#calls.transaction(
      { component, writable: true },
      (transaction) => {
        for (const id of ids) {
          const job = findJob(transaction, id);
          if (!job) continue;
          // The action may have run in part, and must not run twice.
          endJob(transaction, job, {
            kind: "failed",
            error: "Transient error while executing action",
          });
        }
      },
    );
  }

  #sweep(now: number): void {
    for (const { component, ids } of this.#old.due(now)) {
      this.track(
        `sweep ${component.path}`,
        () => this.#old.remove(component, ids, now, () => this.#isOpen),
      );
    }
  }
}
