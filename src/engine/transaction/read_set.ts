/** Keys from `start` to before `end`; no `end`: to the last key of all. */
export interface KeyInterval {
  /** First key. */
  start: string;
  /** First key after it. */
  end: string | undefined;
}

/**
 * What a query has read, as keys and intervals of keys of the store: index ranges, no more of each than was looked at.
 * A commit that touches none of them cannot change the query's result.
 */
export class ReadSet {
  /** Single keys, also those at which there was nothing. */
  readonly keys: Set<string> = new Set();
  /** Intervals, also empty ones. */
  readonly intervals: KeyInterval[] = [];

  /** Notes that a key was looked up. */
  addKey(key: string): void {
    this.keys.add(key);
  }

  /** Records that an interval was read; a reader that continues may move its `end`. */
  addInterval(interval: KeyInterval): void {
    this.intervals.push(interval);
  }
}
