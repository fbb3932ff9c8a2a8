import type { TimeSummary } from "../types.ts";

/** Buckets for each doubling of the time: a bucket spans 9 %. */
const PER_DOUBLING = 8;
/** Everything below counts as this, in ms. */
const LEAST_MS = 0.001;
const BUCKETS = 40 * PER_DOUBLING;

/** Times of any number of tasks in a fixed room. Recording one costs some nanoseconds. */
export class Histogram {
  readonly #buckets = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #max = 0;
  #lastMs = -1;
  #lastBucket = 0;

  /** Records one time. */
  record(ms: number): void {
    // Tasks of one message have the same times.
    if (ms !== this.#lastMs) {
      this.#lastMs = ms;
      const at = ms <= LEAST_MS
        ? 0
        : Math.ceil(Math.log2(ms / LEAST_MS) * PER_DOUBLING);
      this.#lastBucket = Math.min(at, BUCKETS - 1);
      if (ms > this.#max) this.#max = ms;
    }
    this.#buckets[this.#lastBucket]!++;
    this.#count++;
    this.#sum += ms;
  }

  /** Summary of the times recorded so far. */
  summary(): TimeSummary {
    return {
      count: this.#count,
      mean: this.#count === 0 ? 0 : this.#sum / this.#count,
      p50: this.#percentile(0.5),
      p90: this.#percentile(0.9),
      p99: this.#percentile(0.99),
      max: this.#max,
    };
  }

  #percentile(share: number): number {
    const wanted = this.#count * share;
    let seen = 0;
    for (let at = 0; at < BUCKETS; at++) {
      seen += this.#buckets[at]!;
      if (seen >= wanted && seen > 0) {
        return Math.min(LEAST_MS * 2 ** (at / PER_DOUBLING), this.#max);
      }
    }
    return 0;
  }
}
