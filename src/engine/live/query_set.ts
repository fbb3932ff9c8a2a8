import { tell } from "../../at_once.ts";
import type { LiveQuery, QueryFollower } from "./live_query.ts";
import type {
  LiveCall,
  LiveFollower,
  LiveResult,
  LiveSet,
} from "./live_types.ts";

/** What a {@link QuerySet} needs of all the live queries. */
export interface QueryRegistry {
  /** Timestamp of the latest commit. */
  readonly latest: bigint;
  /** Finds or creates the query of a call. */
  follow(call: LiveCall, follower: QueryFollower): LiveQuery;
  /** Undoes `follow`. */
  unfollow(query: LiveQuery, follower: QueryFollower): void;
  /** Has a set report at the end of a turn. */
  enlist(set: QuerySet): void;
  /** Runs the queries whose data has changed, and lets all enlisted sets report. */
  schedule(): void;
  /** Whether two results look the same to a client. */
  isSame(one: LiveResult, other: LiveResult): boolean;
  /** Forgets a set. */
  forget(set: QuerySet): void;
}

/** The queries of one follower, with the side that the registry sees. */
export class QuerySet implements LiveSet, QueryFollower {
  readonly #registry: QueryRegistry;
  readonly #follower: LiveFollower;
  readonly #queries: Map<number, LiveQuery> = new Map();
  readonly #ids: Map<LiveQuery, Set<number>> = new Map();
  /** The last result reported for each id. */
  readonly #reported: Map<number, LiveResult> = new Map();
  readonly #changed: Set<number> = new Set();
  /** The lowest timestamp that must be reported. */
  #reportFrom: bigint | undefined;
  ranInSlices = 0;
  /** Whether none of its queries was due at the end of the last slice. */
  isReady = false;
  /** A query that was due when it was last looked for one. */
  #due: LiveQuery | undefined;

  /** Made by `LiveQueries.open`, with no queries. */
  constructor(registry: QueryRegistry, follower: LiveFollower) {
    this.#registry = registry;
    this.#follower = follower;
  }

  /** Follows a call, in place of the one that had the id. */
  add(id: number, call: LiveCall): void {
    this.#drop(id);
    this.isReady = false;
    const query = this.#registry.follow(call, this);
    this.#queries.set(id, query);
    const ids = this.#ids.get(query);
    if (ids) ids.add(id);
    else this.#ids.set(query, new Set([id]));
    this.#changed.add(id);
    this.tell();
  }

  /** Ends following the call with an id. */
  remove(id: number): void {
    this.#drop(id);
    this.#reported.delete(id);
  }

  /** Reports the present state soon, even if nothing has changed. */
  tell(): void {
    this.#reportFrom = this.#registry.latest;
    this.#registry.enlist(this);
    this.#registry.schedule();
  }

  /** How many calls it follows. */
  get size(): number {
    return this.#queries.size;
  }

  /** The queries it follows. */
  queries(): IterableIterator<LiveQuery> {
    return this.#queries.values();
  }

  /** Ends following everything. */
  close(): void {
    for (const id of [...this.#queries.keys()]) this.#drop(id);
    this.#reportFrom = undefined;
    this.#registry.forget(this);
  }

  /** Whether a query is still to run. */
  hasDue(): boolean {
    if (this.#due?.isDue && this.#ids.has(this.#due)) return true;
    this.#due = undefined;
    for (const query of this.#ids.keys()) {
      if (!query.isDue) continue;
      this.#due = query;
      return true;
    }
    return false;
  }

  /** Notes that a query has a new result. */
  mark(query: LiveQuery): void {
    for (const id of this.#ids.get(query) ?? []) this.#changed.add(id);
    this.#registry.enlist(this);
  }

  /** Reports the changes up to a timestamp. False if there is more to report later. */
  report(ts: bigint): boolean {
    const changes = new Map<number, LiveResult>();
    for (const id of this.#changed) {
      const { result } = this.#queries.get(id)!;
      // Added after this turn began: wait for the next turn, which reports everything at once.
      if (!result) return false;
      const last = this.#reported.get(id);
      if (!last || !this.#registry.isSame(last, result)) {
        changes.set(id, result);
      }
    }
    this.#changed.clear();
    this.ranInSlices = 0;
    const mustReport = this.#reportFrom !== undefined && this.#reportFrom <= ts;
    if (mustReport) this.#reportFrom = undefined;
    if (changes.size > 0 || mustReport) {
      for (const [id, result] of changes) this.#reported.set(id, result);
      this.#tell(ts, changes);
    }
    // The follower may have asked for more.
    return this.#reportFrom === undefined && this.#changed.size === 0;
  }

  /** Tells the follower of a state, or of what it threw itself when told: others must not hear of that. */
  #tell(ts: bigint, changes: ReadonlyMap<number, LiveResult>): void {
    try {
      this.#follower.onState(ts, changes);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Reports that the state could not be made durable. */
  fail(error: unknown): void {
    if (this.#queries.size > 0 || this.#reportFrom !== undefined) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    tell((failure) => this.#follower.onError(failure), error);
  }

  /** Closes the set and tells the follower. */
  end(): void {
    this.close();
    this.#follower.onEnd();
  }

  #drop(id: number): void {
    const query = this.#queries.get(id);
    if (!query) return;
    this.#queries.delete(id);
    this.#changed.delete(id);
    const ids = this.#ids.get(query)!;
    ids.delete(id);
    if (ids.size > 0) return;
    this.#ids.delete(query);
    this.#registry.unfollow(query, this);
  }
}
