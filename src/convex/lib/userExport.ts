/** Everything held on users, in bounded parts that a caller puts together. */
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "./access.ts";
import { toExpanded } from "./immutableStore.ts";
import type { Doc, QueryCtx, TableName } from "./model.ts";
import type { Scope } from "./scope.ts";
import { sizeOf } from "./size.ts";
import {
  conversationView,
  memoryEntry,
  messageView,
  toConversation,
  toMemoryEntry,
  toMessage,
} from "./shapes.ts";
import {
  profileFilterArgs,
  profileQuery,
  profileView,
  toProfile,
} from "./userProfiles.ts";
import { type IndexRange, Room, walk } from "./walk.ts";

/** Rows and bytes of one part. */
const MAX_ROWS = 2000;
const MAX_BYTES = 4 * 1024 * 1024;

const version = v.object({
  version: v.number(),
  data: v.optional(v.any()),
  dataJson: v.optional(v.string()),
  timestamp: v.number(),
});

/** Arguments of `users:exportPage`. */
export const exportPageArgs = {
  ...accessArgs,
  ...profileFilterArgs,
  includeVersionHistory: v.optional(v.boolean()),
  includeConversations: v.optional(v.boolean()),
  includeMemories: v.optional(v.boolean()),
  /** Users to pass over, and users wanted. */
  offset: v.optional(v.number()),
  limit: v.optional(v.number()),
  cursor: v.optional(v.string()),
};

/** The arguments. */
export type ExportPageArgs = ObjectType<typeof exportPageArgs>;

/** One thing of a part; the profile comes before what belongs to it, a conversation before its messages. */
const item = v.union(
  v.object({ profile: profileView }),
  v.object({ version }),
  v.object({ conversation: conversationView }),
  v.object({ message: messageView }),
  v.object({ memory: memoryEntry }),
);

/** Result of `users:exportPage`. */
export const exportPage = v.object({
  items: v.array(item),
  done: v.boolean(),
  cursor: v.optional(v.string()),
});

type Item = typeof item.type;

/** What is read below a row, and how it is told. */
interface Level {
  range: IndexRange<TableName>;
  tell: (row: never) => Item;
  matches?: (row: never) => boolean;
  below: (row: never) => Level[];
}

/** For each level, which of its lists is being read, and after which row. */
type Place = { at: number; after?: string }[];

/** Where a part stopped, and how many users there were before. */
interface Cursor {
  place: Place;
  users: number;
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
    : JSON.parse(args.cursor);
  const items: Item[] = [];
  const room = new Room(MAX_ROWS, MAX_BYTES);
  let users = start.users;
  const place = await read([profiles(scope, args)], start.place, 0);
  if (place === undefined) return { items, done: true };
  return { items, done: false, cursor: JSON.stringify({ place, users }) };

  /**
   * Reads lists one after the other, each row before what lies below it.
   *
   * @param from Where the part before stopped: inside the row after the one that it names, if it goes deeper.
   * @returns Where to go on; undefined when all was read.
   */
  async function read(
    levels: Level[],
    [resume, ...deeper]: Place,
    depth: number,
  ): Promise<Place | undefined> {
    for (let at = resume?.at ?? 0; at < levels.length; at++) {
      const level = levels[at] as Level;
      let after = at === resume?.at ? resume.after : undefined;
      let below = at === resume?.at ? deeper : [];
      for await (const { row, cursor } of walk(ctx, [level.range], after)) {
        if (level.matches?.(row as never) === false) continue;
        const here = { at, ...(after !== undefined && { after }) };
        if (below.length === 0) {
          if (room.isFull) return [here];
          if (depth === 0 && users === offset + limit) return undefined;
          if (depth > 0 || ++users > offset) {
            items.push(level.tell(row as never));
          }
          room.take(sizeOf(row));
        }
        if (depth > 0 || users > offset) {
          const rest = await read(level.below(row as never), below, depth + 1);
          if (rest !== undefined) return [here, ...rest];
        }
        below = [];
        after = cursor;
      }
    }
    return undefined;
  }
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
    tell: (row: Doc<"immutable">) => ({ profile: toProfile(row) }),
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
        ? [{
          range: owned("memories", "by_tenant_user", "userId", user.id),
          tell: (row: Doc<"memories">) => ({ memory: toMemoryEntry(row) }),
          below: () => [],
        }]
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
      const { version, data, dataJson, timestamp } = toExpanded(user, row);
      return {
        version: {
          version,
          ...(data !== undefined && { data }),
          ...(dataJson !== undefined && { dataJson }),
          timestamp,
        },
      };
    },
    below: () => [],
  };
}

function conversations(range: IndexRange<TableName>): Level {
  return {
    range: range as unknown as IndexRange<TableName>,
    tell: (row: Doc<"conversations">) => ({
      conversation: toConversation(row),
    }),
    below: (row: Doc<"conversations">) => [{
      range: {
        table: "messages",
        index: "by_conversation_seq",
        equals: [["conversationDocId", row._id]],
        by: "seq",
      },
      tell: (message: Doc<"messages">) => ({ message: toMessage(message) }),
      below: () => [],
    }],
  };
}
