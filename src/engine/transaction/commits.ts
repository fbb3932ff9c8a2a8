import { cacheRoom, type Room } from "../../store/cache_room.ts";
import type { StoreOp, SyncStore } from "../../store/types.ts";
import { EngineError } from "../../errors.ts";
import { Overlay } from "./overlay.ts";
import type { Beginning } from "../behaviour.ts";
import type { SearchCaches } from "../search/search_caches.ts";

/** How long an old state can be read after it was last requested, in ms. */
const HISTORY_MS = 30_000;
const MICROSECONDS_PER_MS = 1000;
/**
 * Key of the row with an upper bound of all timestamps, after which the next engine begins, and how often it is
 * rewritten, in ms.
 */
const BOUND_KEY = "s";
const BOUND_MS = 10_000;
/** How far timestamps already ahead of the clock may advance before the row is rewritten, in ms. */
const AHEAD_MS = 10;
/**
 * Timestamps are multiples of this, so that they can be represented exactly as numbers, which hold 53 of their 61 bits.
 */
const TIMESTAMP_STEP = 256n;
/** The state that a commit has replaced. */
interface PastCommit {
  ts: bigint;
  /** When it was committed by the clock, in ms. */
  atMs: number;
  /** Value of each key before the commit. */
  before: [key: string, value: string | undefined][];
  /** Its size, in characters. */
  size: number;
}

/**
 * Assigns timestamps to commits (nanoseconds since 1970, strictly increasing) and notifies listeners of changed keys.
 * Once a timestamp was requested, keeps earlier states readable for a while.
 */
export class Commits {
  readonly #store: SyncStore;
  readonly #caches: SearchCaches;
  readonly #now: () => number;
  readonly #onCommit: ((ops: readonly StoreOp[]) => void)[] = [];
  readonly #extend: ((ops: StoreOp[], ts: bigint) => void)[] = [];
  readonly #step: bigint;
  #latest: bigint;
  #history: PastCommit[] = [];
  /** Timestamp of the oldest state that is kept; undefined while no history is kept. */
  #historyStart: bigint | undefined;
  #historyUntilMs = 0;
  /** Timestamps that readers hold, and until when, in ms. */
  readonly #held: Map<bigint, number> = new Map();
  readonly #room: Room;
  #historySize = 0;
  /**
   * The bound in the store, below which timestamps must stay until a greater one is stored; undefined: no bound is
   * stored.
   */
  #storedBound: bigint | undefined;
  /** Whether this engine has stored that bound. */
  #hasStoredBound = false;

  /**
   * Begins at the present time and after every timestamp in the store, unless given a beginning. Old states are kept
   * in `room`.
   */
  constructor(
    store: SyncStore,
    caches: SearchCaches,
    now: () => number,
    first?: Beginning,
    room: Room = cacheRoom(),
  ) {
    this.#room = room;
    this.#store = store;
    this.#caches = caches;
    this.#now = now;
    this.#step = first?.step ?? TIMESTAMP_STEP;
    this.#latest = first?.latest ?? nanoseconds(now());
    if (first !== undefined) return;
    // The clock may have been set back since then.
    this.#storedBound = BigInt(store.get(BOUND_KEY) ?? 0);
    this.observeTs(this.#storedBound);
  }

  /** Makes later timestamps greater than a time, in ms. */
  observe(ms: number): void {
    this.observeTs(nanoseconds(ms));
  }

  /** Makes later timestamps greater than `ts`. */
  observeTs(ts: bigint): void {
    if (ts > this.#latest) this.#latest = ts;
  }

  /** Timestamp of the state that the next transaction sees. */
  get latest(): bigint {
    return this.#latest;
  }

  /** Calls `listener` with the rows of each commit, once they are in the store but not yet durable. */
  onCommit(listener: (ops: readonly StoreOp[]) => void): void {
    this.#onCommit.push(listener);
  }

  /** Registers a function that adds rows to each commit. */
  extendBy(extend: (ops: StoreOp[], ts: bigint) => void): void {
    this.#extend.push(extend);
  }

  /** The timestamp of a commit made now. */
  next(): bigint {
    return nextTimestamp(this.#now(), this.#latest, this.#step);
  }

  /** Advances to the next timestamp, as a commit would. */
  skip(): void {
    this.#latest = this.next();
  }

  /** Writes a transaction's rows to the store at a timestamp that `next` gave. */
  apply(ops: StoreOp[], ts: bigint): void {
    for (const extend of this.#extend) extend(ops, ts);
    const bound = this.#extendBound(ops, ts);
    const before = this.#isKeepingHistory()
      ? ops.map(({ key }): PastCommit["before"][number] => [
        key,
        this.#store.get(key),
      ])
      : undefined;
    this.#caches.commit(ops);
    this.#latest = ts;
    this.#hasStoredBound ||= bound !== this.#storedBound;
    this.#storedBound = bound;
    if (before) this.#remember(ts, before);
    for (const listener of this.#onCommit) listener(ops);
  }

  /** The latest timestamp, or one given out before, at which reads are possible for 30 s from now. */
  openHistory(ts: bigint = this.#latest): bigint {
    if (!this.#isKeepingHistory()) this.#historyStart = this.#latest;
    this.#historyUntilMs = this.#now() + HISTORY_MS;
    // Later states are kept that long in any case.
    if (ts < this.#latest) this.#held.set(ts, this.#historyUntilMs);
    return ts;
  }

  /** The rows of the earliest known state at or after a timestamp. */
  from(ts: bigint): Overlay {
    const start = this.#isKeepingHistory() ? this.#historyStart! : this.#latest;
    return this.at(ts < start ? start : ts);
  }

  /** The rows as they were at a timestamp. Throws `OUT_OF_RETENTION` when they are no longer known. */
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

  /** Adds a new bound for the timestamps to `ops` if the stored one is reached. */
  #extendBound(ops: StoreOp[], ts: bigint): bigint | undefined {
    if (this.#storedBound === undefined || ts < this.#storedBound) {
      return this.#storedBound;
    }
    // The next engine over the store begins at the bound, so one that is already ahead of the clock must not move much
    // further.
    const ahead = ts + nanoseconds(AHEAD_MS);
    const usual = nanoseconds(this.#now() + BOUND_MS);
    const bound = usual > ahead ? usual : ahead;
    ops.push({ key: BOUND_KEY, value: String(bound) });
    return bound;
  }

  /** Stores the timestamp reached, if a higher bound was stored. No commit follows. */
  close(): void {
    if (!this.#hasStoredBound) return;
    try {
      this.#store.write([{ key: BOUND_KEY, value: String(this.#latest) }]);
    } catch {
      // The earlier record remains valid.
    }
  }

  #remember(ts: bigint, before: PastCommit["before"]): void {
    const atMs = this.#now();
    const history = this.#history;
    if (atMs < (history.at(-1)?.atMs ?? 0)) {
      // The clock was set back: earlier times must not make history last longer.
      for (const past of history) past.atMs = Math.min(past.atMs, atMs);
    }
    let size = 0;
    for (const [key, value = ""] of before) size += key.length + value.length;
    history.push({ ts, atMs, before, size });
    this.#historySize += size;
    this.#forgetOld(atMs);
  }

  #forgetOld(nowMs: number): void {
    const heldFrom = this.#heldFrom(nowMs);
    const history = this.#history;
    let count = 0;
    for (const { ts, atMs, size } of history) {
      const isWanted = atMs > nowMs - HISTORY_MS ||
        (heldFrom !== undefined && ts > heldFrom);
      // Without room even wanted states are dropped; reading them throws.
      if (isWanted && this.#room.holds(this.#historySize)) break;
      this.#historyStart = ts;
      this.#historySize -= size;
      count++;
    }
    if (count > 0) history.splice(0, count);
  }

  /** The least timestamp held for a reader. */
  #heldFrom(nowMs: number): bigint | undefined {
    let least: bigint | undefined;
    for (const [ts, untilMs] of this.#held) {
      if (untilMs < nowMs || untilMs > nowMs + HISTORY_MS) {
        this.#held.delete(ts);
      } else if (least === undefined || ts < least) least = ts;
    }
    return least;
  }

  #isKeepingHistory(): boolean {
    if (this.#historyStart === undefined) return false;
    const nowMs = this.#now();
    // Never longer than after a request, even if the clock was set back since.
    const untilMs = Math.min(this.#historyUntilMs, nowMs + HISTORY_MS);
    this.#historyUntilMs = untilMs;
    if (nowMs <= untilMs) return true;
    this.#historyStart = undefined;
    this.#history = [];
    this.#historySize = 0;
    this.#held.clear();
    return false;
  }
}

/** The timestamp at a time in ms, or the next one after the latest; a multiple of `step`, in ns. */
export function nextTimestamp(
  nowMs: number,
  latest: bigint,
  step: bigint,
): bigint {
  const ts = nanoseconds(nowMs, step);
  return ts > latest ? ts : latest + step;
}

function nanoseconds(ms: number, step: bigint = TIMESTAMP_STEP): bigint {
  // A float holds today's time only to a fraction of a microsecond.
  const ts = BigInt(Math.floor(ms * MICROSECONDS_PER_MS)) * 1000n;
  return ts - ts % step;
}
