/** Inputs and results of `cortex.memory`, except `recall`. */
import type {
  GraphSyncOption,
  ProgressControls,
  WriteControls,
} from "./common.ts";
import type { Conversation, Message } from "./conversations.ts";
import type {
  ExtractFactsFn,
  ExtractMemoryFactsFn,
  FactRecord,
  FactRevision,
  RefusedFact,
} from "./facts.ts";
import type { OrchestrationObserver } from "./observer.ts";
import type {
  ArchivedMemory,
  DeletedMemories,
  ExportVectorMemoriesOptions,
  MemoryEntry,
  SearchMemoriesOptions,
  UpdatedMemories,
} from "./vector.ts";

/** A layer that `remember` can skip. */
export type SkippableLayer =
  | "users"
  | "agents"
  | "conversations"
  | "vector"
  | "facts"
  | "graph";

/** Makes the text to store from an exchange; null or an empty text keeps the user's message. */
export type ExtractContentFn = (
  userMessage: string,
  agentResponse: string,
) => Promise<string | null>;

/** Makes the vector of a text, as an array or a typed array of numbers; null stores none. */
export type EmbedFn = (content: string) => Promise<ArrayLike<number> | null>;

/** An exchange to remember. */
export interface RememberParams {
  /** The space to remember in. Default: `default`, with a warning. */
  memorySpaceId?: string | undefined;
  /**
   * The conversation to append to, created if absent. It belongs to the user who began it, and is erased whole with
   * this user. Its id is unique in the tenant: no other space may use the same.
   */
  conversationId: string;
  /** What the user said. */
  userMessage: string;
  /** What the agent answered. */
  agentResponse: string;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** The user; requires `agentId` and `userName`. */
  userId?: string | undefined;
  /** The agent; required. */
  agentId?: string | undefined;
  /** The user's name, for a profile that is created now. */
  userName?: string | undefined;
  /** The participant (tool, agent) that speaks for the agent. */
  participantId?: string | undefined;
  /** Layers to skip. */
  skipLayers?: readonly SkippableLayer[] | undefined;
  /** Makes the text to store from the exchange. */
  extractContent?: ExtractContentFn | undefined;
  /** Makes the vectors. */
  generateEmbedding?: EmbedFn | undefined;
  /** Finds the facts. */
  extractFacts?: ExtractFactsFn | undefined;
  /** Makes the vectors with the facade's `embedder`. Default: false. */
  autoEmbed?: boolean | undefined;
  /** Has no effect without a language model. */
  autoSummarize?: boolean | undefined;
  /** Importance, 0 to 100. Default: 50. */
  importance?: number | undefined;
  /** Labels. Default: none. */
  tags?: readonly string[] | undefined;
  /** How duplicate facts are found; false stores every fact. Default: belief revision. */
  factDeduplication?: "semantic" | "structural" | "exact" | false | undefined;
  /** Receives each step. */
  observer?: OrchestrationObserver | undefined;
  /** When the user spoke, in ms since the Unix epoch or as a Date; the answer is dated 1 ms later. Default: now. */
  timestamp?: number | Date | undefined;
  /**
   * Id of the user's message. If both message ids are given, a repeated call writes nothing and returns what is stored.
   * A message that is stored already, such as a question which is answered once more, keeps its one memory of a text by
   * the same user, agent and participant.
   */
  userMessageId?: string | undefined;
  /** Id of the agent's message. */
  agentMessageId?: string | undefined;
}

/** Options of `remember`. Callbacks in the params take precedence. */
export interface RememberOptions extends GraphSyncOption, WriteControls {
  /** False skips fact extraction. Default: true. */
  extractFacts?: boolean | undefined;
  /** Makes the text to store from the exchange. */
  extractContent?: ExtractContentFn | undefined;
  /** Makes the vectors. */
  generateEmbedding?: EmbedFn | undefined;
  /** Makes the vectors with the facade's `embedder`. Default: false. */
  autoEmbed?: boolean | undefined;
  /** Has no effect without a language model. */
  autoSummarize?: boolean | undefined;
  /**
   * With false or `enabled: false`, facts are only deduplicated instead of revised. `slotMatching: false` and
   * `llmResolution: false` leave out that stage of the revision. Default: as the `facts` module is configured.
   */
  beliefRevision?:
    | {
      enabled?: boolean | undefined;
      slotMatching?: boolean | undefined;
      llmResolution?: boolean | undefined;
    }
    | false
    | undefined;
}

/** What `remember` stored. */
export interface RememberResult {
  /**
   * The conversation, and the ids of its two new messages: the user's, then the agent's. No ids if `conversations` is
   * skipped.
   */
  conversation: { messageIds: string[]; conversationId: string };
  /** The memory of the user's message and, unless it merely acknowledges, of the agent's. */
  memories: MemoryEntry[];
  /** The facts as they are now. */
  facts: FactRecord[];
  /** What belief revision did; absent if it had nothing to do. */
  factRevisions?: FactRevision[];
  /** Facts that were not stored; absent if there are none. */
  refusedFacts?: RefusedFact[];
  /** True if the exchange had been stored before and nothing was written; absent otherwise. */
  repeated?: boolean;
}

/** Options of `memory.get`. */
export interface GetMemoryOptions {
  /** Adds the conversation, messages and facts. Default: false. */
  includeConversation?: boolean | undefined;
}

/** A memory with its conversation, messages and facts. */
export interface EnrichedMemory {
  /** The memory. */
  memory: MemoryEntry;
  /** The conversation it was made from. */
  conversation?: Conversation;
  /** The messages it was made from; the first of them, if all are more than one answer holds. */
  sourceMessages?: Message[];
  /** The facts drawn from it and from its messages: of each the newest 200, fewer if an answer does not hold them. */
  facts?: FactRecord[];
}

/** A search hit with its conversation, messages and facts. */
export interface EnrichedSearchResult extends EnrichedMemory {
  /** The `_score` of the memory, 0 to 1; only for searches with an embedding or `hybrid`. */
  score?: number;
}

/** Filters of `memory.search`. */
export interface SearchMemoryOptions extends SearchMemoriesOptions {
  /** Adds the conversation, messages and facts to each hit. Default: false. */
  enrichConversation?: boolean | undefined;
}

/** What `memory.store` stored. */
export interface StoreMemoryResult {
  /** The memory. */
  memory: MemoryEntry;
  /** The facts drawn from it. */
  facts: FactRecord[];
  /** Facts that were not stored; absent if there are none. */
  refusedFacts?: RefusedFact[];
}

/** What `forget` does to the conversation. */
export interface ForgetOptions {
  /** Deletes the messages that the memory was made from. Default: false. */
  deleteConversation?: boolean | undefined;
  /** With `deleteConversation`, deletes the whole conversation. Default: false. */
  deleteEntireConversation?: boolean | undefined;
}

/** Options of `memory.forget`. */
export type ExtendedForgetOptions =
  & ForgetOptions
  & GraphSyncOption
  & WriteControls
  & ProgressControls;

/** What `forget` deleted. */
export interface ForgetResult {
  /** Whether the memory was deleted. */
  memoryDeleted: boolean;
  /** Whether the whole conversation was deleted. */
  conversationDeleted: boolean;
  /** Messages deleted. */
  messagesDeleted: number;
  /** Facts marked as deleted; `facts.get` still returns them. */
  factsDeleted: number;
  /** Their ids. */
  factIds: string[];
  /** Whether the memory's messages, if it has any, were left in their conversation. */
  restorable: boolean;
}

/** Options of `memory.update`. */
export interface UpdateMemoryOptions extends GraphSyncOption {
  /** With new content and `extractFacts`, replaces the facts drawn from the old content. Default: false. */
  reextractFacts?: boolean | undefined;
  /** Finds the facts in the new content. If it fails, the facts stay as they are. */
  extractFacts?: ExtractMemoryFactsFn | undefined;
}

/** What `memory.update` wrote. */
export interface UpdateMemoryResult {
  /** The memory as it is now. */
  memory: MemoryEntry;
  /** The facts drawn from the new content; absent if none were looked for. */
  factsReextracted?: FactRecord[];
  /** Facts that were not stored; absent if there are none. */
  refusedFacts?: RefusedFact[];
}

/** What `memory.delete` deleted. */
export interface DeleteMemoryResult {
  /** Always true; an unknown id is rejected. */
  deleted: boolean;
  /** The deleted memory. */
  memoryId: string;
  /**
   * Facts marked as deleted with it, if over 200 in steps. Without a caller for a minute, the deployment marks the
   * others. `facts.get` still returns them.
   */
  factsDeleted: number;
  /** Their ids: of those marked by the call's own steps, a repeat's included. */
  factIds: string[];
}

/** What `memory.deleteMany` deleted. */
export interface DeleteManyResult extends DeletedMemories {
  /** Facts marked as deleted with them; `facts.get` still returns them. */
  factsDeleted: number;
  /** The facts' ids. */
  factIds: string[];
}

/** What `memory.updateMany` changed. */
export interface UpdateManyResult extends UpdatedMemories {
  /** Facts drawn from the changed memories, which stay as they are; of one memory, 2,000 or 2 MiB of them count. */
  factsAffected: number;
}

/** What `memory.archive` archived. */
export interface ArchiveResult extends ArchivedMemory {
  /** Facts archived with it, if over 200 in steps. Without a caller for a minute, the deployment archives the others. */
  factsArchived: number;
  /** Their ids: of those archived by the call's own steps, a repeat's included. */
  factIds: string[];
}

/** What `memory.export` exports. */
export interface ExportMemoriesOptions extends ExportVectorMemoriesOptions {
  /** Adds the facts drawn from each memory, of one memory the newest 2,000 or 2 MiB. Default: false. */
  includeFacts?: boolean | undefined;
}
