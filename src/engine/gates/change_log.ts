import type { StoreOp, SyncStore } from "../../store/types.ts";
import { isDocumentKey, sortableNumber } from "../keys.ts";
import type { Overlay } from "../transaction/overlay.ts";
import type { UserTables } from "./user_tables.ts";

/** Key of what is known of the log as a whole. */
const STATE_KEY = "l";
/** No key of a change is below this, and none from `END` on. */
const FIRST = `${STATE_KEY}0`;
const END = "m";
/** How long a change is kept, and changes are noted after somebody asked for them, in ms: as long as Convex does. */
const KEEP_MS = 30 * 24 * 60 * 60 * 1000;
/** Documents that changes are kept of, at most. */
const MAX_CHANGES = 1_000_000;
/** How often old changes are looked for, in ms, and how many are removed then. */
const SWEEP_MS = 60_000;
const SWEPT_AT_ONCE = 1000;
/** Asked again after less than this is as good as not asked, in ms. */
const ASK_MS = 60 * 60 * 1000;
/** Length of a timestamp in a key. */
const TS_LENGTH = 13;
const NANOSECONDS_PER_MS = 1_000_000n;

interface State {
  /** Timestamp from which on every change is there; null: changes are noted no more. */
  start: string | null;
  /** When a snapshot was last requested, in ms. */
  askedMs: number;
  /** Documents that changes are kept of; after a crash some too few or too many. */
  count: number;
}

/** Which document has changed, and when. */
export interface Change {
  /** When, in nanoseconds. */
  ts: bigint;
  /** The document's table and id, as the end of the document's key. */
  place: string;
}

/**
 * When each document has changed last, without its contents: for those who keep a copy of the data elsewhere. Nothing is
 * noted before somebody asks for it, and nothing that 30 days nobody asks for, so that writes cost what they always do.
 *
 * Rows: `l` time, table, id → nothing; `n` table, id → the same time.
 */
export class ChangeLog {
  readonly #store: SyncStore;
  readonly #now: () => number;
  readonly #tables: UserTables;
  #state: State | undefined;
  #sweepMs = 0;

  /** Goes on with what the store has. */
  constructor(store: SyncStore, now: () => number, tables: UserTables) {
    this.#store = store;
    this.#now = now;
    this.#tables = tables;
    const row = store.get(STATE_KEY);
    if (row !== undefined) this.#state = JSON.parse(row);
  }

  /** Timestamp from which on every change is there; undefined: changes are not noted. */
  get start(): bigint | undefined {
    const start = this.#state?.start ?? undefined;
    return start === undefined ? undefined : decode(start);
  }

  /** Timestamp of the latest change, or of the start; undefined: changes are not noted. */
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
   * Notes in a transaction that somebody asks: changes are noted for 30 days from now. Gives what is to be called when
   * that is committed.
   */
  ask(rows: Overlay, latest: bigint): () => void {
    const state: State = { start: encode(latest), count: 0, askedMs: 0 };
    if (this.#state?.start) Object.assign(state, this.#state);
    else for (const { key } of this.#changes(END)) this.#drop(rows, key);
    state.askedMs = this.#now();
    rows.put(STATE_KEY, JSON.stringify(state));
    return () => this.#state = state;
  }

  /** Adds to the rows of a commit what is to be noted of it. */
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
      // What was made and removed at once was never there.
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

  /** When a document has changed last, as far as that is known: not before the start. */
  timeOf(rows: Overlay, place: string): bigint {
    const time = rows.get(timeKey(place));
    return decode(time ?? this.#state!.start!);
  }

  /** Changes after a timestamp, in their order: of each document the latest. */
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

  /** Removes old changes now and then, by more rows of a commit, and gives the places that they are of. */
  #sweep(state: State, ops: StoreOp[]): Set<string> {
    const swept = new Set<string>();
    const nowMs = this.#now();
    const isFull = state.count > MAX_CHANGES;
    if (nowMs < this.#sweepMs && !isFull) return swept;
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
  // BigInt reads no base 36.
  let ts = 0n;
  for (const digit of time) ts = ts * 36n + BigInt(parseInt(digit, 36));
  return ts;
}
