/** `users.export`: everything held on users, put together from bounded parts. */
import { pick } from "../calls/pick.ts";
import type { Calls } from "../calls/calls.ts";
import type { CallControls, ProgressControls } from "../types/common.ts";
import type { Conversation, Message } from "../types/conversations.ts";
import type {
  ExportUsersOptions,
  UserProfile,
  UserVersion,
} from "../types/users.ts";
import type { MemoryEntry, MemoryVersion } from "../types/vector.ts";

type Includes = Omit<ExportUsersOptions, "format" | "filters">;
type Controls = (CallControls & ProgressControls) | undefined;

/**
 * One thing of a part; the profile comes before what belongs to it, a conversation before its messages, a memory before
 * its versions.
 */
interface Item {
  profile?: UserProfile;
  version?: UserVersion;
  conversation?: Conversation;
  message?: Message;
  memory?: MemoryEntry;
  memoryVersion?: MemoryVersion;
}

/** A user as exported. */
interface Exported extends Omit<UserProfile, "tenantId"> {
  versionHistory?: UserVersion[];
  conversations?: Conversation[];
  memories?: MemoryEntry[];
}

/** What the rules let through: of the options, what is to be included. */
type CheckedExport = Pick<ExportUsersOptions, "format" | "filters"> & {
  options: Includes;
};

/** Exports the users that the options choose, as one text. */
export async function exportUsers(
  calls: Calls,
  { format, filters, options: includes }: CheckedExport,
  controls: Controls,
): Promise<string> {
  const args = { ...filters, ...includes };
  if (format === "csv") {
    const { data } = await calls.whole<{ data: string; count: number }>(
      { kind: "query", name: "users:exportCsv", parts: ["count", "data"] },
      args,
      controls,
    );
    return data;
  }
  // Who is updated between two parts moves to the end: read towards it, nobody is left out, but some are told again.
  const isWhole = filters?.limit === undefined && !filters?.offset;
  const isMoving = isWhole && filters?.sortBy === "updatedAt";
  const { items } = await calls.whole<{ items: Item[] }>(
    { kind: "query", name: "users:exportPage", parts: ["items"] },
    isMoving ? { ...args, sortOrder: "asc" } : args,
    controls,
  );
  const users = usersOf(items, includes);
  return JSON.stringify(
    isMoving ? lastOfEach(users, filters.sortOrder) : users,
    null,
    2,
  );
}

/** Each user as told last, in the order asked for. */
function lastOfEach(
  users: readonly Exported[],
  sortOrder: "asc" | "desc" = "desc",
): Exported[] {
  const last = new Map(users.map((user) => [user.id, user]));
  const once = users.filter((user) => last.get(user.id) === user);
  return sortOrder === "asc" ? once : once.reverse();
}

function usersOf(
  items: readonly Item[],
  includes: Includes,
): Exported[] {
  const users: Exported[] = [];
  for (const item of items) {
    const { profile, version, conversation, message, memory } = item;
    if (profile) {
      users.push({
        ...pick(profile, "id", "data", "version", "createdAt", "updatedAt"),
        ...(includes.includeVersionHistory && { versionHistory: [] }),
        ...(includes.includeConversations && { conversations: [] }),
        ...(includes.includeMemories && { memories: [] }),
      });
    }
    const user = users.at(-1);
    if (version) user?.versionHistory?.push(version);
    if (conversation) user?.conversations?.push(conversation);
    if (message) {
      user?.conversations?.at(-1)?.messages.push(message);
    }
    if (memory) user?.memories?.push(memory);
    if (item.memoryVersion) {
      user?.memories?.at(-1)?.previousVersions.push(item.memoryVersion);
    }
  }
  for (const { versionHistory, version, data, updatedAt } of users) {
    versionHistory?.push({ version, data, timestamp: updatedAt });
  }
  return users;
}
