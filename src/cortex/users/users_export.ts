/** `users.export`: profiles and what belongs to them, read in steps of bounded size. */
import { exportText } from "../calls/exports.ts";
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
 * One record of a step. A profile comes before what belongs to it, a conversation before its messages, a memory before
 * its versions.
 */
interface Item {
  profile?: UserProfile & { versionStartedAt?: number };
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

/** Checked options. */
type CheckedExport = Pick<ExportUsersOptions, "format" | "filters"> & {
  options: Includes;
};

/** Exports the users that the options choose, as one text. */
export async function exportUsers(
  calls: Calls,
  { format, filters, options }: CheckedExport,
  controls: Controls,
): Promise<string> {
  const args = { ...filters, ...options };
  if (format === "csv") {
    return (await exportText(calls, "users:exportCsv", args, controls)).data;
  }
  const { items } = await calls.whole<{ items: Item[] }>(
    { kind: "query", name: "users:exportPage", parts: ["items"] },
    args,
    controls,
  );
  const users = usersOf(items, options);
  // Without a limit, the backend sorts by creation, which updates during the export do not change.
  if (args.sortBy === "updatedAt") {
    const sign = args.sortOrder === "asc" ? 1 : -1;
    users.sort((a, b) => sign * (a.updatedAt - b.updatedAt));
  }
  return JSON.stringify(users, null, 2);
}

/** Groups a flat list, a profile followed by what belongs to it, into users. */
function usersOf(
  items: readonly Item[],
  includes: Includes,
): Exported[] {
  const users: Exported[] = [];
  for (const item of items) {
    const { profile, version, conversation, message, memory } = item;
    if (profile) {
      const timestamp = profile.versionStartedAt ?? profile.updatedAt;
      const current = { ...pick(profile, "version", "data"), timestamp };
      users.push({
        ...pick(profile, "id", "data", "version", "createdAt", "updatedAt"),
        ...(includes.includeVersionHistory && { versionHistory: [current] }),
        ...(includes.includeConversations && { conversations: [] }),
        ...(includes.includeMemories && { memories: [] }),
      });
    }
    const user = users.at(-1);
    // They come oldest first; the current version stays the last.
    if (version) user?.versionHistory?.splice(-1, 0, version);
    if (conversation) user?.conversations?.push(conversation);
    if (message) {
      user?.conversations?.at(-1)?.messages.push(message);
    }
    if (memory) user?.memories?.push(memory);
    if (item.memoryVersion) {
      user?.memories?.at(-1)?.previousVersions.push(item.memoryVersion);
    }
  }
  return users;
}
