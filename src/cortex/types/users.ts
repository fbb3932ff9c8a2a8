/** Inputs and results of `cortex.users`. */
import type { Conversation } from "./conversations.ts";
import type { FactRecord } from "./facts.ts";
import type { ImmutableRecord } from "./immutable.ts";
import type { MutableRecord } from "./mutable.ts";
import type { MemoryEntry } from "./vector.ts";

/** A user's profile, as it is now. */
export interface UserProfile {
  /** The user's id. */
  id: string;
  /** The tenant it belongs to. */
  tenantId?: string;
  /** The profile's data. */
  data: Record<string, unknown>;
  /** Version number: 1, then one more with each change. */
  version: number;
  /** Creation, in ms since the Unix epoch. */
  createdAt: number;
  /** Last change, in ms since the Unix epoch. */
  updatedAt: number;
}

/** A version of a profile. */
export interface UserVersion {
  /** Its number. */
  version: number;
  /** The data of that version. */
  data: Record<string, unknown>;
  /** When it was written, in ms since the Unix epoch. */
  timestamp: number;
}

/** Options of `users.delete`. */
export interface DeleteUserOptions {
  /** Erases everything that belongs to the user, in every layer. Default: false, which deletes only the profile. */
  cascade?: boolean | undefined;
  /** Counts what is left afterwards. Default: true. */
  verify?: boolean | undefined;
  /** Counts what would be deleted, and changes nothing. Default: false. */
  dryRun?: boolean | undefined;
}

/** What was found after an erasure. */
export interface VerificationResult {
  /** Whether nothing was left. Also true where that was not counted: with `verify: false`, and in a dry run. */
  complete: boolean;
  /** What was left, such as `facts: 2 remaining`, and what was not looked at; in a dry run, what would be deleted. */
  issues: string[];
}

/** What `users.delete` deleted. */
export interface UserDeleteResult {
  /** The user. */
  userId: string;
  /** When, in ms since the Unix epoch. */
  deletedAt: number;
  /** Conversations with the user. */
  conversationsDeleted: number;
  /** Messages of the user and of those conversations. */
  conversationMessagesDeleted: number;
  /** Immutable records of the user, the profile excluded, and the user's versions of records that are others' by now. */
  immutableRecordsDeleted: number;
  /** Mutable values of the user. */
  mutableKeysDeleted: number;
  /** Memories of the user, or made from those conversations. */
  vectorMemoriesDeleted: number;
  /** Facts from or about the user, counting every version. */
  factsDeleted: number;
  /** Nodes of the graph; 0 without a graph adapter. */
  graphNodesDeleted?: number;
  /** Contexts of the user. */
  contextsDeleted?: number;
  /** Sessions of the user. */
  sessionsDeleted?: number;
  /** Events of the user's facts. */
  factHistoryDeleted?: number;
  /** What was found afterwards. */
  verification: VerificationResult;
  /**
   * Number of all deleted rows, including the profile and participation in spaces. The profile and each other record of
   * the user count as one, with all of their versions.
   */
  totalDeleted: number;
  /**
   * Layers in which rows were deleted: `conversations`, `immutable`, `mutable`, `vector`, `facts`, `fact-history`,
   * `space-participants`, `user-profile`.
   */
  deletedLayers: string[];
}

/** Filter, order and page of `users.list`. All conditions must match; date bounds are exclusive. */
export interface ListUsersFilter {
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** 1 to 1000. Default: 50. */
  limit?: number | undefined;
  /** Users to skip. Default: 0. */
  offset?: number | undefined;
  /** Created after, in ms. */
  createdAfter?: number | undefined;
  /** Created before, in ms. */
  createdBefore?: number | undefined;
  /** Changed after, in ms. */
  updatedAfter?: number | undefined;
  /** Changed before, in ms. */
  updatedBefore?: number | undefined;
  /** Default: `createdAt`. */
  sortBy?: "createdAt" | "updatedAt" | undefined;
  /** Default: `desc`. */
  sortOrder?: "asc" | "desc" | undefined;
  /** Part of `data.displayName`, ignoring case. */
  displayName?: string | undefined;
  /** Part of `data.email`, ignoring case. */
  email?: string | undefined;
}

/** Same as {@link ListUsersFilter}. */
export interface UserFilters extends ListUsersFilter {}

/** A page of profiles. */
export interface ListUsersResult {
  /** The page. */
  users: UserProfile[];
  /** Number of users that match, before paging. */
  total: number;
  /** The limit that was applied. */
  limit: number;
  /** The offset that was applied. */
  offset: number;
  /** Whether more follow. */
  hasMore: boolean;
}

/** Options of `users.export`. */
export interface ExportUsersOptions {
  /** Which users. Default: all. */
  filters?: UserFilters | undefined;
  /**
   * Format of the text. JSON without `limit` contains each user once. In CSV sorted by `updatedAt`, a user who changes
   * during the export may be missing or appear twice; sorting by `createdAt`, the default, avoids that.
   */
  format: "json" | "csv";
  /** Includes every version of the profiles. Default: false. */
  includeVersionHistory?: boolean | undefined;
  /** Includes the users' conversations with all messages. Default: false. */
  includeConversations?: boolean | undefined;
  /** Includes the users' memories of every space, without embeddings. Default: false. */
  includeMemories?: boolean | undefined;
}

/** Options of `users.updateMany`. */
export interface UpdateManyUsersOptions {
  /** Changes the current versions in place: no version is added, and the old data is not kept. Default: false. */
  skipVersioning?: boolean | undefined;
  /** Returns who would be changed, and changes nothing. Default: false. */
  dryRun?: boolean | undefined;
}

/** Options of `users.deleteMany`. */
export interface DeleteManyUsersOptions {
  /** Erases everything that belongs to the users. Default: false, which deletes only the profiles. */
  cascade?: boolean | undefined;
  /** Returns who would be deleted, and deletes nothing. Default: false. */
  dryRun?: boolean | undefined;
}

/** What an erasure covers. For programs that name this type: Cortex counts on the server and never loads a plan. */
export interface DeletionPlan extends DeletionBackup {
  /** Nodes of the graph. */
  graph: Array<{ nodeId: string; labels: string[] }>;
}

/** Everything belonging to a user. Cortex erases without a backup, because restoring personal data would be wrong. */
export interface DeletionBackup {
  /** Conversations with messages. */
  conversations: Conversation[];
  /** Immutable records. */
  immutable: ImmutableRecord[];
  /** Mutable values. */
  mutable: MutableRecord[];
  /** Memories. */
  vector: MemoryEntry[];
  /** Facts. */
  facts: FactRecord[];
  /** The profile. */
  userProfile: UserProfile | null;
}
