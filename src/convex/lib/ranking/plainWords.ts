/**
 * Questions of nothing but stop words ("who is it"). The text index contains these words only for texts of nothing but
 * stop words, so the newest rows are read, and those with all the words are candidates, too.
 *
 * @module
 */
import { cutText } from "../text/cutText.ts";
import { stem, words } from "../text/text.ts";
import type { Doc, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { bytesRead } from "../size.ts";
import { StepBudget, taken } from "../paging/walk.ts";
import type { ParsedQuery } from "./query.ts";

const MAX_ROWS = 256;
const MAX_BYTES = 1024 * 1024;
/** How much of a text is examined. */
const MAX_CHARACTERS = 2048;

/**
 * The rows with every word of such a question, among the newest 256 or 1 MiB of a space, each with a search text of
 * these words.
 */
export async function rowsWithWords<Table extends "facts" | "memories">(
  ctx: QueryCtx,
  { tenantId }: Scope,
  table: Table,
  memorySpaceId: string,
  { plain }: ParsedQuery,
  textOf: (row: Doc<Table>) => string,
): Promise<{ row: Doc<Table>; searchText: string }[]> {
  if (plain.length === 0) return [];
  // Both tables have the same index.
  const newest = ctx.db.query(table as "facts").withIndex(
    "by_tenant_space_created",
    (q) => q.eq("tenantId", tenantId).eq("memorySpaceId", memorySpaceId),
  ).order("desc") as AsyncIterable<Doc<"facts" | "memories">>;
  const rows = await taken(
    newest as AsyncIterable<Doc<Table>>,
    new StepBudget(MAX_ROWS, MAX_BYTES),
    ({ bytes, searchText }) =>
      table === "facts" ? bytes : bytesRead({ bytes, searchText }),
  );
  return rows.flatMap((row) => {
    const own = words(cutText(textOf(row), MAX_CHARACTERS));
    return plain.every((word) => own.includes(word))
      ? [{ row, searchText: own.map(stem).join(" ") }]
      : [];
  });
}
