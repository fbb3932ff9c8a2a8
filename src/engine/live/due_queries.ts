import { hostTimeMs } from "../run/clock_methods.ts";
import type { LiveQuery, QueryFollower } from "./live_query.ts";

/** How long queries run before other work gets its turn, in ms. */
const SLICE_MS = 20;
/** How many run at least, however long they take: those of most followers, which are then told of them at once. */
const MIN_COUNT = 16;

/**
 * The queries that are to run. They run in the order in which they became due, unless that takes longer than a slice:
 * then the followers take turns, and each has its own queries run for one slice at a time, so that nobody waits for all
 * of another's.
 *
 * A follower reports only when none of its queries is due any more. Commits could make some due again before the last
 * has run, for ever; so its slices become twice as long each time that all of them may have run.
 */
export class DueQueries {
  readonly #now: () => number;
  readonly #least: number;
  /** In the order in which they became due. */
  readonly #fresh: Set<LiveQuery> = new Set();
  /** The rest of earlier slices, by one of their followers, whose turn comes in this order. */
  readonly #rest: Map<QueryFollower, Set<LiveQuery>> = new Map();
  #beginMs = 0;
  #count = 0;

  /** Begins without queries; `now` gives the time in ms, and at least `least` run in a slice. */
  constructor(now: () => number = hostTimeMs, least: number = MIN_COUNT) {
    this.#now = now;
    this.#least = least;
  }

  /** Whether no query is due. */
  get isEmpty(): boolean {
    return this.#fresh.size === 0 && this.#rest.size === 0;
  }

  /** Adds a query, once. */
  add(query: LiveQuery): void {
    if (query.isDue) return;
    query.isDue = true;
    this.#fresh.add(query);
  }

  /** Removes a query. */
  delete(query: LiveQuery): void {
    query.isDue = false;
    this.#fresh.delete(query);
  }

  /** Begins a slice. */
  begin(): void {
    this.#beginMs = this.#now();
    this.#count = 0;
    if (this.#rest.size > 0) this.#lineUp();
  }

  /** Takes the query that runs next in the slice; undefined: the slice is over. */
  next(): LiveQuery | undefined {
    const query = this.#rest.size > 0 ? this.#nextInLine() : this.#nextFresh();
    if (query) this.delete(query);
    this.#count++;
    return query;
  }

  #nextFresh(): LiveQuery | undefined {
    const [query] = this.#fresh;
    if (!query || !this.#isOver(SLICE_MS)) return query;
    this.#lineUp();
    return undefined;
  }

  #nextInLine(): LiveQuery | undefined {
    for (const [follower, queries] of this.#rest) {
      for (const query of queries) {
        if (this.#isOver(sliceOf(follower))) {
          this.#rest.delete(follower);
          this.#rest.set(follower, queries);
          return undefined;
        }
        queries.delete(query);
        // It may have run since, or have been removed.
        if (!query.isDue) continue;
        follower.ranInSlices++;
        return query;
      }
      this.#rest.delete(follower);
    }
    return undefined;
  }

  #isOver(sliceMs: number): boolean {
    return this.#count >= this.#least && this.#now() - this.#beginMs >= sliceMs;
  }

  #lineUp(): void {
    for (const query of this.#fresh) {
      const [follower] = query.followers;
      if (!follower) continue;
      const queries = this.#rest.get(follower);
      if (queries) queries.add(query);
      else this.#rest.set(follower, new Set([query]));
    }
    this.#fresh.clear();
  }
}

function sliceOf({ ranInSlices, size }: QueryFollower): number {
  return SLICE_MS * 2 ** Math.floor(ranInSlices / Math.max(1, size));
}
