/** The newest rows of one user, for questions that share no word with an answer. */
import type { Doc, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { type StepBudget, taken } from "../paging/walk.ts";

/** A user's newest rows in a space while the budget lasts: current facts, and memories, archived ones too. */
export async function newestRowsOfUser<Table extends "facts" | "memories">(
  ctx: QueryCtx,
  { tenantId }: Scope,
  table: Table,
  memorySpaceId: string,
  userId: string | undefined,
  budget: StepBudget,
): Promise<Doc<Table>[]> {
  // Both tables have the same index; that of facts also covers whether they are current.
  const newest = ctx.db.query(table as "facts").withIndex(
    "by_tenant_space_user",
    (q) => {
      const ofUser = q.eq("tenantId", tenantId)
        .eq("memorySpaceId", memorySpaceId).eq("userId", userId);
      return table === "facts" ? ofUser.eq("isCurrent", true) : ofUser;
    },
  ).order("desc") as AsyncIterable<Doc<"facts" | "memories">>;
  return await taken(
    newest as AsyncIterable<Doc<Table>>,
    budget,
    ({ bytes }) => bytes,
  );
}
