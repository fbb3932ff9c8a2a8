import type { Doc, TableName } from "./model.ts";
import type { IndexRange } from "./paging/walk.ts";

/**
 * Leaves out of the facts or memories that name a source by its id those of another user that are older than the source:
 * they were made from an earlier one with this id, which is gone.
 *
 * @param source `userId` is whose rows are kept, of whatever age; without it, all are.
 * @param by The time of a row that tells its age.
 */
export function madeSince<Table extends TableName>(
  { userId, createdAt }: { userId?: string | undefined; createdAt: number },
  range: IndexRange<Table>,
  by: "createdAt" | "updatedAt" = "createdAt",
): IndexRange<Table> {
  // A version of a fact keeps the source of the first one, and its creation time.
  const selects = (row: Doc<"facts"> | Doc<"memories">) =>
    row[by] >= createdAt || row.userId === userId ||
    row.userId === undefined || userId === undefined;
  return {
    ...range,
    selects: selects as unknown as (row: Doc<Table>) => boolean,
  };
}
