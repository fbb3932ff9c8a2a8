import type { Value } from "../../values/types.ts";
import type { Calls } from "../calls/calls.ts";
import type { Component } from "../components.ts";
import { JobRunner } from "./job_runner.ts";
import { endJob, findJob, jobsIn, type NewJob } from "./jobs.ts";
import { deleteSystemDocument } from "../schema/system_tables.ts";
import type { Timers } from "../timers.ts";

/** Something beside scheduled calls that is due at times, such as cron jobs. */
export interface DueSource {
  /** Starts what is due at a time. */
  startDue(nowMs: number): void;
  /** When the next is due; Infinity: never. */
  nextMs(): number;
}

/** A scheduled call of a component. */
interface DueJob {
  component: Component;
  id: string;
}

/** What a call is known by among those of all components. */
function keyOf({ path }: Component, id: string): string {
  return path === "" ? id : `${path} ${id}`;
}

/** Calls that run at once, at most. */
const MAX_RUNNING = 64;
/** Due calls of a component that are looked up at once, at most. */
const MAX_WAITING = 1024;
/** Longest delay that every host's timers take. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** How long to wait after the store has refused a write. */
const RETRY_MS = 1000;
/** How long Convex keeps what is over. */
const KEEP_MS = 7 * 24 * 60 * 60 * 1000;
/** Old calls removed in one transaction. */
const SWEEP_SIZE = 256;

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
  #timer: unknown;
  #isOpen = false;
  #sweptMs = -Infinity;

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
  }

  /** Calls that run now. */
  get runningCount(): number {
    return this.#running.size;
  }

  /** Notes as failed what a crash has stopped, and begins to run what is due. */
  async start(): Promise<void> {
    this.#isOpen = true;
    for (const component of this.#calls.components.all()) {
      await this.#recover(component);
    }
    this.wake();
  }

  /** Adds something else that is due at times. */
  add(source: DueSource): void {
    this.#sources.push(source);
    this.wake();
  }

  /** Sets the timer for what is due next. Called whenever that may have changed, and for each new call. */
  wake(job?: NewJob): void {
    if (!this.#isOpen) return;
    const { runner: { scope }, deployment } = this.#calls;
    scope.outside(() => {
      if (!deployment.hasTimerEach) return this.#setTimer(this.#nextMs());
      this.#setTimer(this.#nextSourceMs());
      if (job) this.#setOwnTimer(job, job.timeMs - this.#now());
    });
  }

  /** Starts whatever is due now, without waiting for the timer. */
  startDue(): void {
    if (!this.#isOpen) return;
    const now = this.#now();
    for (const source of this.#sources) source.startDue(now);
    for (const { id, component } of this.#due(now)) {
      this.#waiting.set(keyOf(component, id), { component, id });
    }
    this.#startWaiting();
    this.#sweep(now);
    this.wake();
  }

  /** Whether a call waits for its time. */
  hasPending(): boolean {
    return this.#waiting.size > 0 || this.#nextMs() < Infinity;
  }

  /** Resolves when no call runs. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  /** Runs something as part of what `idle` waits for. */
  track(key: string, work: () => Promise<void>): void {
    if (this.#running.has(key)) return;
    const done = this.#calls.runner.scope.outside(work).catch((error) => {
      // Its row is as it was: it is tried again, a little later, since the store may be full.
      this.#log(`scheduled call ${key} could not be recorded: ${error}`);
      return true;
    }).then((hasFailed) => {
      this.#running.delete(key);
      if (!this.#isOpen) return;
      this.#startWaiting();
      if (hasFailed) this.#setTimer(this.#now() + RETRY_MS);
      else this.wake();
    });
    this.#running.set(key, done);
  }

  /** Starts nothing more. */
  stop(): void {
    this.#isOpen = false;
    this.#waiting.clear();
    this.#clearTimer();
  }

  #nextSourceMs(): number {
    return Math.min(
      Infinity,
      ...this.#sources.map((source) => source.nextMs()),
    );
  }

  #nextMs(): number {
    let next = this.#nextSourceMs();
    for (const component of this.#calls.components.all()) {
      for (const { id, timeMs } of jobsIn(component, "pending")) {
        if (this.#isTaken(component, id)) continue;
        next = Math.min(next, timeMs);
        break;
      }
    }
    return next;
  }

  #setTimer(timeMs: number): void {
    this.#clearTimer();
    if (timeMs === Infinity) return;
    const delayMs = Math.max(0, Math.ceil(timeMs - this.#now()));
    this.#timer = this.#timers.set(Math.min(delayMs, MAX_TIMER_MS), () => {
      this.#timer = undefined;
      this.startDue();
    });
  }

  #setOwnTimer({ component, id, timeMs }: NewJob, delayMs: number): void {
    const waitMs = Math.min(Math.max(0, Math.ceil(delayMs)), MAX_TIMER_MS);
    this.#timers.set(waitMs, () => {
      if (!this.#isOpen) return;
      if (waitMs === MAX_TIMER_MS) {
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

  /** Whether a call runs already, or will as soon as others have ended. */
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
      this.track(key, () => this.#runner.run(component, id));
    }
  }

  async #recover(component: Component): Promise<void> {
    const ids = Array.from(jobsIn(component, "inProgress"), ({ id }) => id);
    if (ids.length === 0) return;
    await this.#calls.transaction(component, true, (transaction) => {
      for (const id of ids) {
        const job = findJob(transaction, id);
        if (!job) continue;
        // Nobody knows how far the action came, and it must not run twice.
        endJob(transaction, job, {
          kind: "failed",
          error: "Transient error while executing action",
        });
      }
    });
  }

  /** Removes what has been over for long, now and then. */
  #sweep(now: number): void {
    if (now - this.#sweptMs < KEEP_MS / 168) return;
    this.#sweptMs = now;
    for (const component of this.#calls.components.all()) {
      const old: string[] = [];
      for (const kind of ["success", "failed", "canceled"] as const) {
        for (const { id, timeMs } of jobsIn(component, kind)) {
          if (timeMs > now - KEEP_MS || old.length >= SWEEP_SIZE) break;
          old.push(id);
        }
      }
      if (old.length === 0) continue;
      this.track(
        `sweep ${component.path}`,
        () =>
          this.#calls.transaction(component, true, (transaction) => {
            for (const id of old) {
              const job = findJob(transaction, id);
              const ended = job?.completedTime as Value | undefined;
              if (job && typeof ended === "number" && ended < now - KEEP_MS) {
                deleteSystemDocument(transaction, job);
              }
            }
          }),
      );
    }
  }
}
