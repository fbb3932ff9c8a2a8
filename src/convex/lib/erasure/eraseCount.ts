/** Counts what an erasure would delete, and changes nothing. */
import { findConversation } from "../conversations/conversationStore.ts";
import {
  countedAs,
  emptyTally,
  isIn,
  isOwn,
  type Row,
  type Subject,
  type Tallied,
  tallyRow,
} from "./erasure.ts";
import type { Doc, Id, QueryCtx, TableName } from "../model.ts";
import { readCursor } from "../paging/cursor.ts";
import type { Scope } from "../scope.ts";
import { sizeOf } from "../size.ts";
import { parentFields, valueAt } from "./traces.ts";
import { StepBudget, walk } from "../paging/walk.ts";

/** Rows and bytes that one step reads. */
const MAX_READ_ROWS = 2000;
const MAX_READ_BYTES = 8 * 1024 * 1024;
/** Index ranges that one step reads besides those of the subject, up to five for a row; a query may read 4,096. */
const MAX_RANGES = 3000;

/** Where a step ends. */
interface Place {
  /** The cursor after the last of the subject's rows that was counted with all that depends on it. */
  after?: string;
  /** The next of them, if it was counted in part, and the cursor among the rows that it leads to. */
  row?: string;
  within?: string;
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
  readonly #budget = new StepBudget(MAX_READ_ROWS, MAX_READ_BYTES);
  #ranges = 0;
  readonly #seen = new Set<string>();

  /** Reads through `ctx` and writes nothing. */
  constructor(ctx: QueryCtx, scope: Scope, subject: Subject) {
    this.#ctx = ctx;
    this.#scope = scope;
    this.#subject = subject;
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
    const endAt = (place: Place) => ({
      done: false,
      cursor: JSON.stringify(place),
    });
    for await (const walked of walk(this.#ctx, ranges, start.after)) {
      const { range: { table } } = walked;
      const row = walked.row as Row;
      const isFirst = walked.range === ranges.find((range) =>
        range.table === table && isIn(range, row)
      );
      const isCounted = isFirst && owns?.(table, row) !== false &&
        !await this.#goesWithAnother(table, row);
      const from = row._id === start.row ? start.within : undefined;
      if (isCounted && (from !== undefined || this.#countOne(table, row))) {
        const within = await this.#countBelow(table, row, true, from);
        if (within !== undefined) {
          const after = last?.cursor ?? start.after;
          return endAt({
            ...(after !== undefined && { after }),
            row: row._id,
            within,
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
   * Counts the rows that a row leads to, with all that depends on each. A conversation or a memory may lead to any
   * number, so with `pauses` it ends when the budget is spent, and returns the cursor to continue from.
   */
  async #countBelow(
    table: TableName,
    row: Row,
    pauses: boolean,
    cursor?: string,
  ): Promise<string | undefined> {
    const links = this.#subject.links(table, row);
    this.#ranges += links.length;
    for await (const walked of walk(this.#ctx, links, cursor)) {
      const { range } = walked;
      const below = walked.row as Row;
      this.#budget.take(sizeOf(below));
      const isElsewhere = isOwn(this.#subject, range.table, below) ||
        await this.#goesWithConversation(table, range.table, below);
      if (!isElsewhere && this.#countOne(range.table, below)) {
        await this.#countBelow(range.table, below, false);
      }
      if (pauses && this.#isSpent) return walked.cursor;
    }
    return undefined;
  }

  /** Whether a row's parent is itself the subject's, and so counts the row. */
  async #goesWithAnother(table: TableName, row: Row): Promise<boolean> {
    if (table !== "messages") return false;
    for (const field of parentFields(table)) {
      const id = valueAt(row, field) as Id<"conversations">;
      this.#ranges++;
      const parent = await this.#ctx.db.get(id);
      this.#budget.take(sizeOf(parent), 0);
      if (parent !== null && isOwn(this.#subject, "conversations", parent)) {
        return true;
      }
    }
    return false;
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
    return found !== null && isOwn(this.#subject, "conversations", found);
  }
}

function readPlace(cursor: string): Place {
  return readCursor<Place>(
    cursor,
    (place) =>
      typeof place === "object" && place !== null &&
      [place.after, place.row, place.within]
        .every((part) => part === undefined || typeof part === "string"),
  );
}
