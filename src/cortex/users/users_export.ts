/** `users.export`: everything held on users, put together from bounded parts. */
import { exportAll } from "../calls/exports.ts";
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
  { format, filters, options }: CheckedExport,
  controls: Controls,
): Promise<string> {
  const args = { ...filters, ...options };
  if (format === "csv") {
    return (await exportAll(calls, "users:exportCsv", args, controls)).data;
  }
  const users: Exported[] = [];
  let user: Exported | undefined;
  for (
    const item of (await calls.whole<{ items: Item[] }>(
      { kind: "query", name: "users:exportPage", parts: ["items"] },
      args,
      controls,
    )).items
  ) {
    const { profile, version, conversation, message, memory } = item;
    if (profile) {
      users.push(
        user = {
          ...pick(profile, "id", "data", "version", "createdAt", "updatedAt"),
          ...(args.includeVersionHistory && { versionHistory: [] }),
          ...(args.includeConversations && { conversations: [] }),
          ...(args.includeMemories && { memories: [] }),
        },
      );
    }
    if (version) user!.versionHistory!.push(version);
    if (conversation) user!.conversations!.push(conversation);
    if (memory) user!.memories!.push(memory);
    if (message) user!.conversations!.at(-1)!.messages.push(message);
    if (item.memoryVersion) {
      user!.memories!.at(-1)!.previousVersions.push(item.memoryVersion);
    }
  }
  for (const user of users) {
    user.versionHistory?.push({
      version: user.version,
      data: user.data,
      timestamp: user.updatedAt,
    });
  }
  // Without a limit they come by the time of creation, which no update changes meanwhile.
  if (args.sortBy === "updatedAt") {
    users.sort((a, b) =>
      args.sortOrder === "asc"
        ? a.updatedAt - b.updatedAt
        : b.updatedAt - a.updatedAt
    );
  }
  return JSON.stringify(users, null, 2);
}
