import type { StoreOp, SyncStore } from "../../store/types.ts";
import { EngineError } from "../../errors.ts";
import { Overlay } from "./overlay.ts";
import type { SearchCaches } from "../search/search_caches.ts";

/** How long after the last question for it old states can be read, in ms. */
const HISTORY_MS = 30_000;
const MICROSECONDS_PER_MS = 1000;
/** Timestamps are multiples of this, and so survive as numbers, which hold 53 of their 61 bits. */
const GRAIN = 256n;

/** What a commit has put in place of what. */
interface PastCommit {
  ts: bigint;
  /** Value of each key before the commit. */
  before: [key: string, value: string | undefined][];
}

/**
 * Gives commits their timestamps, which are nanoseconds since 1970 and strictly increase, and tells who wants to know
 * which keys changed. Earlier states can be read once somebody asked for a timestamp to read them at.
 */
export class Commits {
  readonly #store: SyncStore;
  readonly #caches: SearchCaches;
  readonly #now: () => number;
  readonly #onCommit: ((ops: readonly StoreOp[]) => void)[] = [];
  #extend: ((ops: StoreOp[], ts: bigint) => void) | undefined;
  #latest: bigint;
  #history: PastCommit[] = [];
  /** State from which on history is kept; undefined: none is. */
  #historyStart: bigint | undefined;
  #historyUntilMs = 0;

  /** Begins at the present time, or at another timestamp. */
  constructor(
    store: SyncStore,
    caches: SearchCaches,
    now: () => number,
    latest: bigint = nanoseconds(now()),
  ) {
    this.#store = store;
    this.#caches = caches;
    this.#now = now;
    this.#latest = latest;
  }

  /** Makes later timestamps greater than a time, in ms. */
  observe(ms: number): void {
    this.observeTs(nanoseconds(ms));
  }

  /** Makes later timestamps greater than one. */
  observeTs(ts: bigint): void {
    if (ts > this.#latest) this.#latest = ts;
  }

  /** Timestamp of the state that the next transaction sees. */
  get latest(): bigint {
    return this.#latest;
  }

  /** Calls `listener` with the rows of each commit, when they are in the store and not yet durable. */
  onCommit(listener: (ops: readonly StoreOp[]) => void): void {
    this.#onCommit.push(listener);
  }

  /** Has rows added to those of each commit. */
  extendBy(extend: (ops: StoreOp[], ts: bigint) => void): void {
    this.#extend = extend;
  }

  /** The timestamp that a commit made now gets. */
  next(): bigint {
    const ts = nanoseconds(this.#now());
    return ts > this.#latest ? ts : this.#latest + GRAIN;
  }

  /** Goes on as after a commit. */
  skip(): void {
    this.#latest = this.next();
  }

  /** Writes a transaction's rows to the store at a timestamp that `next` gave. */
  apply(ops: StoreOp[], ts: bigint): void {
    this.#extend?.(ops, ts);
    const before = this.#isKeepingHistory()
      ? ops.map(({ key }): PastCommit["before"][number] => [
        key,
        this.#store.get(key),
      ])
      : undefined;
    this.#caches.commit(ops);
    this.#latest = ts;
    if (before) {
      this.#history.push({ ts, before });
      this.#forgetOld(ts);
    }
    for (const listener of this.#onCommit) listener(ops);
  }

  /** The latest timestamp, at which reads are possible for 30 s from now. */
  openHistory(): bigint {
    if (!this.#isKeepingHistory()) this.#historyStart = this.#latest;
    this.#historyUntilMs = this.#now() + HISTORY_MS;
    return this.#latest;
  }

  /** The rows of the earliest state from a timestamp on that is known. */
  from(ts: bigint): Overlay {
    const start = this.#isKeepingHistory() ? this.#historyStart! : this.#latest;
    return this.at(ts < start ? start : ts);
  }

  /** The rows as they were at a timestamp. Throws `OUT_OF_RETENTION` when they are not known any more. */
  at(ts: bigint): Overlay {
    const rows = new Overlay(this.#store);
    if (ts === this.#latest) return rows;
    const start = this.#isKeepingHistory() ? this.#historyStart! : this.#latest;
    if (ts < start || ts > this.#latest) {
      throw new EngineError(
        "OUT_OF_RETENTION",
        `cannot read at timestamp ${ts}: the states that can be read are those from ${start} to ${this.#latest}`,
      );
    }
    for (let at = this.#history.length - 1; at >= 0; at--) {
      const commit = this.#history[at]!;
      if (commit.ts <= ts) break;
      for (const [key, value] of commit.before) rows.put(key, value);
    }
    return rows;
  }

  #forgetOld(ts: bigint): void {
    const end = ts - nanoseconds(HISTORY_MS);
    const count = this.#history.findIndex((commit) => commit.ts > end);
    if (count <= 0) return;
    this.#historyStart = this.#history[count - 1]!.ts;
    this.#history.splice(0, count);
  }

  #isKeepingHistory(): boolean {
    if (this.#historyStart === undefined) return false;
    if (this.#now() <= this.#historyUntilMs) return true;
    this.#historyStart = undefined;
    this.#history = [];
    return false;
  }
}

function nanoseconds(ms: number): bigint {
  // A float holds today's time to a fraction of a microsecond, no more.
  const ts = BigInt(Math.floor(ms * MICROSECONDS_PER_MS)) * 1000n;
  return ts - ts % GRAIN;
}
