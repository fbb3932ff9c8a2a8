/** Counts what an erasure would delete, and changes nothing. */
import { findConversation } from "../conversations/conversationStore.ts";
import {
  countedAs,
  emptyTally,
  findNeighbour,
  isIn,
  isOwn,
  neighboursOf,
  type Reached,
  type Row,
  type Subject,
  type Tallied,
  tallyRow,
} from "./erasure.ts";
import type { Doc, QueryCtx, TableName } from "../model.ts";
import { Owners } from "./owners.ts";
import { readCursor } from "../paging/cursor.ts";
import type { Scope } from "../scope.ts";
import { sizeOf } from "../size.ts";
import { valueAt } from "./traces.ts";
import { StepBudget, walk } from "../paging/walk.ts";

/** Rows and bytes that one step reads. */
const MAX_READ_ROWS = 2000;
const MAX_READ_BYTES = 8 * 1024 * 1024;
/** Index ranges that one step reads besides those of the subject, up to five for a row; a query may read 4,096. */
const MAX_RANGES = 3000;
/** Most rows that a cursor names. */
const MAX_SEEN = 100_000;

/** Where a step ends. */
interface Place {
  /** The cursor after the last of the subject's rows that was counted with all that depends on it. */
  after?: string;
  /** The next of them, if it was counted in part, and how far what depends on it was. */
  row?: string;
  below?: Below;
  /** The `_id`s of rows that were counted for those that lead to them, since others may lead to them again. */
  seen?: string[];
}

/** How far what depends on a row was counted. */
interface Below {
  /** The cursor after the last of the rows that it leads to. */
  after?: string;
  /** The next row of its chain, once these are counted. */
  chain?: Reached & { name: string };
  /** The `_id` of the next row, if that was counted in part, and how far what depends on it was. */
  row?: string;
  below?: Below;
}

/**
 * Counts what `EraseStep` would delete, each row once: the subject's own rows with the first range that contains them,
 * other rows with the first row that leads to them. Reads about 2,000 rows or 3,000 ranges per step.
 */
export class CountStep {
  /** What the step has counted. */
  readonly tally: Tallied = emptyTally();
  readonly #ctx: QueryCtx;
  readonly #scope: Scope;
  readonly #subject: Subject;
  readonly #owners: Owners;
  readonly #budget = new StepBudget(MAX_READ_ROWS, MAX_READ_BYTES);
  #ranges = 0;
  readonly #seen = new Set<string>();
  readonly #seenBelow: string[] = [];

  /** Reads through `ctx` and writes nothing. */
  constructor(ctx: QueryCtx, scope: Scope, subject: Subject) {
    this.#ctx = ctx;
    this.#scope = scope;
    this.#subject = subject;
    this.#owners = new Owners(ctx, subject);
  }

  /**
   * Counts from the start or from a cursor until all is counted or the budget is spent.
   *
   * @throws {ConvexError} `INVALID_CURSOR`.
   */
  async run(cursor?: string): Promise<{ done: boolean; cursor?: string }> {
    const { ranges, owns } = this.#subject;
    const start = cursor === undefined ? {} : readPlace(cursor);
    let last: { readonly cursor: string } | undefined;
    const endAt = (place: Place) => {
      const seen = this.#seenBelow.slice(-MAX_SEEN);
      return { done: false, cursor: JSON.stringify({ ...place, seen }) };
    };
    for (const id of start.seen ?? []) {
      this.#seen.add(id);
      this.#seenBelow.push(id);
    }
    for await (const walked of walk(this.#ctx, ranges, start.after)) {
      const { range: { table } } = walked;
      const row = walked.row as Row;
      const isFirst = walked.range === ranges.find((range) =>
        range.table === table && isIn(range, row)
      );
      const isCounted = isFirst && owns?.(table, row) !== false &&
        !(await this.#owners.find(table, row, this.#budget)).isOwn;
      const from = row._id === start.row ? start.below : undefined;
      if (isCounted && (from !== undefined || this.#countOne(table, row))) {
        const below = await this.#countBelow(table, row, from);
        if (below !== undefined) {
          const after = last?.cursor ?? start.after;
          return endAt({
            ...(after !== undefined && { after }),
            row: row._id,
            below,
          });
        }
      }
      this.#budget.take(sizeOf(row));
      if (this.#isSpent) return endAt({ after: walked.cursor });
      last = walked;
    }
    return { done: true };
  }

  get #isSpent(): boolean {
    return this.#budget.isSpent || this.#ranges >= MAX_RANGES;
  }

  /** Counts a row; false if it was counted before. */
  #countOne(table: TableName, row: Row): boolean {
    if (this.#seen.has(row._id)) return false;
    this.#seen.add(row._id);
    const name = countedAs(this.#subject, table, row);
    tallyRow(this.tally, name, row);
    if (table === "conversations") {
      const { messageCount } = row as Doc<"conversations">;
      tallyRow(this.tally, "messages", row, messageCount);
    }
    return true;
  }

  /**
   * Counts the rows that a row leads to, and its chain, with all that depends on each, from the start or from where an
   * earlier step ended. Returns where it ends if the budget is spent first.
   */
  async #countBelow(
    table: TableName,
    row: Row,
    start: Below = {},
    reached?: Reached,
  ): Promise<Below | undefined> {
    const links = start.chain === undefined
      ? this.#subject.links(table, row)
      : [];
    this.#ranges += links.length;
    let last: { readonly cursor: string } | undefined;
    for await (const walked of walk(this.#ctx, links, start.after)) {
      const below = walked.row as Row;
      const { table: to } = walked.range;
      const isNext = walked.range.selects?.(below) !== false &&
        await this.#isNext(table, to, below, start);
      const from = below._id === start.row ? start.below : undefined;
      const end = isNext ? await this.#countBelow(to, below, from) : undefined;
      if (end !== undefined) {
        const after = last?.cursor ?? start.after;
        return {
          ...(after !== undefined && { after }),
          row: below._id,
          below: end,
        };
      }
      if (this.#isSpent) return { after: walked.cursor };
      last = walked;
    }
    for (const to of neighboursOf(this.#subject, table, row, reached)) {
      if (start.chain !== undefined && start.chain.field !== to.field) continue;
      const end = await this.#countChain(table, row, to, start);
      if (end !== undefined) return end;
      start = {};
    }
    return undefined;
  }

  /** Counts the rows of a chain in one direction. */
  async #countChain(
    table: TableName,
    row: Row,
    { field, name }: { field: string; name: string },
    start: Below,
  ): Promise<Below | undefined> {
    const links = this.#subject.chain!;
    let { from, name: next }: { from: string; name: string | undefined } =
      start.chain ?? { from: links.nameOf(row), name };
    while (next !== undefined) {
      this.#ranges++;
      const below = await findNeighbour(this.#ctx, links, row, next);
      if (below === null) break;
      const chain = { field, from, name: next };
      const isNext = await this.#isNext(table, table, below, start);
      if (!isNext) break;
      const at = below._id === start.row ? start.below : undefined;
      const end = await this.#countBelow(table, below, at, chain);
      if (end !== undefined) return { chain, row: below._id, below: end };
      from = next;
      next = valueAt(below, field) as string | undefined;
      if (this.#isSpent && next !== undefined) {
        return { chain: { field, from, name: next } };
      }
    }
    return undefined;
  }

  /**
   * Whether what depends on a row that another leads to is to be counted: not if the row was counted, or is elsewhere.
   * Counts the row itself, unless an earlier step has.
   */
  async #isNext(
    from: TableName,
    table: TableName,
    row: Row,
    start: Below,
  ): Promise<boolean> {
    this.#budget.take(sizeOf(row));
    if (row._id === start.row) return true;
    const isElsewhere = isOwn(this.#subject, table, row) ||
      await this.#goesWithConversation(from, table, row);
    if (isElsewhere || !this.#countOne(table, row)) return false;
    this.#seenBelow.push(row._id);
    return true;
  }

  /** Whether a fact, reached through a memory, was made from a conversation of the subject, which counts it. */
  async #goesWithConversation(
    from: TableName,
    table: TableName,
    row: Row,
  ): Promise<boolean> {
    if (from === "conversations" || table !== "facts") return false;
    const id = (row as Doc<"facts">).sourceRef?.conversationId;
    if (id === undefined) return false;
    this.#ranges++;
    const found = await findConversation(this.#ctx, this.#scope, id);
    this.#budget.take(sizeOf(found), 0);
    return found !== null && isOwn(this.#subject, "conversations", found) &&
      // One that was made from an earlier conversation with this id does not go with this one.
      this.#subject.links("conversations", found).some((range) =>
        range.table === table && isIn(range, row)
      );
  }
}

function readPlace(cursor: string): Place {
  return readCursor<Place>(cursor, isPlace);
}

function isPlace(place: unknown): boolean {
  if (typeof place !== "object" || place === null) return false;
  const { after, row, below, chain = {}, seen = [] } = place as Place & Below;
  return [after, row].every(isName) && Array.isArray(seen) &&
    (below === undefined || isPlace(below)) &&
    typeof chain === "object" && chain !== null &&
    Object.values(chain).every((name) => typeof name === "string");
}

function isName(name: unknown): boolean {
  return name === undefined || typeof name === "string";
}
