import { Histogram } from "./histogram.ts";
import type { TimeSummary } from "../types.ts";
import type { WorkerSlot } from "./worker_slot.ts";

/** Counters of an executor. */
export class Meter {
  /** Tasks submitted. */
  submitted = 0;
  /** Tasks settled. */
  settled = 0;
  /** Messages with tasks. */
  messages = 0;
  /** Workers that died. */
  workersLost = 0;
  /** Tasks sent again. */
  requeued = 0;
  readonly #wait = new Histogram();
  readonly #run = new Histogram();
  readonly #bornAt = new Map<WorkerSlot, number>();
  #livedMs = 0;
  /** Busy time of workers that are gone, in ms. */
  #busyMs = 0;
  /** Time of arrival of the results being delivered. */
  #resultsAt = 0;

  /** Records how long a task waited, in ms. */
  waited(ms: number): void {
    this.#wait.record(ms);
  }

  /** Records the result of a task, by the time it was sent. */
  ran(sentAt: number): void {
    // Results that arrive together share one time.
    if (this.#resultsAt === 0) this.#resultsAt = performance.now();
    this.#run.record(this.#resultsAt - sentAt);
  }

  /** Called when the results that arrived together are delivered. */
  resultsEnd(): void {
    this.#resultsAt = 0;
  }

  /** A worker is ready. */
  born(slot: WorkerSlot): void {
    this.#bornAt.set(slot, performance.now());
  }

  /** A worker is gone. */
  died(slot: WorkerSlot): void {
    const bornAt = this.#bornAt.get(slot);
    if (bornAt === undefined) return;
    const now = performance.now();
    this.#bornAt.delete(slot);
    this.#livedMs += now - bornAt;
    this.#busyMs += slot.busy.total(now);
  }

  /** All counters and times. */
  summary(): {
    submitted: number;
    settled: number;
    messages: number;
    workersLost: number;
    requeued: number;
    utilisation: number;
    wait: TimeSummary;
    run: TimeSummary;
  } {
    const now = performance.now();
    let busyMs = this.#busyMs;
    let livedMs = this.#livedMs;
    for (const [slot, bornAt] of this.#bornAt) {
      busyMs += slot.busy.total(now);
      livedMs += now - bornAt;
    }
    const { submitted, settled, messages, workersLost, requeued } = this;
    return {
      submitted,
      settled,
      messages,
      workersLost,
      requeued,
      utilisation: livedMs === 0 ? 0 : Math.min(1, busyMs / livedMs),
      wait: this.#wait.summary(),
      run: this.#run.summary(),
    };
  }
}
