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
import type { Scope } from "../scope.ts";
import { sizeOf } from "../size.ts";
import { parentFields, valueAt } from "./traces.ts";
import { StepBudget, walk } from "../paging/walk.ts";

/** Rows and bytes that one step reads. */
const MAX_READ_ROWS = 2000;
const MAX_READ_BYTES = 8 * 1024 * 1024;
/** Index ranges that one step reads besides those of the subject, up to five for a row; a query may read 4,096. */
const MAX_RANGES = 3000;

/**
 * Counts what `EraseStep` would delete, each row once: the subject's own rows with the first range that contains them,
 * other rows with the first row that leads to them. Reads about 2,000 rows or 3,000 ranges per step, and always all rows
 * that depend on one.
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

  /** Counts from the start or from a cursor until all is counted or the budget is spent. */
  async run(cursor?: string): Promise<{ done: boolean; cursor?: string }> {
    const { ranges, owns } = this.#subject;
    for await (const walked of walk(this.#ctx, ranges, cursor)) {
      const { row, range: { table } } = walked;
      const isFirst = walked.range === ranges.find((range) =>
        range.table === table && isIn(range, row as Row)
      );
      if (isFirst && owns?.(table, row as Row) !== false) {
        if (!await this.#goesWithAnother(table, row as Row)) {
          await this.#count(table, row as Row);
        }
      }
      this.#budget.take(sizeOf(row));
      if (this.#budget.isSpent || this.#ranges >= MAX_RANGES) {
        return { done: false, cursor: walked.cursor };
      }
    }
    return { done: true };
  }

  async #count(table: TableName, row: Row): Promise<void> {
    if (this.#seen.has(row._id)) return;
    this.#seen.add(row._id);
    const name = countedAs(this.#subject, table, row);
    tallyRow(this.tally, name, row);
    if (table === "conversations") {
      const { messageCount } = row as Doc<"conversations">;
      tallyRow(this.tally, "messages", row, messageCount);
    }
    for (const range of this.#subject.links(table, row)) {
      this.#ranges++;
      for await (const { row: below } of walk(this.#ctx, [range])) {
        this.#budget.take(sizeOf(below));
        const other = below as Row;
        if (isOwn(this.#subject, range.table, other)) continue;
        if (await this.#goesWithConversation(table, range.table, other)) {
          continue;
        }
        await this.#count(range.table, other);
      }
    }
  }

  /** Whether a row's parent is itself the subject's, and so counts the row. */
  async #goesWithAnother(table: TableName, row: Row): Promise<boolean> {
    if (table !== "messages") return false;
    for (const field of parentFields(table)) {
      const id = valueAt(row, field) as Id<"conversations">;
      this.#ranges++;
      const parent = await this.#ctx.db.get(id);
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
    return found !== null && isOwn(this.#subject, "conversations", found);
  }
}
