/** Reads a chain of rows that name each other as one list, however long it is. */
import {
  findNeighbour,
  isOwn,
  type Row,
  type Subject,
} from "../erasure/erasure.ts";
import { valueAt } from "../erasure/traces.ts";
import type { QueryCtx } from "../model.ts";
import { readCursor } from "../paging/cursor.ts";
import { sizeOf } from "../size.ts";
import type { StepBudget } from "../paging/walk.ts";
import type { Listed } from "./tree.ts";

/** A position in a chain: after a row. */
interface Link {
  /** The name of the row before it. */
  from: string;
  /** Its own. */
  name: string;
  /** The name of the row after it. */
  next?: string;
  /** The rows so far. */
  rows: number;
  /** A row that is met again only if the chain is closed, as in an import by hand. */
  mark: string;
}

/**
 * The rows of a chain in one direction, from the neighbour of a row on, up to the first that is the subject's own: its
 * own rows are read without their chain.
 *
 * @throws {ConvexError} `INVALID_CURSOR`.
 */
export async function* chainRows(
  ctx: QueryCtx,
  subject: Subject,
  row: Row,
  { field, name }: { field: string; name: string },
  after: string | undefined,
  budget: StepBudget,
): AsyncGenerator<Listed> {
  const chain = subject.chain!;
  const first = chain.nameOf(row);
  let link: Link = after === undefined
    ? { from: first, name: first, next: name, rows: 0, mark: first }
    : readLink(after);
  while (link.next !== undefined && link.next !== link.mark) {
    const found = await findNeighbour(ctx, chain, row, link.next);
    if (found === null) return;
    if (isOwn(subject, chain.table, found)) {
      budget.take(sizeOf(found), 0);
      return;
    }
    const rows = link.rows + 1;
    const next = valueAt(found, field) as string | undefined;
    // Moved at every power of two, the mark comes to lie within a circle at last, with as many rows after it.
    const isMark = (rows & link.rows) === 0;
    link = {
      from: link.name,
      name: link.next,
      ...(next !== undefined && { next }),
      rows,
      mark: isMark ? link.next : link.mark,
    };
    yield { row: found, cursor: JSON.stringify(link) };
  }
}

/** Parses a cursor of {@link chainRows}. */
export function readLink(cursor: string): Link {
  return readCursor<Link>(
    cursor,
    ({ from, name, next = "", rows, mark }) =>
      [from, name, next, mark].every((text) => typeof text === "string") &&
      Number.isSafeInteger(rows),
  );
}
