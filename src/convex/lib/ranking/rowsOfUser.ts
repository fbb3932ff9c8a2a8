/** The newest rows of one user, for questions that share no word with an answer. */
import type { Doc, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { bytesRead } from "../size.ts";
import type { StepBudget } from "../paging/walk.ts";

/**
 * A user's newest rows in a space that are wanted, while the budget lasts, to which others only count with their bytes.
 *
 * @param isWanted Asked of current facts, and of memories, archived ones too.
 */
export async function newestRowsOfUser<Table extends "facts" | "memories">(
  ctx: QueryCtx,
  { tenantId }: Scope,
  { table, memorySpaceId, userId, isWanted }: {
    table: Table;
    memorySpaceId: string;
    userId: string | undefined;
    isWanted: (row: Doc<Table>) => boolean;
  },
  budget: StepBudget,
): Promise<Doc<Table>[]> {
  const found: Doc<Table>[] = [];
  if (budget.isSpent) return found;
  // Both tables have the same index; that of facts also covers whether they are current.
  const newest = ctx.db.query(table as "facts").withIndex(
    "by_tenant_space_user",
    (q) => {
      const ofUser = q.eq("tenantId", tenantId)
        .eq("memorySpaceId", memorySpaceId).eq("userId", userId);
      return table === "facts" ? ofUser.eq("isCurrent", true) : ofUser;
    },
  ).order("desc") as AsyncIterable<Doc<"facts" | "memories">>;
  for await (const row of newest as AsyncIterable<Doc<Table>>) {
    const isFound = isWanted(row);
    if (isFound) found.push(row);
    const { bytes, searchText } = row;
    const read = table === "facts" ? bytes : bytesRead({ bytes, searchText });
    budget.take(read, isFound ? 1 : 0);
    if (budget.isSpent) break;
  }
  return found;
}
