/**
 * Erases what belongs to a user, an agent or a space: finds the rows, and deletes them in bounded steps. A row is
 * deleted after everything that depends on it, so whatever a step leaves, the next one can find: neither a crash nor a
 * lost cursor leaves anything behind.
 *
 * @module
 */
import { BYTE_COUNTERS, Tallies } from "../counters.ts";
import type { Doc, MutationCtx, QueryCtx, TableName } from "../model.ts";
import { HANDLED, type Removed, removeRow } from "./removers.ts";
import type { Scope } from "../scope.ts";
import { embeddingBytes, sizeOf } from "../size.ts";
import { dependentsOf, valueAt } from "./traces.ts";
import { type IndexRange, StepBudget, walk } from "../paging/walk.ts";

/** A row of any table. */
export type Row = Doc<TableName>;

/** Whose rows are deleted, and what is deleted with them. */
export interface Subject {
  readonly kind: Doc<"deletionRequests">["kind"];
  readonly id: string;
  /** Ranges of the subject's own rows, in the order of deletion. */
  readonly ranges: readonly IndexRange<TableName>[];
  /** Whether a row of a range belongs to the subject. Default: all do. */
  readonly owns?: (table: TableName, row: Row) => boolean;
  /**
   * Ranges of rows that refer to a row and are deleted before it, but for those that a range does not select. Rows that
   * hold its `_id` need not be named.
   */
  readonly links: (table: TableName, row: Row) => IndexRange<TableName>[];
  /** Rows that are deleted with their neighbours. */
  readonly chain?: Chain;
}

/** Rows of a table that name each other, and are deleted together, however many. */
export interface Chain {
  readonly table: TableName;
  /** Fields in which a row names its neighbours, one for each direction. */
  readonly fields: readonly string[];
  readonly nameOf: (row: Row) => string;
  /** The range of the neighbour of a row that has this name, or of all rows that may be neighbours. */
  readonly rangeOf: (row: Row, name?: string) => IndexRange<TableName>;
}

/** Reads the neighbour of a row that has this name. */
export async function findNeighbour(
  ctx: QueryCtx,
  { rangeOf }: Chain,
  row: Row,
  name: string,
): Promise<Row | null> {
  for await (const found of walk(ctx, [rangeOf(row, name)])) {
    return found.row as Row;
  }
  return null;
}

/** How a row of a chain was reached: in a direction, from the row of this name. */
export interface Reached {
  readonly field: string;
  readonly from: string;
}

/** The neighbours that a row names, but for those in the direction in which it was reached, and where that began. */
export function neighboursOf(
  { chain }: Subject,
  table: TableName,
  row: Row,
  reached?: Reached,
): { field: string; name: string }[] {
  if (chain?.table !== table) return [];
  return chain.fields.flatMap((field) => {
    const name = valueAt(row, field) as string | undefined;
    return name === undefined || field === reached?.field ||
        name === reached?.from
      ? []
      : [{ field, name }];
  });
}

/** What was erased, or would be erased. */
export interface Tallied {
  /** Rows by table. */
  counts: Record<string, number>;
  /** Bytes of conversations, memories and facts, as the statistics of their spaces count them. */
  bytes: number;
  /** Spaces that the rows were in. */
  spaces: Set<string>;
}

/** Makes an empty tally. */
export function emptyTally(): Tallied {
  return { counts: {}, bytes: 0, spaces: new Set() };
}

/** Adds a row, or `rows` of them, to a tally. */
export function tallyRow(
  tally: Tallied,
  table: string,
  row: object,
  rows = 1,
): void {
  tally.counts[table] = (tally.counts[table] ?? 0) + rows;
  const space = (row as { memorySpaceId?: string }).memorySpaceId;
  if (space !== undefined && table !== "spaceParticipants") {
    tally.spaces.add(space);
  }
}

/** Ranges of the rows that hold the `_id` of a row. */
function dependentRanges(
  table: TableName,
  row: Row,
): IndexRange<TableName>[] {
  return dependentsOf(table).flatMap(({ table, field, index, by }) =>
    index === undefined
      ? []
      : [{ table, index, by, equals: [[field, row._id]] }]
  );
}

/** Whether a row is the subject's own, however it was reached. */
export function isOwn(subject: Subject, table: TableName, row: Row): boolean {
  return subject.ranges.some((range) =>
    range.table === table && isIn(range, row)
  ) && subject.owns?.(table, row) !== false;
}

/** Whether a row lies in a range and is wanted. */
export function isIn(range: IndexRange<TableName>, row: Row): boolean {
  return range.equals.every(([field, value]) =>
    valueAt(row, field) === value
  ) && range.selects?.(row) !== false;
}

/** One step of an erasure. */
export class EraseStep {
  /** What the step has deleted. */
  readonly tally: Tallied = emptyTally();
  readonly #ctx: MutationCtx;
  readonly #scope: Scope;
  readonly #subject: Subject;
  readonly #budget = new StepBudget();
  readonly #tallies = new Tallies();
  readonly #seen = new Set<string>();

  /** Has a budget of 200 rows and 4 MiB. */
  constructor(ctx: MutationCtx, scope: Scope, subject: Subject) {
    this.#ctx = ctx;
    this.#scope = scope;
    this.#subject = subject;
  }

  /**
   * Deletes rows until none is left or the budget is spent.
   *
   * @param cursor Where an earlier step stopped among rows that it skipped; without it, from the start.
   * @returns Whether nothing is left, and otherwise where to continue.
   */
  async run(cursor?: string): Promise<{ done: boolean; cursor?: string }> {
    const end = await this.#run(cursor);
    for (const key of Object.values(BYTE_COUNTERS)) {
      this.tally.bytes -= this.#tallies.sum(key);
    }
    await this.#tallies.write(this.#ctx);
    return end;
  }

  async #run(cursor?: string): Promise<{ done: boolean; cursor?: string }> {
    const { ranges, owns } = this.#subject;
    let last = cursor;
    let passed = 0;
    for await (const walked of walk(this.#ctx, ranges, cursor)) {
      const { row, range: { table } } = walked;
      if (owns?.(table, row as Row) === false) {
        last = walked.cursor;
        this.#budget.take(sizeOf(row), 0);
        if (++passed < MAX_PASSED && !this.#budget.isSpent) continue;
        return { done: false, cursor: last };
      }
      if (!await this.#erase(table, row as Row)) {
        return { done: false, ...(last !== undefined && { cursor: last }) };
      }
    }
    return { done: true };
  }

  /**
   * Deletes a row and everything that depends on it; returns false if the budget was spent first.
   *
   * @param within Ranges through which the row was reached.
   * @param reached How it was reached if by its chain, whose further rows are not deleted.
   */
  async #erase(
    table: TableName,
    row: Row,
    within: readonly IndexRange<TableName>[] = [],
    reached?: Reached,
  ): Promise<boolean> {
    if (this.#seen.has(row._id)) return true;
    if (this.#budget.isSpent) return false;
    this.#seen.add(row._id);
    const hanging = [
      ...this.#subject.links(table, row),
      ...dependentRanges(table, row)
        .filter((range) => HANDLED[table]?.includes(range.table) !== true),
    ];
    const inner = [...within, ...hanging];
    for (const range of hanging) {
      for await (const { row: below } of walk(this.#ctx, [range])) {
        if (range.selects?.(below) === false) continue;
        if (!await this.#erase(range.table, below as Row, inner)) return false;
      }
    }
    for (const to of neighboursOf(this.#subject, table, row, reached)) {
      if (!await this.#eraseChain(table, row, to, within)) return false;
    }
    // A trace goes with its answer: what led to it may be gone before the next step.
    const isLast = table === "idempotencyTraces";
    if (this.#budget.isSpent && !isLast) return false;
    const { done, messages } = await this.#remove(table, row);
    if (messages !== undefined && messages > 0) {
      tallyRow(this.tally, "messages", row, messages);
    }
    if (!done) return false;
    this.#budget.take(
      sizeOf(row) + embeddingBytes(row as { embeddingDims?: number }),
    );
    tallyRow(this.tally, countedAs(this.#subject, table, row), row);
    return true;
  }

  /**
   * Deletes the rows of a chain in one direction, one after another, since it may be longer than a step. If the budget
   * is spent first, the row that leads to them names the first that is left.
   */
  async #eraseChain(
    table: TableName,
    row: Row,
    { field, name }: { field: string; name: string },
    within: readonly IndexRange<TableName>[],
  ): Promise<boolean> {
    const chain = this.#subject.chain!;
    let from = chain.nameOf(row);
    let next: string | undefined = name;
    while (next !== undefined) {
      const below = await findNeighbour(this.#ctx, chain, row, next);
      // A version of a fact that is found without the others need not be reached through their chain.
      const isElsewhere = below === null || this.#seen.has(below._id) ||
        this.#isFound(table, below, within);
      if (isElsewhere) break;
      if (!await this.#erase(table, below, within, { field, from })) {
        if (next !== name) await this.#ctx.db.patch(row._id, { [field]: next });
        return false;
      }
      from = next;
      next = valueAt(below, field) as string | undefined;
    }
    return true;
  }

  /** Whether a row is found in a range that is being walked, or will be. */
  #isFound(
    table: TableName,
    row: Row,
    within: readonly IndexRange<TableName>[],
  ): boolean {
    return isOwn(this.#subject, table, row) ||
      within.some((range) => range.table === table && isIn(range, row));
  }

  async #remove(table: TableName, row: Row): Promise<Removed> {
    // The space's own list of participants goes with the space, so it is not read for each of them.
    if (
      this.#subject.kind === "memorySpace" && table === "spaceParticipants"
    ) {
      await this.#ctx.db.delete(row._id);
      return { done: true };
    }
    return await removeRow(
      this.#ctx,
      this.#scope,
      table,
      row,
      this.#budget,
      this.#tallies,
    );
  }
}

/** Most rows that a step reads and skips. */
const MAX_PASSED = 2000;

/** The name under which a row is counted: its table's, except for the user's profile, and their versions of records. */
export function countedAs(
  subject: Subject,
  table: TableName,
  row: Row,
): string {
  if (subject.kind === "user" && table === "immutable") {
    const { type, id } = row as Doc<"immutable">;
    if (type === "user" && id === subject.id) return "profile";
  }
  return table === "immutableVersions" ? "immutable" : table;
}

/** Counts the subject's own rows that are left, by table; at most 1,000 and 1 MiB per range, and 4 MiB in all. */
export async function countRemaining(
  ctx: QueryCtx,
  subject: Subject,
): Promise<Record<string, number>> {
  const seen = new Set<string>();
  const left: Record<string, number> = {};
  const whole = new StepBudget(Infinity, MAX_READ_BYTES);
  for (const range of subject.ranges) {
    const budget = new StepBudget(MAX_REMAINING, MAX_RANGE_BYTES, whole);
    for await (const { row } of walk(ctx, [range])) {
      if (budget.isSpent) break;
      budget.take(sizeOf(row));
      const own = subject.owns?.(range.table, row as Row) !== false;
      if (!own || seen.has(row._id)) continue;
      seen.add(row._id);
      const name = countedAs(subject, range.table, row as Row);
      left[name] = (left[name] ?? 0) + 1;
    }
  }
  return left;
}

const MAX_REMAINING = 1000;
const MAX_RANGE_BYTES = 1024 * 1024;
const MAX_READ_BYTES = 4 * 1024 * 1024;
