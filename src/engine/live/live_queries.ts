import type { StoreOp } from "../../store/types.ts";
import { compareValues } from "../../values/compare.ts";
import type { Value } from "../../values/types.ts";
import type { Commits } from "../transaction/commits.ts";
import type { SerialQueue } from "../transaction/queue.ts";
import { isGivenUp } from "../run/watchdog.ts";
import { DueQueries } from "./due_queries.ts";
import { HeldResults } from "./held_results.ts";
import { LiveQuery, type QueryFollower } from "./live_query.ts";
import { LiveTurn } from "./live_turn.ts";
import type {
  LiveCall,
  LiveFollower,
  LiveResult,
  LiveSet,
  RunLive,
} from "./live_types.ts";
import { type QueryRegistry, QuerySet } from "./query_set.ts";
import { ReadIndex } from "./read_index.ts";
import { ReadSet } from "../transaction/read_set.ts";
import { shareKey } from "./share_key.ts";

/**
 * All live queries. A commit marks those that have read what it writes; they run again in one turn of the queue,
 * however many commits there were, so that everything reported to a follower reflects one state. Equal queries of different
 * followers run once. Many queries run in slices, between which other work gets its turn.
 */
export class LiveQueries implements QueryRegistry {
  readonly #runLive: RunLive;
  readonly #queue: SerialQueue;
  readonly #commits: Commits;
  readonly #reads: ReadIndex<LiveQuery> = new ReadIndex();
  readonly #due: DueQueries = new DueQueries();
  readonly #shared: Map<string, LiveQuery> = new Map();
  readonly #sets: Set<QuerySet> = new Set();
  /** Sets that have something to report: usually a few of thousands. */
  readonly #waiting: Set<QuerySet> = new Set();
  #isScheduled = false;
  /** Whether the last slice has left queries that are due. */
  #isBehind = false;
  readonly #pause: (() => Promise<void> | undefined) | undefined;
  readonly #held: HeldResults = new HeldResults();
  /** The last two results compared in a turn. */
  #compared: { one: Value; other: Value; isSame: boolean } | undefined;

  /**
   * Follows the commits from now on.
   *
   * @param pause Called between two slices of many queries: returns a promise when it is time to yield to the event loop.
   */
  constructor(
    runLive: RunLive,
    queue: SerialQueue,
    commits: Commits,
    pause?: () => Promise<void> | undefined,
  ) {
    this.#runLive = runLive;
    this.#queue = queue;
    this.#commits = commits;
    this.#pause = pause;
    commits.onCommit((ops) => this.#invalidate(ops));
  }

  /** Opens an empty set of followed queries. */
  open(follower: LiveFollower): LiveSet {
    const set = new QuerySet(this, follower);
    this.#sets.add(set);
    return set;
  }

  /** Runs all followed queries again. */
  refresh(): void {
    for (const set of this.#sets) {
      for (const query of set.queries()) this.#mark(query);
    }
    if (!this.#due.isEmpty) this.schedule();
  }

  /** Ends all sets. */
  close(): void {
    for (const set of [...this.#sets]) set.end();
  }

  /** Has a set report at the end of a turn. */
  enlist(set: QuerySet): void {
    this.#waiting.add(set);
  }

  /** Runs the dirty queries and lets all waiting sets report. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#turn();
  }

  /** Timestamp of the latest commit. */
  get latest(): bigint {
    return this.#commits.latest;
  }

  /** Whether two results are equal. All followers of a query compare the same two, so the last answer is remembered. */
  isSameValue(one: Value, other: Value): boolean {
    const compared = this.#compared;
    if (compared?.one === one && compared.other === other) {
      return compared.isSame;
    }
    const isSame = compareValues(one, other) === 0;
    this.#compared = { one, other, isSame };
    return isSame;
  }

  /** Whether two results look the same to a client. */
  isSame(one: LiveResult, other: LiveResult): boolean {
    if (one === other) return true;
    if (
      one.journal !== other.journal ||
      one.logLines.join("\n") !== other.logLines.join("\n")
    ) return false;
    if (one.ok && other.ok) return this.isSameValue(one.value, other.value);
    return !one.ok && !other.ok && isSameError(one.error, other.error);
  }

  /** Finds or creates the query of a call. */
  follow(call: LiveCall, follower: QueryFollower): LiveQuery {
    const key = shareKey(call);
    let query = this.#shared.get(key);
    if (!query) {
      query = new LiveQuery(call, key);
      this.#shared.set(key, query);
      this.#due.add(query);
    }
    query.followers.add(follower);
    return query;
  }

  /** Undoes `follow`. */
  unfollow(query: LiveQuery, follower: QueryFollower): void {
    query.followers.delete(follower);
    if (query.followers.size > 0) return;
    this.#held.release(query);
    this.#reads.delete(query);
    this.#due.delete(query);
    this.#unshare(query);
  }

  /** Forgets a set. */
  forget(set: QuerySet): void {
    this.#sets.delete(set);
    this.#waiting.delete(set);
  }

  #invalidate(ops: readonly StoreOp[]): void {
    if (this.#reads.isEmpty()) return;
    let hasMarked = false;
    const mark = (query: LiveQuery) => {
      hasMarked = true;
      this.#mark(query);
    };
    for (const { key } of ops) this.#reads.readersOf(key, mark);
    if (hasMarked) this.schedule();
  }

  #mark(query: LiveQuery): void {
    if (query.givenUp === undefined) this.#due.add(query);
    else query.isOutdated = true;
  }

  /** Runs what is due, or a slice of it. */
  async #turn(): Promise<void> {
    // What clients send, and other work of the host, has its turn, too.
    if (this.#isBehind) await this.#pause?.();
    if (this.#sets.size === 0) {
      this.#isScheduled = false;
      return;
    }
    const batch: LiveQuery[] = [];
    const results: LiveResult[] = [];
    const turn = new LiveTurn<LiveQuery>();
    /** Those that may report, if not all; noted in the task, as later commits make queries due again. */
    let ready: Set<QuerySet> | undefined;
    try {
      const ts = await this.#queue.run(async () => {
        this.#isScheduled = false;
        this.#due.begin();
        while (!turn.isGivenUp) {
          const query = this.#due.next();
          if (!query) break;
          batch.push(query);
          results.push(await this.#run(query, turn));
        }
        this.#isBehind = !this.#due.isEmpty;
        if (this.#isBehind) ready = this.#ready(batch);
        return this.#commits.latest;
      }, turn);
      // Not in the task: results count only once the queue has flushed them, and other turns may have run by then.
      batch.forEach((query, at) => this.#accept(query, results[at]!));
      for (const set of [...ready ?? this.#waiting]) {
        if (ready && !set.isReady) continue;
        if (set.report(ts)) this.#waiting.delete(set);
      }
      this.#compared = undefined;
      if (ready) this.schedule();
    } catch (error) {
      this.#isScheduled = false;
      for (const query of batch) {
        if (query.followers.size > 0) this.#due.add(query);
      }
      // Another error means that the flush failed, which is not the query's fault.
      if (turn.isGivenUp && isGivenUp(error)) return this.#goOn(turn, error);
      for (const set of [...this.#sets]) set.fail(error);
    }
  }

  /** The sets of which no query is due, of those that have something to report. */
  #ready(batch: readonly LiveQuery[]): Set<QuerySet> {
    const sets = new Set(this.#waiting);
    for (const { followers } of batch) {
      for (const set of followers) sets.add(set as QuerySet);
    }
    for (const set of sets) {
      set.isReady = !set.hasDue();
      if (!set.isReady) sets.delete(set);
    }
    return sets;
  }

  /** Schedules another turn in place of one that was given up, and marks the query that blocked it as failed. */
  #goOn({ query, reads }: LiveTurn<LiveQuery>, error: unknown): void {
    query!.givenUp = error;
    if (query!.followers.size > 0) this.#reads.set(query!, reads!);
    // It may have read nothing, and then no commit would ever run it again: later followers must start it anew.
    this.#unshare(query!);
    this.schedule();
  }

  async #run(
    query: LiveQuery,
    turn: LiveTurn<LiveQuery>,
  ): Promise<LiveResult> {
    const { call, journal, givenUp } = query;
    if (givenUp !== undefined) {
      return { ok: false, error: givenUp, logLines: [], journal };
    }
    const reads = new ReadSet();
    turn.query = query;
    turn.reads = reads;
    // Each query gets the full time limit.
    this.#queue.step();
    let result = await this.#runLive({ ...call, journal }, reads, turn);
    if (query.followers.size > 0) result = this.#held.hold(query, result);
    if (turn.isGivenUp) return result;
    query.journal = result.journal ?? call.journal;
    if (query.followers.size > 0) this.#reads.set(query, reads);
    // A page may have grown; a new follower wants one of the requested size.
    if (result.journal !== null) this.#unshare(query);
    return result;
  }

  #unshare(query: LiveQuery): void {
    if (this.#shared.get(query.key) === query) this.#shared.delete(query.key);
  }

  #accept(query: LiveQuery, result: LiveResult): void {
    const { isOutdated } = query;
    query.givenUp = undefined;
    query.isOutdated = false;
    if (isOutdated && query.followers.size > 0) {
      this.#due.add(query);
      this.schedule();
    }
    const before = query.result;
    if (before && this.isSame(before, result)) return;
    query.result = result;
    for (const set of query.followers) set.mark(query);
  }
}

function isSameError(one: unknown, other: unknown): boolean {
  const data = (error: unknown) =>
    (error as { data?: Value } | null)?.data ?? null;
  return String(one) === String(other) &&
    compareValues(data(one), data(other)) === 0;
}
