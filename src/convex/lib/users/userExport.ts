/** Users and what belongs to them, in bounded parts that the caller combines. */
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import { readCursor } from "../paging/cursor.ts";
import { stepFields } from "../fields.ts";
import type { FreeForm } from "../freeForm/freeForm.ts";
import { jsonOf } from "../freeForm/jsonSize.ts";
import type { Doc, QueryCtx, TableName } from "../model.ts";
import type { Scope } from "../scope.ts";
import {
  conversationView,
  memoryEntry,
  memoryVersionView,
  messageView,
  pick,
  toConversation,
  toMemoryEntry,
  toMessage,
} from "../shapes.ts";
import {
  type Branch,
  isPlace,
  type Place,
  readTree,
} from "../transfer/tree.ts";
import {
  profileFilterArgs,
  profileQuery,
  profileView,
  toProfile,
} from "./userProfiles.ts";
import { userVersion } from "./userVersions.ts";
import { type IndexRange, StepBudget } from "../paging/walk.ts";

/** Rows per part; half if there are lists below them, up to three per row: a query may read 4,096 ranges. */
const MAX_ROWS = 2000;

const profile = v.object({
  ...profileView.fields,
  /** When the current version began, if not with the last change. */
  versionStartedAt: v.optional(v.number()),
});

/** Arguments of `users:exportPage`. */
export const exportPageArgs = {
  ...accessArgs,
  ...profileFilterArgs,
  includeVersionHistory: v.optional(v.boolean()),
  includeConversations: v.optional(v.boolean()),
  includeMemories: v.optional(v.boolean()),
  /** Users to skip, and users wanted. */
  offset: v.optional(v.number()),
  limit: v.optional(v.number()),
  cursor: v.optional(v.string()),
};

/** The arguments. */
export type ExportPageArgs = ObjectType<typeof exportPageArgs>;

/**
 * One record of a part. A profile comes before what belongs to it, a conversation before its messages, a memory before
 * its versions. Free-form fields are JSON text, because the export is JSON in the end.
 */
const item = v.union(
  v.object({ profile }),
  v.object({ version: userVersion }),
  v.object({ conversation: conversationView }),
  v.object({ message: messageView }),
  v.object({ memory: memoryEntry }),
  v.object({ memoryVersion: memoryVersionView }),
);

/** Result of `users:exportPage`. */
export const exportPage = v.object({
  items: v.array(item),
  ...stepFields,
});

type Item = typeof item.type;

/** A list of rows below another, and the form in which they are returned. */
interface Level extends Branch {
  tell: (row: never) => Item;
  below: (row: never) => Level[];
}

/** Where a part stopped, and the number of users before. */
interface Cursor {
  place: Place;
  users: number;
}

/** Reads one part of an export that the caller sorts: ordered by creation, which does not change between two parts. */
export async function exportUnordered(
  ctx: QueryCtx,
  scope: Scope,
  args: ExportPageArgs,
): Promise<typeof exportPage.type> {
  const { sortBy: _, ...conditions } = args;
  const isWhole = args.limit === undefined && !args.offset;
  return await exportUsers(ctx, scope, isWhole ? conditions : args);
}

/** Reads one part. */
export async function exportUsers(
  ctx: QueryCtx,
  scope: Scope,
  args: ExportPageArgs,
): Promise<typeof exportPage.type> {
  const { offset = 0, limit = Infinity } = args;
  const start: Cursor = args.cursor === undefined
    ? { place: [], users: 0 }
    : readCursor<Cursor>(
      args.cursor,
      ({ place, users }) => isPlace(place) && Number.isInteger(users),
    );
  const items: Item[] = [];
  let users = start.users;
  const hasLists = args.includeVersionHistory === true ||
    args.includeConversations === true || args.includeMemories === true;
  const place = await readTree(
    ctx,
    [profiles(scope, args)],
    start.place,
    {
      budget: new StepBudget(hasLists ? MAX_ROWS / 2 : MAX_ROWS),
      visit: (row, level, depth) => {
        if (depth === 0) {
          if (users === offset + limit) return "stop";
          if (++users <= offset) return "skip";
        }
        items.push(level.tell(row as never));
        return "take";
      },
    },
  );
  if (place === undefined) return { items, done: true };
  return { items, done: false, cursor: JSON.stringify({ place, users }) };
}

function profiles(
  scope: Scope,
  args: ExportPageArgs,
): Level {
  const { range, matches } = profileQuery(scope, args);
  const owned = (
    table: TableName,
    index: string,
    field: string,
    userId: string,
  ): IndexRange<TableName> => ({
    table,
    index,
    equals: [["tenantId", scope.tenantId], [field, userId]],
    by: "createdAt",
  });
  return {
    range: range as unknown as IndexRange<TableName>,
    matches,
    tell: (row: Doc<"immutable">) => {
      const { tenantId: _, ...profile } = toProfile(row);
      return {
        profile: {
          ...asText("data", row, profile),
          ...pick(row, ["versionStartedAt"]),
        },
      };
    },
    below: (user: Doc<"immutable">) => [
      ...args.includeVersionHistory === true ? [versions(user)] : [],
      ...args.includeConversations === true
        ? [
          conversations(
            owned(
              "conversations",
              "by_tenant_user",
              "participants.userId",
              user.id,
            ),
          ),
        ]
        : [],
      ...args.includeMemories === true
        ? [memories(owned("memories", "by_tenant_user", "userId", user.id))]
        : [],
    ],
  };
}

function versions(user: Doc<"immutable">): Level {
  return {
    range: {
      table: "immutableVersions",
      index: "by_entry_version",
      equals: [["immutableDocId", user._id]],
      by: "version",
    },
    tell: (row: Doc<"immutableVersions">) => {
      const { version, timestamp } = row;
      return { version: asText("data", row, { version, timestamp }) };
    },
    below: () => [],
  };
}

function conversations(range: IndexRange<TableName>): Level {
  return {
    range,
    tell: (row: Doc<"conversations">) => ({
      conversation: asText("metadata", row, toConversation(row)),
    }),
    below: (row: Doc<"conversations">) => [{
      range: {
        table: "messages",
        index: "by_conversation_seq",
        equals: [["conversationDocId", row._id]],
        by: "seq",
      },
      tell: (message: Doc<"messages">) => ({
        message: asText("metadata", message, toMessage(message)),
      }),
      below: () => [],
    }],
  };
}

function memories(range: IndexRange<TableName>): Level {
  return {
    range,
    tell: (row: Doc<"memories">) => {
      const entry = asText("metadata", row, toMemoryEntry(row));
      const { mutableRef: ref } = row;
      return {
        memory: ref === undefined || entry.mutableRef === undefined ? entry : {
          ...entry,
          mutableRef: asText("snapshotValue", ref, entry.mutableRef),
        },
      };
    },
    below: (row: Doc<"memories">) => [{
      range: {
        table: "memoryVersions",
        index: "by_memory_version",
        equals: [["memoryDocId", row._id]],
        by: "version",
      },
      tell: ({ version, content, timestamp }: Doc<"memoryVersions">) => ({
        memoryVersion: { version, content, timestamp },
      }),
      below: () => [],
    }],
  };
}

/** Replaces the free-form field of a row by its text. */
function asText<Name extends string, View>(
  name: Name,
  row: FreeForm<Name>,
  view: View,
): View & { [field in `${Name}Json`]?: string } {
  const text = jsonOf(name, row);
  const { [name]: _, [`${name}Json`]: __, ...rest } = view as Record<
    string,
    unknown
  >;
  return {
    ...rest,
    ...(text !== "" && { [`${name}Json`]: text }),
  } as View & { [field in `${Name}Json`]?: string };
}
