import { prefixEnd } from "../values/key.ts";
import type { Room } from "./cache_room.ts";
import type { Visit } from "./sorted_part.ts";
import { SortedRun } from "./sorted_run.ts";
import { PART_PREFIX_LENGTH } from "./sorted_keys.ts";
import type { ScanPage } from "./sqlite_scan.ts";
import type { StoreOp, StoreRange } from "./types.ts";

/**
 * Fewest keys per read: further keys cost little, and a run for each key would cost much. While the cache is less than
 * half full, more are read, as if to preload the index.
 */
const LEAST_ROWS = 16;
const LEAST_ROWS_WITH_ROOM = 64;
/**
 * Keys in the first read of a range, as it is unknown how many are wanted; each further read takes four times as many.
 */
const FIRST_ROWS = 32;
const MOST_ROWS = 256;
/** Most keys of a run; when it grows further, its upper half is dropped. */
const MAX_RUN_KEYS = 512;
/** Adjacent runs are joined if they have at most so many keys together. */
const MAX_JOINED_KEYS = 256;
/** Estimated overhead of a run and of a key, in characters. */
const RUN_COST = 400;
const KEY_COST = 60;

/** All keys of the store from `start` to before `end`. */
interface Run {
  readonly part: Part;
  readonly start: string;
  end: string;
  readonly sorted: SortedRun;
  cost: number;
  /** Whether it was used since it was last considered for eviction. */
  isWanted: boolean;
}

/** Runs of one table or index; no two overlap. */
class Part {
  /** First key beyond it. */
  readonly end: string;
  /** In order; `#starts` has the start of each. */
  readonly #runs: Run[] = [];
  readonly #starts: SortedRun = new SortedRun([]);

  constructor(end: string) {
    this.end = end;
  }

  /** The last run that starts below a bound. */
  runBelow(bound: string): Run | undefined {
    return this.#runs[this.#starts.lowerBound(bound) - 1];
  }

  /** The last run that starts at a key or below. */
  runUpTo(key: string): Run | undefined {
    return this.#runs[this.#starts.floor(key)];
  }

  /** The first run that starts at a key or above. */
  runFrom(key: string): Run | undefined {
    return this.#runs[this.#starts.lowerBound(key)];
  }

  add(run: Run): void {
    const at = this.#starts.lowerBound(run.start);
    this.#starts.insert(at, run.start);
    this.#runs.splice(at, 0, run);
  }

  drop(run: Run): void {
    const at = this.#starts.lowerBound(run.start);
    this.#starts.remove(at);
    this.#runs.splice(at, 1);
  }
}

/**
 * Caches recently read keys of a database, in runs without gaps, so that reading a part of an index again needs no
 * query. Readers can leave a note at each key. Writers must call `follow`.
 *
 * When room runs out, runs that were not used since they were last considered are evicted (the CLOCK policy).
 */
export class KeyCache {
  readonly #readPage: (page: ScanPage) => string[];
  readonly #room: Room;
  readonly #parts: Map<string, Part> = new Map();
  /** All runs, in the order in which they are considered for eviction. */
  readonly #runs: Set<Run> = new Set();
  #cost = 0;

  /** Keeps keys that fit into `room`, overhead included. `readPage` reads keys from the database. */
  constructor(
    room: Room,
    readPage: (page: ScanPage) => string[],
  ) {
    this.#room = room;
    this.#readPage = readPage;
  }

  /** See `SyncStore.visit`. */
  visit(range: StoreRange, visit: Visit): boolean {
    const { start, end, reverse = false, limit = Infinity } = range;
    const part = this.#partOf(start);
    if (!part || end === undefined || end > part.end) {
      return false;
    }
    if (reverse) this.#visitDown(part, start, end, limit, visit);
    else this.#visitUp(part, start, end, limit, visit);
    return true;
  }

  // In both directions, whether a run has a key beyond the place is asked first, as it usually has one: that saves
  // comparing the end of the run.

  #visitUp(
    part: Part,
    start: string,
    end: string,
    limit: number,
    visit: Visit,
  ): void {
    let low = start;
    let left = limit;
    let rows = FIRST_ROWS;
    while (low < end && left > 0) {
      let run = part.runUpTo(low);
      let from = run?.sorted.lowerBound(low);
      if (
        run === undefined || from === run.sorted.keys.length && run.end <= low
      ) {
        const most = Math.min(left, rows);
        const gap = { start: low, end, reverse: false, rows: most };
        run = this.#read(part, gap, run?.end);
        from = run.sorted.lowerBound(low);
        rows = Math.min(MOST_ROWS, rows * 4);
      }
      run.isWanted = true;
      const { keys, notes } = run.sorted;
      const most = Math.min(keys.length, from! + left);
      const to = run.sorted.lowerBound(end, from, most);
      if (to > from! && !visit(keys, notes, from!, to)) return;
      if (to < most) return;
      left -= to - from!;
      low = run.end;
    }
  }

  #visitDown(
    part: Part,
    start: string,
    end: string,
    limit: number,
    visit: Visit,
  ): void {
    let high = end;
    let left = limit;
    let rows = FIRST_ROWS;
    while (start < high && left > 0) {
      let run = part.runBelow(high);
      let to = run?.sorted.lowerBound(high);
      if (
        run === undefined || to === run.sorted.keys.length && run.end < high
      ) {
        const most = Math.min(left, rows);
        const gap = { start, end: high, reverse: true, rows: most };
        run = this.#read(part, gap, run?.end);
        to = run.sorted.lowerBound(high);
        rows = Math.min(MOST_ROWS, rows * 4);
      }
      run.isWanted = true;
      const { keys, notes } = run.sorted;
      const most = Math.max(0, to! - left);
      const from = run.sorted.lowerBound(start, most, to);
      if (from < to! && !visit(keys, notes, to! - 1, from - 1)) return;
      if (from > most) return;
      left -= to! - from;
      high = run.start;
    }
  }

  /** Applies changes that were written to the database. */
  follow(ops: readonly StoreOp[]): void {
    if (this.#runs.size === 0) return;
    for (const { key, value } of ops) {
      const part = this.#parts.get(key.slice(0, PART_PREFIX_LENGTH));
      const run = part?.runUpTo(key);
      if (run === undefined || key >= run.end) continue;
      const at = run.sorted.lowerBound(key);
      const isThere = run.sorted.keys[at] === key;
      if (isThere === (value !== undefined)) continue;
      if (isThere) {
        run.sorted.remove(at);
        this.#charge(run, -costOf(key));
      } else {
        run.sorted.insert(at, key);
        this.#charge(run, costOf(key));
        if (run.sorted.keys.length > MAX_RUN_KEYS) this.#cut(run);
      }
    }
    this.#makeRoom();
  }

  /** Forgets everything. */
  clear(): void {
    this.#parts.clear();
    this.#runs.clear();
    this.#cost = 0;
  }

  #partOf(key: string): Part | undefined {
    const name = key.slice(0, PART_PREFIX_LENGTH);
    let part = this.#parts.get(name);
    if (part !== undefined) return part;
    const end = prefixEnd(name);
    if (name.length < PART_PREFIX_LENGTH || end === undefined) return undefined;
    this.#parts.set(name, part = new Part(end));
    return part;
  }

  /**
   * Reads a run at the beginning of a gap, or at its end if `gap.reverse`. `floor` is the end of the run below the gap.
   */
  #read(part: Part, gap: ScanPage, floor: string | undefined): Run {
    let { start, end = part.end, rows } = gap;
    const { reverse } = gap;
    const least = this.#room.holds(this.#cost * 2)
      ? LEAST_ROWS_WITH_ROOM
      : LEAST_ROWS;
    if (rows < least) {
      rows = least;
      if (reverse) start = start.slice(0, PART_PREFIX_LENGTH);
      else end = part.end;
    }
    if (reverse) {
      if (floor !== undefined && floor > start) start = floor;
    } else {
      const above = part.runFrom(start);
      if (above !== undefined && above.start < end) end = above.start;
    }
    const keys = this.#readPage({ start, end, reverse, rows });
    let cost = RUN_COST;
    for (const key of keys) cost += costOf(key);
    if (keys.length === rows) {
      if (reverse) start = keys.at(-1)!;
      else end = keys.at(-1)! + "\0";
    }
    if (reverse) keys.reverse();
    const run: Run = {
      part,
      start,
      end,
      sorted: new SortedRun(keys),
      cost: 0,
      isWanted: true,
    };
    part.add(run);
    this.#runs.add(run);
    this.#charge(run, cost);
    const joined = this.#join(part.runBelow(start), run) ?? run;
    this.#join(joined, part.runFrom(end));
    this.#makeRoom();
    return joined;
  }

  /** Merges two adjacent runs into the lower one, unless they have too many keys. */
  #join(lower: Run | undefined, upper: Run | undefined): Run | undefined {
    if (lower === undefined || upper?.start !== lower.end) return undefined;
    const count = lower.sorted.keys.length + upper.sorted.keys.length;
    if (count > MAX_JOINED_KEYS) return undefined;
    this.#drop(upper);
    lower.sorted.append(upper.sorted);
    lower.end = upper.end;
    this.#charge(lower, upper.cost - RUN_COST);
    return lower;
  }

  #cut(run: Run): void {
    const upper = run.sorted.split(MAX_RUN_KEYS >> 1).keys;
    run.end = upper[0]!;
    for (const key of upper) this.#charge(run, -costOf(key));
  }

  #charge(run: Run, cost: number): void {
    run.cost += cost;
    this.#cost += cost;
  }

  #makeRoom(): void {
    for (const run of this.#runs) {
      if (this.#room.holds(this.#cost)) return;
      if (run.isWanted) {
        run.isWanted = false;
        this.#runs.delete(run);
        this.#runs.add(run);
      } else this.#drop(run);
    }
  }

  #drop(run: Run): void {
    this.#runs.delete(run);
    run.part.drop(run);
    this.#cost -= run.cost;
  }
}

function costOf(key: string): number {
  return key.length + KEY_COST;
}
