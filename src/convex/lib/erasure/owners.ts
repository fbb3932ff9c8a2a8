/** Rows that belong to a subject by themselves, and to another row, with which they go if that is the subject's, too. */
import { isOwn, type Row, type Subject } from "./erasure.ts";
import type { Id, QueryCtx, TableName } from "../model.ts";
import type { StepBudget } from "../paging/walk.ts";
import { sizeOf } from "../size.ts";

/** Tables of such rows, with the table of the other row and the field that holds its `_id`. */
const OWNERS: { readonly [Table in TableName]?: [TableName, string] } = {
  messages: ["conversations", "conversationDocId"],
  immutableVersions: ["immutable", "immutableDocId"],
};

/** Whether rows of a table belong to a subject by themselves, and to another row. */
export function haveOwners(table: TableName): boolean {
  return table in OWNERS;
}

/** The row that another one belongs to, and whether it is the subject's. */
interface Owner {
  owner?: Row;
  isOwn: boolean;
}

/** Finds the rows that rows of a subject belong to; reads each once. */
export class Owners {
  readonly #ctx: QueryCtx;
  readonly #subject: Subject;
  readonly #known = new Map<string, Owner>();

  /** Reads through `ctx`. */
  constructor(ctx: QueryCtx, subject: Subject) {
    this.#ctx = ctx;
    this.#subject = subject;
  }

  /** The row that a row belongs to, if any; takes from the budget what it reads. */
  async find(table: TableName, row: Row, budget: StepBudget): Promise<Owner> {
    const [to, field] = OWNERS[table] ?? [];
    if (to === undefined) return { isOwn: false };
    const id = (row as unknown as Record<string, Id<TableName>>)[field!]!;
    let found = this.#known.get(id);
    if (found === undefined) {
      const owner = await this.#ctx.db.get(id);
      budget.take(sizeOf(owner));
      found = owner === null
        ? { isOwn: false }
        : { owner, isOwn: isOwn(this.#subject, to, owner) };
      this.#known.set(id, found);
    }
    return found;
  }
}
