/** Users as CSV, one part per step: one line per user, with the number of rows of each kind. */
import { v } from "convex/values";
import { readCursor } from "../paging/cursor.ts";
import { csvPart } from "../export/exportText.ts";
import { stepFields } from "../fields.ts";
import { jsonOf } from "../freeForm/jsonSize.ts";
import type { QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { type ExportPageArgs, exportUsers } from "./userExport.ts";
import type { ProfileView } from "./userProfiles.ts";

/** Validator of a part. */
export const csvPage = v.object({
  data: v.string(),
  count: v.number(),
  ...stepFields,
});

/** A user whose line is not complete yet, and the counts so far. */
interface Open {
  profile: ProfileView;
  version: number;
  conversation: number;
  memory: number;
}

/** Where a part starts. */
interface Start {
  inner?: string;
  open?: Open;
}

/** Makes one part of the text. */
export async function csvOfUsers(
  ctx: QueryCtx,
  scope: Scope,
  { cursor, ...rest }: ExportPageArgs,
): Promise<typeof csvPage.type> {
  const start: Start = cursor === undefined
    ? {}
    : readCursor<Start>(cursor, ({ inner }) => typeof inner === "string");
  const part = await exportUsers(ctx, scope, {
    ...rest,
    ...(start.inner !== undefined && { cursor: start.inner }),
  });
  const users = start.open === undefined ? [] : [start.open];
  for (const item of part.items) {
    if ("profile" in item) {
      // The current version counts, too.
      const { profile } = item;
      users.push({ profile, version: 1, conversation: 0, memory: 0 });
      continue;
    }
    const open = users.at(-1);
    if (open === undefined) continue;
    if ("version" in item) open.version++;
    if ("conversation" in item) open.conversation++;
    if ("memory" in item) open.memory++;
  }
  const open = part.done ? undefined : users.pop();
  return {
    data: csvText(users, rest, cursor === undefined, part.done),
    count: users.length,
    done: part.done,
    ...(!part.done && { cursor: JSON.stringify({ inner: part.cursor, open }) }),
  };
}

function csvText(
  users: readonly Open[],
  args: ExportPageArgs,
  isFirst: boolean,
  isLast: boolean,
): string {
  const counted = [
    ["versionHistoryCount", "version", args.includeVersionHistory],
    ["conversationsCount", "conversation", args.includeConversations],
    ["memoriesCount", "memory", args.includeMemories],
  ] as const;
  const wanted = counted.filter(([, , isWanted]) => isWanted === true);
  const columns = ["id", "version", "createdAt", "updatedAt", "data"];
  return csvPart(
    [...columns, ...wanted.map(([column]) => column)],
    users.map((user) => [
      user.profile.id,
      user.profile.version,
      new Date(user.profile.createdAt).toISOString(),
      new Date(user.profile.updatedAt).toISOString(),
      jsonOf("data", user.profile),
      ...wanted.map(([, kind]) => user[kind]),
    ]),
    { isFirst, hasRecords: false, isLast },
  );
}
