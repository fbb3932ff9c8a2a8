/** Users as CSV, a part a step: one line a user, with how much is held on each. */
import { v } from "convex/values";
import { csvPart } from "./exportText.ts";
import { jsonOf } from "./jsonSize.ts";
import type { QueryCtx } from "./model.ts";
import type { Scope } from "./scope.ts";
import { type ExportPageArgs, exportUsers } from "./userExport.ts";
import type { ProfileView } from "./userProfiles.ts";

/** Validator of a part. */
export const csvPage = v.object({
  data: v.string(),
  count: v.number(),
  done: v.boolean(),
  cursor: v.optional(v.string()),
});

/** A user whose line is not whole yet. */
interface Open {
  profile: ProfileView;
  versions: number;
  conversations: number;
  memories: number;
}

/** Makes one part of the text. */
export async function csvOfUsers(
  ctx: QueryCtx,
  scope: Scope,
  args: ExportPageArgs,
): Promise<typeof csvPage.type> {
  const start: { inner?: string; open?: Open } = args.cursor === undefined
    ? {}
    : JSON.parse(args.cursor);
  const { cursor: _, ...rest } = args;
  const part = await exportUsers(ctx, scope, {
    ...rest,
    ...(start.inner !== undefined && { cursor: start.inner }),
  });
  let open = start.open;
  const whole: Open[] = [];
  for (const item of part.items) {
    if ("profile" in item) {
      if (open !== undefined) whole.push(open);
      // The present version counts, too.
      open = {
        profile: item.profile,
        versions: 1,
        conversations: 0,
        memories: 0,
      };
    } else if (open !== undefined) {
      if ("version" in item) open.versions++;
      if ("conversation" in item) open.conversations++;
      if ("memory" in item) open.memories++;
    }
  }
  if (part.done && open !== undefined) whole.push(open);
  const counted = [
    ["versionHistoryCount", "versions", args.includeVersionHistory],
    ["conversationsCount", "conversations", args.includeConversations],
    ["memoriesCount", "memories", args.includeMemories],
  ] as const;
  const wanted = counted.filter(([, , isWanted]) => isWanted === true);
  const data = csvPart(
    [
      "id",
      "version",
      "createdAt",
      "updatedAt",
      "data",
      ...wanted.map(([column]) => column),
    ],
    whole.map((one) => [
      one.profile.id,
      one.profile.version,
      new Date(one.profile.createdAt).toISOString(),
      new Date(one.profile.updatedAt).toISOString(),
      jsonOf("data", one.profile),
      ...wanted.map(([, name]) => one[name]),
    ]),
    {
      isFirst: args.cursor === undefined,
      hasRecords: false,
      isLast: part.done,
    },
  );
  const { done, cursor: inner } = part;
  return {
    data,
    count: whole.length,
    done,
    ...(!done && { cursor: JSON.stringify({ inner, open }) }),
  };
}
