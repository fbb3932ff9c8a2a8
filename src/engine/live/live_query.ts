import type { LiveCall, LiveResult } from "./live_types.ts";

/** What is told that a query has a new result. */
export interface QueryFollower {
  /** Number of queries followed. */
  readonly size: number;
  /** Queries that have run for it since its last report, in slices of its own. */
  ranInSlices: number;
  /** Notes that a query has a new result. */
  mark(query: LiveQuery): void;
}

/** A query that runs again after each commit that may change its result, for all its followers. */
export class LiveQuery {
  /** What it calls. */
  readonly call: LiveCall;
  /** Calls with the same key share it. */
  readonly key: string;
  /** Who is told of its results. */
  readonly followers: Set<QueryFollower> = new Set();
  /** Its result in the last completed turn. */
  result: LiveResult | undefined;
  /** Where its page ended in its last run. Unlike `result`, updated before the turn is completed. */
  journal: string | null;
  /** Why its latest run was given up: the next turn reports this error instead of running it. */
  givenUp: unknown;
  /** Whether its data has changed since it was given up, so that it must run again after that report. */
  isOutdated = false;
  /** Whether it is to run, because it has not yet or because its data has changed. */
  isDue = false;

  /** Has no result yet. `key` is that of `shareKey`. */
  constructor(call: LiveCall, key: string) {
    this.call = call;
    this.key = key;
    this.journal = call.journal;
  }
}
