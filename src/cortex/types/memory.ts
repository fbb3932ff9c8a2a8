/** Inputs and results of `cortex.memory`, but for `recall`. */
import type { GraphSyncOption, WriteControls } from "./common.ts";
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

/** A layer that `remember` can be told to leave out. */
export type SkippableLayer =
  | "users"
  | "agents"
  | "conversations"
  | "vector"
  | "facts"
  | "graph";

/** Makes the text to store out of an exchange; null or empty keeps the user's message. */
export type ExtractContentFn = (
  userMessage: string,
  agentResponse: string,
) => Promise<string | null>;

/** Makes the vector of a text; null stores none. */
export type EmbedFn = (content: string) => Promise<number[] | null>;

/** An exchange to remember. */
export interface RememberParams {
  /** Space to remember in. Default: `default`, with a warning. */
  memorySpaceId?: string;
  /** Conversation to append to; created if absent. */
  conversationId: string;
  /** What the user said. */
  userMessage: string;
  /** What the agent answered. */
  agentResponse: string;
  /** The tenant, where `auth` names none. */
  tenantId?: string;
  /** The user; needs `agentId` and `userName`. */
  userId?: string;
  /** The agent; required. */
  agentId?: string;
  /** The user's name, for a profile made now. */
  userName?: string;
  /** The participant (tool, agent) that speaks for the agent. */
  participantId?: string;
  /** Layers to leave out. */
  skipLayers?: SkippableLayer[];
  /** Makes the text to store out of the exchange. */
  extractContent?: ExtractContentFn;
  /** Makes the vectors. */
  generateEmbedding?: EmbedFn;
  /** Finds the facts. */
  extractFacts?: ExtractFactsFn;
  /** Makes the vectors with the facade's `embedder`. Default: false. */
  autoEmbed?: boolean;
  /** Has no effect without a language model. */
  autoSummarize?: boolean;
  /** 0 to 100. Default: 50. */
  importance?: number;
  /** Labels. Default: none. */
  tags?: string[];
  /** How facts are told apart; false stores every one. Default: belief revision. */
  factDeduplication?: "semantic" | "structural" | "exact" | false;
  /** Told of each step. */
  observer?: OrchestrationObserver;
  /** When the user spoke, in ms or as a Date; the agent answers 1 ms later. Default: now. */
  timestamp?: number | Date;
  /** Id of the user's message. With both ids given, a repeated call writes nothing and returns what is stored. */
  userMessageId?: string;
  /** Id of the agent's message. */
  agentMessageId?: string;
}

/** Options of `remember`. Callbacks given in the params win. */
export interface RememberOptions extends GraphSyncOption, WriteControls {
  /** False finds no facts. Default: true. */
  extractFacts?: boolean;
  /** Makes the text to store out of the exchange. */
  extractContent?: ExtractContentFn;
  /** Makes the vectors. */
  generateEmbedding?: EmbedFn;
  /** Makes the vectors with the facade's `embedder`. Default: false. */
  autoEmbed?: boolean;
  /** Has no effect without a language model. */
  autoSummarize?: boolean;
  /** False, or `enabled: false`: facts are deduplicated instead of revised. */
  beliefRevision?:
    | { enabled?: boolean; slotMatching?: boolean; llmResolution?: boolean }
    | false;
}

/** What `remember` stored. */
export interface RememberResult {
  /** The conversation and its two new messages: user's, agent's. */
  conversation: { messageIds: string[]; conversationId: string };
  /** The user's memory and, unless it was an acknowledgement, the agent's. */
  memories: MemoryEntry[];
  /** The facts as they now stand. */
  facts: FactRecord[];
  /** What belief revision did; absent when it had nothing to do. */
  factRevisions?: FactRevision[];
  /** Facts that were not stored; absent when there are none. */
  refusedFacts?: RefusedFact[];
  /** True when the exchange was stored before and nothing was written; absent otherwise. */
  repeated?: boolean;
}

/** Options of `memory.get`. */
export interface GetMemoryOptions {
  /** Adds conversation, messages and facts. Default: false. */
  includeConversation?: boolean;
}

/** A memory with what belongs to it. */
export interface EnrichedMemory {
  /** The memory. */
  memory: MemoryEntry;
  /** The conversation it was made of. */
  conversation?: Conversation;
  /** The messages it was made of. */
  sourceMessages?: Message[];
  /** The facts drawn from it. */
  facts?: FactRecord[];
}

/** A hit with what belongs to it. */
export interface EnrichedSearchResult extends EnrichedMemory {
  /** Similarity, 0 to 1; with an embedding only. */
  score?: number;
}

/** Filters of `memory.search`. */
export interface SearchMemoryOptions extends SearchMemoriesOptions {
  /** Adds conversation, messages and facts to each hit. Default: false. */
  enrichConversation?: boolean;
}

/** What `memory.store` stored. */
export interface StoreMemoryResult {
  /** The memory. */
  memory: MemoryEntry;
  /** The facts drawn from it. */
  facts: FactRecord[];
  /** Facts that were not stored; absent when there are none. */
  refusedFacts?: RefusedFact[];
}

/** What `forget` does to the conversation. */
export interface ForgetOptions {
  /** Deletes the messages that the memory was made of. Default: false. */
  deleteConversation?: boolean;
  /** With `deleteConversation`: deletes the whole conversation. Default: false. */
  deleteEntireConversation?: boolean;
}

/** Options of `memory.forget`. */
export type ExtendedForgetOptions =
  & ForgetOptions
  & GraphSyncOption
  & WriteControls;

/** What `forget` deleted. */
export interface ForgetResult {
  /** Whether the memory is gone. */
  memoryDeleted: boolean;
  /** Whether the whole conversation is gone. */
  conversationDeleted: boolean;
  /** Messages that are gone. */
  messagesDeleted: number;
  /** Facts that are gone. */
  factsDeleted: number;
  /** Their ids. */
  factIds: string[];
  /** Whether the conversation still holds what the memory said. */
  restorable: boolean;
}

/** Options of `memory.update`. */
export interface UpdateMemoryOptions extends GraphSyncOption {
  /** With a new content and `extractFacts`: replaces the facts drawn from the old one. Default: false. */
  reextractFacts?: boolean;
  /** Finds the facts in the new content. One that fails leaves the facts as they are. */
  extractFacts?: ExtractMemoryFactsFn;
}

/** What `memory.update` made. */
export interface UpdateMemoryResult {
  /** The memory as it now stands. */
  memory: MemoryEntry;
  /** The facts drawn from the new content; absent when none were looked for. */
  factsReextracted?: FactRecord[];
  /** Facts that were not stored; absent when there are none. */
  refusedFacts?: RefusedFact[];
}

/** What `memory.delete` deleted. */
export interface DeleteMemoryResult {
  /** Always true; an unknown id is refused. */
  deleted: boolean;
  /** The memory that is gone. */
  memoryId: string;
  /** Facts that are gone with it. */
  factsDeleted: number;
  /** Their ids. */
  factIds: string[];
}

/** What `memory.deleteMany` deleted. */
export interface DeleteManyResult extends DeletedMemories {
  /** Facts that are gone with them. */
  factsDeleted: number;
  /** The facts' ids. */
  factIds: string[];
}

/** What `memory.updateMany` changed. */
export interface UpdateManyResult extends UpdatedMemories {
  /** Facts drawn from the changed memories; they stay as they are. */
  factsAffected: number;
}

/** What `memory.archive` archived. */
export interface ArchiveResult extends ArchivedMemory {
  /** Facts that are archived with it. */
  factsArchived: number;
  /** Their ids. */
  factIds: string[];
}

/** What `memory.export` exports. */
export interface ExportMemoriesOptions extends ExportVectorMemoriesOptions {
  /** Adds the facts drawn from each memory. Default: false. */
  includeFacts?: boolean;
}
