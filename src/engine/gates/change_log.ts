import type { StoreOp, SyncStore } from "../../store/types.ts";
import { isDocumentKey, sortableNumber } from "../keys.ts";
import type { Overlay } from "../transaction/overlay.ts";
import type { UserTables } from "./user_tables.ts";

/** Key of the state of the log as a whole. */
const STATE_KEY = "l";
/** Bounds of the keys of changes: from `FIRST` to before `END`. */
const FIRST = `${STATE_KEY}0`;
const END = "m";
/** How long changes are kept, and recorded after the last request for them, in ms; as on Convex. */
const KEEP_MS = 30 * 24 * 60 * 60 * 1000;
/** Most documents whose changes are kept. */
const MAX_CHANGES = 1_000_000;
/** How often old changes are looked for, in ms, and how many are removed then. */
const SWEEP_MS = 60_000;
const SWEPT_AT_ONCE = 1000;
/** Requests within this time of the last one count as one, in ms. */
const ASK_MS = 60 * 60 * 1000;
/** Length of a timestamp in a key. */
const TS_LENGTH = 13;
const NANOSECONDS_PER_MS = 1_000_000n;

interface State {
  /** Timestamp from which on the log is complete; null: changes are no longer recorded. */
  start: string | null;
  /** When a snapshot was last requested, in ms. */
  askedMs: number;
  /** Number of documents whose changes are kept; slightly off after a crash. */
  count: number;
}

/** A document's latest change. */
export interface Change {
  /** When, in nanoseconds. */
  ts: bigint;
  /** The document's table and id, as the end of the document's key. */
  place: string;
}

/**
 * When each document last changed, without its contents: for those who keep a copy of the data elsewhere. Nothing is
 * recorded before the first request, nor once 30 days have passed without one, so that writes cost no more otherwise.
 *
 * Rows: `l` time, table, id → nothing; `n` table, id → the same time.
 */
export class ChangeLog {
  readonly #store: SyncStore;
  readonly #now: () => number;
  readonly #tables: UserTables;
  #state: State | undefined;
  #sweepMs = 0;

  /** Continues the log in the store. */
  constructor(store: SyncStore, now: () => number, tables: UserTables) {
    this.#store = store;
    this.#now = now;
    this.#tables = tables;
    const row = store.get(STATE_KEY);
    if (row !== undefined) this.#state = JSON.parse(row);
  }

  /** Timestamp from which on the log is complete; undefined: changes are not recorded. */
  get start(): bigint | undefined {
    const start = this.#state?.start ?? undefined;
    return start === undefined ? undefined : decode(start);
  }

  /** Timestamp of the latest change, or of the start; undefined: changes are not recorded. */
  get latest(): bigint | undefined {
    const { start } = this;
    if (start === undefined) return undefined;
    const [last] = this.#store.scan({
      start: FIRST,
      end: END,
      reverse: true,
      limit: 1,
    });
    return last === undefined ? start : changeOf(last.key).ts;
  }

  /** Whether `ask` would do something. */
  get isToBeAsked(): boolean {
    const state = this.#state;
    return !state || state.start === null ||
      this.#now() - state.askedMs > ASK_MS;
  }

  /**
   * Records a request in a transaction: changes are recorded for 30 days from now. Returns a function to call once that
   * is committed.
   */
  ask(rows: Overlay, latest: bigint): () => void {
    const state: State = { start: encode(latest), count: 0, askedMs: 0 };
    if (this.#state?.start) Object.assign(state, this.#state);
    else for (const { key } of this.#changes(END)) this.#drop(rows, key);
    state.askedMs = this.#now();
    rows.put(STATE_KEY, JSON.stringify(state));
    return () => this.#state = state;
  }

  /** Adds the log's rows to those of a commit. */
  extend(ops: StoreOp[], ts: bigint): void {
    const state = this.#state;
    if (!state) return;
    const { length } = ops;
    const swept = this.#sweep(state, ops);
    if (state.start === null) return;
    const time = encode(ts);
    for (let at = 0; at < length; at++) {
      const { key, value } = ops[at]!;
      const place = key.slice(1);
      if (!isDocumentKey(key) || !this.#tables.of(place)) continue;
      // A document inserted and deleted in one commit never existed.
      if (value === undefined && this.#store.get(key) === undefined) continue;
      const before = swept.has(place)
        ? undefined
        : this.#store.get(timeKey(place));
      if (before === undefined) state.count++;
      else ops.push({ key: changeKey(before, place) });
      ops.push({ key: timeKey(place), value: time });
      ops.push({ key: changeKey(time, place), value: "" });
    }
  }

  /** When a document last changed, as far as the log knows: not before its start. */
  timeOf(rows: Overlay, place: string): bigint {
    const time = rows.get(timeKey(place));
    return decode(time ?? this.#state!.start!);
  }

  /** Changes after a timestamp in their order, only the latest one of each document. */
  *after(ts: bigint): Generator<Change, void> {
    const start = changeKey(encode(ts + 1n));
    for (const { key } of this.#store.scan({ start, end: END })) {
      yield changeOf(key);
    }
  }

  *#changes(end: string, limit = Infinity): Generator<{ key: string }, void> {
    yield* this.#store.scan({ start: FIRST, end, limit });
  }

  #drop(rows: Overlay, key: string): void {
    rows.put(key, undefined);
    rows.put(timeKey(placeOf(key)), undefined);
  }

  /**
   * Once a minute, or when there are too many changes, adds the removal of old ones to a commit. Returns their places.
   */
  #sweep(state: State, ops: StoreOp[]): Set<string> {
    const swept = new Set<string>();
    const nowMs = this.#now();
    const isFull = state.count > MAX_CHANGES;
    if (nowMs < this.#sweepMs && !isFull) return swept;
    // A request, made in this commit, has written the state already: the next commit sweeps.
    if (ops.some(({ key }) => key === STATE_KEY)) return swept;
    this.#sweepMs = nowMs + SWEEP_MS;
    if (nowMs - state.askedMs > KEEP_MS) state.start = null;
    const past = BigInt(Math.max(0, Math.floor(nowMs - KEEP_MS)));
    const end = state.start === null || isFull
      ? END
      : changeKey(encode(past * NANOSECONDS_PER_MS));
    for (const { key } of this.#changes(end, SWEPT_AT_ONCE)) {
      const place = placeOf(key);
      swept.add(place);
      ops.push({ key }, { key: timeKey(place) });
      if (state.start !== null) state.start = timeOf(key);
    }
    state.count -= swept.size;
    const isOver = state.start === null && swept.size === 0;
    if (isOver) this.#state = undefined;
    ops.push(
      isOver
        ? { key: STATE_KEY }
        : { key: STATE_KEY, value: JSON.stringify(state) },
    );
    return swept;
  }
}

/** Key of a change at a time, as `encode` writes it; without a place, below all changes of that time. */
function changeKey(time: string, place = ""): string {
  return `l${time}${place}`;
}

/** Key of the time of a document's latest change. */
function timeKey(place: string): string {
  return `n${place}`;
}

function changeOf(key: string): Change {
  return { ts: decode(timeOf(key)), place: placeOf(key) };
}

function timeOf(changeKey: string): string {
  return changeKey.slice(1, 1 + TS_LENGTH);
}

function placeOf(changeKey: string): string {
  return changeKey.slice(1 + TS_LENGTH);
}

function encode(ts: bigint): string {
  return sortableNumber(ts, TS_LENGTH);
}

function decode(time: string): bigint {
  // `BigInt` does not parse base 36.
  let ts = 0n;
  for (const digit of time) ts = ts * 36n + BigInt(parseInt(digit, 36));
  return ts;
}
