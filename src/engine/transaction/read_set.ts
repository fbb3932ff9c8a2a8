/** Keys from `start` to before `end`; no `end`: to the last key of all. */
export interface KeyInterval {
  /** First key. */
  start: string;
  /** First key after it. */
  end: string | undefined;
}

/**
 * The keys and key intervals that a query has read, each index range only as far as it was read. A commit that touches
 * none of them cannot change the query's result.
 */
export class ReadSet {
  /** Single keys, including absent ones. */
  readonly keys: Set<string> = new Set();
  /** Intervals, including those without rows. */
  readonly intervals: KeyInterval[] = [];

  /** Records that a key was looked up. */
  addKey(key: string): void {
    this.keys.add(key);
  }

  /** Records that an interval was read; a reader that continues may move its `end`. */
  addInterval(interval: KeyInterval): void {
    this.intervals.push(interval);
  }
}
