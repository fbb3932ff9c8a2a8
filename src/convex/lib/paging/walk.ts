/**
 * Reads rows of index ranges in order and in bounded steps: each row has a cursor from which the next step continues,
 * and each step has a budget.
 *
 * @module
 */
import { readCursor } from "./cursor.ts";
import type { Doc, QueryCtx, TableName } from "../model.ts";
import { sizeOf } from "../size.ts";

/** Most rows that one mutation changes, and most bytes of documents that it touches. */
const MAX_STEP_ROWS = 200;
const MAX_STEP_BYTES = 4 * 1024 * 1024;
/** Most rows that one step examines, and most bytes of them. */
const MAX_LOOKED = 4000;
const MAX_LOOKED_BYTES = 6 * 1024 * 1024;

/** The type of a field by which an index is walked. */
export type Position = number | string;

/**
 * A range of an index: rows whose first fields equal given values, in the order of the next field, a number or a string
 * that every row has.
 */
export interface IndexRange<Table extends TableName> {
  readonly table: Table;
  /** Name of the index. */
  readonly index: string;
  /** The index's first fields and their values, in the index's order; `undefined` for an absent field. */
  readonly equals: readonly (readonly [field: string, value: unknown])[];
  /** The index's next field; `_creationTime` if there is no other. */
  readonly by: string;
  /** Default: `asc`. */
  readonly order?: "asc" | "desc";
  /** Exclusive lower bound of `by`. */
  readonly after?: Position | undefined;
  /** Exclusive upper bound of `by`. */
  readonly before?: Position | undefined;
  /** Whether a row is wanted; default: all are. {@link inStep} skips the others. */
  readonly selects?: (row: Doc<Table>) => boolean;
}

/** A row and its range. */
class WalkedRow<Table extends TableName> {
  readonly row: Doc<Table>;
  readonly range: IndexRange<Table>;
  readonly #at: number;

  constructor(row: Doc<Table>, range: IndexRange<Table>, at: number) {
    this.row = row;
    this.range = range;
    this.#at = at;
  }

  /**
   * The cursor after this row. Encoding it takes a good part of the time of reading a row, so do it only where a step
   * ends.
   */
  get cursor(): string {
    const by = (this.row as Record<string, unknown>)[this.range.by];
    return JSON.stringify([this.#at, by, this.row._creationTime]);
  }
}

/** A position in a walk: index of the range, then `by` and `_creationTime` of the last row. */
type Place = readonly [range: number, by: Position, createdAt: number];

interface RangeBuilder {
  eq(field: string, value: unknown): RangeBuilder;
  gt(field: string, value: Position): RangeBuilder;
  lt(field: string, value: Position): RangeBuilder;
}

interface Indexed<Row> {
  withIndex(
    name: string,
    range: (q: RangeBuilder) => unknown,
  ): { order(order: "asc" | "desc"): AsyncIterable<Row> };
}

/**
 * Reads the rows of ranges, one range after another, from the start or after a cursor. Rows are read lazily, so a step
 * ends by breaking out of the loop.
 *
 * @throws {ConvexError} `INVALID_CURSOR`.
 */
export async function* walk<Table extends TableName>(
  ctx: QueryCtx,
  ranges: readonly IndexRange<Table>[],
  cursor?: string,
): AsyncGenerator<WalkedRow<Table>> {
  const start = cursor === undefined ? undefined : parse(cursor, ranges.length);
  for (let at = start?.[0] ?? 0; at < ranges.length; at++) {
    const range = ranges[at] as IndexRange<Table>;
    const place = at === start?.[0] ? start : undefined;
    for (const rows of open(ctx, range, place)) {
      for await (const row of rows) {
        yield new WalkedRow(row, range, at);
      }
    }
  }
}

/** The rest of a range after a position: the remaining rows with the same `by`, then those beyond. */
function open<Table extends TableName>(
  ctx: QueryCtx,
  range: IndexRange<Table>,
  place: Place | undefined,
): AsyncIterable<Doc<Table>>[] {
  const order = range.order ?? "asc";
  const rows = (bounds: (q: RangeBuilder) => RangeBuilder) =>
    (ctx.db.query(range.table) as unknown as Indexed<Doc<Table>>)
      .withIndex(range.index, (q) =>
        bounds(
          range.equals.reduce((q, [field, value]) => q.eq(field, value), q),
        )).order(order);
  const beyond = (q: RangeBuilder, createdAt: number) =>
    order === "desc"
      ? q.lt("_creationTime", createdAt)
      : q.gt("_creationTime", createdAt);
  if (place === undefined) return [rows((q) => between(q, range))];
  // After the row with an id, there is none.
  if (range.index === "by_id") return [];
  const [, by, createdAt] = place;
  if (range.by === "_creationTime") return [rows((q) => beyond(q, createdAt))];
  const rest = { ...range, [order === "desc" ? "before" : "after"]: by };
  return [
    rows((q) => beyond(q.eq(range.by, by), createdAt)),
    rows((q) => between(q, rest)),
  ];
}

function between(
  q: RangeBuilder,
  range: Pick<IndexRange<TableName>, "by" | "after" | "before">,
): RangeBuilder {
  const { by, after, before } = range;
  const from = after === undefined ? q : q.gt(by, after);
  return before === undefined ? from : from.lt(by, before);
}

function parse(cursor: string, ranges: number): Place {
  return readCursor<Place>(
    cursor,
    (place) =>
      Array.isArray(place) && place.length === 3 &&
      Number.isInteger(place[0]) && place[0] >= 0 && place[0] < ranges &&
      (typeof place[1] === "string" || Number.isFinite(place[1])) &&
      Number.isFinite(place[2]),
  );
}

/** Where a step ended. */
export interface StepEnd {
  /** Whether nothing is left. */
  done: boolean;
  /** Where the next step continues; absent if done, or if the next step starts where this one did. */
  cursor?: string;
}

/**
 * Handles the wanted rows of ranges in order, from the start or after a cursor, while the budget lasts. Examines at
 * most 4,000 rows or 6 MiB.
 *
 * @param handle Returns false for a row that needs a further step; the next step starts with this row.
 * @throws {ConvexError} `INVALID_CURSOR`.
 */
export async function inStep<Table extends TableName>(
  ctx: QueryCtx,
  ranges: readonly IndexRange<Table>[],
  start: string | undefined,
  budget: StepBudget,
  handle: (row: Doc<Table>) => boolean | void | Promise<boolean | void>,
): Promise<StepEnd> {
  let last: { cursor: string } | undefined;
  const looked = new StepBudget(MAX_LOOKED, MAX_LOOKED_BYTES);
  const unfinished = (): StepEnd => {
    const cursor = last?.cursor ?? start;
    return { done: false, ...(cursor !== undefined && { cursor }) };
  };
  for await (const walked of walk(ctx, ranges, start)) {
    const { row, range } = walked;
    if (budget.isSpent || looked.isSpent) return unfinished();
    looked.take(sizeOf(row));
    const isWanted = range.selects?.(row) ?? true;
    if (!isWanted) budget.pass(sizeOf(row));
    else if (await handle(row) === false) return unfinished();
    last = walked;
  }
  return { done: true };
}

/**
 * Like {@link inStep}, for rows of an owner that is found by name. The cursor is valid only for that owner: if another
 * one has the name meanwhile, nothing is left to handle.
 */
export async function inStepOf<Table extends TableName>(
  ctx: QueryCtx,
  owner: string,
  ranges: readonly IndexRange<Table>[],
  start: string | undefined,
  budget: StepBudget,
  handle: (row: Doc<Table>) => boolean | void | Promise<boolean | void>,
): Promise<StepEnd & { isAnother?: true }> {
  const [of, after] = start === undefined
    ? [owner, undefined]
    : readCursor<[of: string, after: string]>(
      start,
      (place) => Array.isArray(place) && typeof place[1] === "string",
    );
  if (of !== owner) return { done: true, isAnother: true };
  const { done, cursor } = await inStep(ctx, ranges, after, budget, handle);
  return {
    done,
    ...(cursor !== undefined && { cursor: JSON.stringify([of, cursor]) }),
  };
}

/** How much a step may still read or write. A step takes at least one row, however large. */
export class StepBudget {
  #rows: number;
  #bytes: number;
  #passed = 0;
  #isUntouched = true;
  readonly #whole: StepBudget | undefined;

  /**
   * By default 200 rows and 4 MiB.
   *
   * @param whole The budget that this one is a part of: whatever is taken here is also taken there, and this one is
   * spent when that one is.
   */
  constructor(
    rows: number = MAX_STEP_ROWS,
    bytes: number = MAX_STEP_BYTES,
    whole?: StepBudget,
  ) {
    this.#rows = rows;
    this.#bytes = bytes;
    this.#whole = whole;
  }

  /** Whether nothing more may be read or written. */
  get isSpent(): boolean {
    return this.#rows <= 0 || this.#bytes <= 0 || this.#whole?.isSpent === true;
  }

  /** Rows that may still be read or written. */
  get rows(): number {
    return Math.max(0, this.#rows);
  }

  /** Bytes that may still be read or written. */
  get bytes(): number {
    return Math.max(0, Math.min(this.#bytes, this.#whole?.bytes ?? Infinity));
  }

  /** Whether the step has read nothing yet: the first that it handles may then need more than the budget. */
  get isUntouched(): boolean {
    return this.#isUntouched;
  }

  /** Bytes that may still be read besides all that the step has read. */
  get room(): number {
    return Math.max(0, this.bytes - this.#passed);
  }

  /** Notes bytes that were read, but are left alone: they leave less room, and do not spend the budget. */
  pass(bytes: number): void {
    if (bytes > 0) this.#isUntouched = false;
    this.#passed += bytes;
  }

  /** Takes rows of `bytes` bytes in all. */
  take(bytes: number, rows: number = 1): void {
    if (bytes > 0) this.#isUntouched = false;
    this.#rows -= rows;
    this.#bytes -= bytes;
    this.#whole?.take(bytes, rows);
  }
}

/** The first rows of a query, such as hits of a search, that the budget allows; none if it is spent. */
export async function taken<Row extends object>(
  rows: AsyncIterable<Row>,
  budget: StepBudget,
  bytesOf: (row: Row) => number = sizeOf,
): Promise<Row[]> {
  const found: Row[] = [];
  if (budget.isSpent) return found;
  for await (const row of rows) {
    found.push(row);
    budget.take(bytesOf(row));
    if (budget.isSpent) break;
  }
  return found;
}

/** The same of the rows of a range; those that it does not want count, too. */
export async function takenFrom<Table extends TableName>(
  ctx: QueryCtx,
  range: IndexRange<Table>,
  budget: StepBudget,
  bytesOf: (row: Doc<Table>) => number = sizeOf,
): Promise<Doc<Table>[]> {
  const found: Doc<Table>[] = [];
  if (budget.isSpent) return found;
  for await (const { row } of walk(ctx, [range])) {
    if (range.selects?.(row) !== false) found.push(row);
    budget.take(bytesOf(row));
    if (budget.isSpent) break;
  }
  return found;
}
