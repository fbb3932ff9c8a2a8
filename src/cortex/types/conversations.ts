/** Inputs and results of `cortex.conversations`. */
import type { GraphSyncOption } from "./common.ts";

/** Between a user and an agent, or among agents of several memory spaces. */
export type ConversationType = "user-agent" | "agent-agent";

/** Who speaks. */
export type MessageRole = "user" | "agent" | "system";

/** A message of a conversation. Never changes once stored. */
export interface Message {
  /** `msg-…`, or your own id. */
  id: string;
  /** Who speaks. */
  role: MessageRole;
  /** The text. */
  content: string;
  /**
   * When it was said, in ms since the Unix epoch. Never decreases, except where a time of over a minute ago was given.
   */
  timestamp: number;
  /** The participant (tool, agent) that wrote it. */
  participantId?: string;
  /** Any further data. */
  metadata?: Record<string, unknown>;
}

/** Who takes part. */
export interface Participants {
  /** The user; required for `user-agent`. */
  userId?: string | undefined;
  /** The agent; required for `user-agent`. */
  agentId?: string | undefined;
  /** The participant (tool, agent) that speaks for the space. */
  participantId?: string | undefined;
  /** Two or more spaces; required for `agent-agent`. */
  memorySpaceIds?: string[] | undefined;
}

/** A conversation and its messages. */
export interface Conversation {
  /** The row's id. */
  _id: string;
  /** `conv-…`, or your own id; unique per tenant. */
  conversationId: string;
  /** The space it belongs to. */
  memorySpaceId: string;
  /** The tenant it belongs to. */
  tenantId?: string;
  /** The participant that created it. */
  participantId?: string;
  /** Who talks to whom. */
  type: ConversationType;
  /** Who takes part. */
  participants: Participants;
  /** In the order they were added; if there are more than 1,000 or 4 MiB, the latest of them. */
  messages: Message[];
  /** Number of all messages, including those not in `messages`. */
  messageCount: number;
  /** Any further data. */
  metadata?: Record<string, unknown>;
  /** Creation, in ms since the Unix epoch. */
  createdAt: number;
  /** Last change, in ms since the Unix epoch. */
  updatedAt: number;
}

/** Input of `conversations.create`. */
export interface CreateConversationInput {
  /** Up to 500 characters, no newline. Default: a new `conv-…`. */
  conversationId?: string | undefined;
  /** The space it belongs to. */
  memorySpaceId: string;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** The participant that creates it. */
  participantId?: string | undefined;
  /** Who talks to whom. */
  type: ConversationType;
  /** Who takes part. */
  participants: Participants;
  /** Any further data. */
  metadata?: Record<string, unknown> | undefined;
}

/** Input of `conversations.addMessage`. */
export interface AddMessageInput {
  /** The conversation to append to. */
  conversationId: string;
  /** The message to append. */
  message: {
    /** Up to 500 characters. Repeating an id with the same role and text stores it once. Default: a new `msg-…`. */
    id?: string | undefined;
    /** Who speaks. */
    role: MessageRole;
    /** The text. */
    content: string;
    /** The participant (tool, agent) that wrote it. */
    participantId?: string | undefined;
    /** Any further data. */
    metadata?: Record<string, unknown> | undefined;
    /** When it was said, in ms since the Unix epoch or as a Date, for imported histories. Default: now. */
    timestamp?: number | Date | undefined;
  };
}

/** Options of `conversations.get`. */
export interface GetConversationOptions {
  /** Default: true. */
  includeMessages?: boolean | undefined;
  /** Most messages, 1 or more: the latest ones, 1,000 at most. Default: 1,000. */
  messageLimit?: number | undefined;
}

/** Filter, order and page of `conversations.list`. All conditions must match; date bounds are exclusive. */
export interface ListConversationsFilter {
  /** Who talks to whom. */
  type?: ConversationType | undefined;
  /** The user that takes part. */
  userId?: string | undefined;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** The space it belongs to. */
  memorySpaceId?: string | undefined;
  /** The participant that created it. */
  participantId?: string | undefined;
  /** Created before, in ms. */
  createdBefore?: number | undefined;
  /** Created after, in ms. */
  createdAfter?: number | undefined;
  /** Changed before, in ms. */
  updatedBefore?: number | undefined;
  /** Changed after, in ms. */
  updatedAfter?: number | undefined;
  /** Last message before, in ms. Without messages, the creation counts. */
  lastMessageBefore?: number | undefined;
  /** Last message after, in ms. Without messages, the creation counts. */
  lastMessageAfter?: number | undefined;
  /** Exact number of messages, or inclusive bounds. */
  messageCount?:
    | number
    | { min?: number | undefined; max?: number | undefined }
    | undefined;
  /** Each given key must have an equal value. */
  metadata?: Record<string, unknown> | undefined;
  /** 1 to 1000. Default: 50. */
  limit?: number | undefined;
  /** Conversations to skip. Default: 0. */
  offset?: number | undefined;
  /** Default: `createdAt`. */
  sortBy?:
    | "createdAt"
    | "updatedAt"
    | "lastMessageAt"
    | "messageCount"
    | undefined;
  /** Default: `desc`. */
  sortOrder?: "asc" | "desc" | undefined;
  /** Default: true. */
  includeMessages?: boolean | undefined;
}

/** A page of conversations. */
export interface ListConversationsResult {
  /** The page. */
  conversations: Conversation[];
  /** Number of all that match, before paging. */
  total: number;
  /** The limit that was applied. */
  limit: number;
  /** The offset that was applied. */
  offset: number;
  /** Whether more follow. */
  hasMore: boolean;
}

/** Conditions of `conversations.count`, those of `list`; all must match. */
export type CountConversationsFilter = Omit<
  ListConversationsFilter,
  "limit" | "offset" | "sortBy" | "sortOrder" | "includeMessages"
>;

/** What `conversations.delete` deleted. */
export interface ConversationDeletionResult {
  /** Always true; an unknown id is rejected. */
  deleted: boolean;
  /** The deleted conversation. */
  conversationId: string;
  /** Messages deleted with it. */
  messagesDeleted: number;
  /** When, in ms since the Unix epoch. */
  deletedAt: number;
  /** Always false. */
  restorable: boolean;
}

/** Which conversations `conversations.deleteMany` deletes: at least one condition; all must match. */
export interface DeleteManyConversationsFilter {
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** The user that takes part. */
  userId?: string | undefined;
  /** The space it belongs to. */
  memorySpaceId?: string | undefined;
  /** Who talks to whom. */
  type?: ConversationType | undefined;
}

/** Safeguards of `conversations.deleteMany`. */
export interface DeleteManyConversationsOptions {
  /** Only counts, without deleting. Default: false. */
  dryRun?: boolean | undefined;
  /** False deletes any number of matches. Default: true. */
  requireConfirmation?: boolean | undefined;
  /** More matches than this are rejected. Default: 10. */
  confirmationThreshold?: number | undefined;
}

/** What `conversations.deleteMany` deleted. */
export interface DeleteManyConversationsResult {
  /** Conversations deleted. */
  deleted: number;
  /** Their ids. */
  conversationIds: string[];
  /** Messages deleted with them. */
  totalMessagesDeleted: number;
  /** With `dryRun`: conversations that match. */
  wouldDelete?: number;
  /** With `dryRun`: their messages. */
  wouldDeleteMessages?: number;
  /** Whether this was a dry run, in which nothing was deleted. */
  dryRun?: boolean;
}

/** What `conversations.findConversation` looks for. */
export interface FindConversationInput {
  /** The space it belongs to. */
  memorySpaceId: string;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** Who talks to whom. */
  type: ConversationType;
  /** The user; required for `user-agent`. */
  userId?: string | undefined;
  /** Two or more spaces in any order; required for `agent-agent`. */
  memorySpaceIds?: readonly string[] | undefined;
}

/**
 * Filter, order and page of `conversations.getHistory`. With `since` or `until`, messages are ordered by time,
 * otherwise as they were added.
 */
export interface GetHistoryOptions {
  /** 1 to 1000. Default: 50. */
  limit?: number | undefined;
  /** Messages to skip. Default: 0. */
  offset?: number | undefined;
  /** Default: `asc`. */
  sortOrder?: "asc" | "desc" | undefined;
  /** Earliest time, inclusive, in ms. */
  since?: number | undefined;
  /** Latest time, inclusive, in ms; after `since`. */
  until?: number | undefined;
  /** Only messages in one of these roles; an empty list is no condition. */
  roles?: readonly MessageRole[] | undefined;
}

/** A page of a conversation's messages. */
export interface MessageHistory {
  /** The page. */
  messages: Message[];
  /** Number of all that match, before paging. */
  total: number;
  /** Whether more follow. */
  hasMore: boolean;
  /** The conversation. */
  conversationId: string;
}

/** A span of time, both ends included. */
export interface DateRange {
  /** First moment, in ms. */
  start?: number | undefined;
  /** Last moment, in ms; after `start`. */
  end?: number | undefined;
}

/** Where and how `conversations.search` looks. */
export interface SearchConversationsOptions {
  /** Messages, the conversation's metadata as JSON, or both. Default: `content`. */
  searchIn?: "content" | "metadata" | "both" | undefined;
  /**
   * `contains`: as a part; `exact`: as a whole; `fuzzy`: each word somewhere, of the first 64 that differ. Case and
   * accents are ignored. Default: `contains`.
   */
  matchMode?: "contains" | "exact" | "fuzzy" | undefined;
}

/** Conditions of `conversations.search`; all must match. */
export interface SearchConversationsFilters {
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** Who talks to whom. */
  type?: ConversationType | undefined;
  /** The user that takes part. */
  userId?: string | undefined;
  /** The space it belongs to. */
  memorySpaceId?: string | undefined;
  /** When it was created. */
  dateRange?: DateRange | undefined;
  /** 1 to 1000. Default: 10. */
  limit?: number | undefined;
}

/** Input of `conversations.search`. */
export interface SearchConversationsInput {
  /** What to look for; not blank. */
  query: string;
  /** Which conversations. */
  filters?: SearchConversationsFilters | undefined;
  /** Where and how. */
  options?: SearchConversationsOptions | undefined;
}

/** A conversation that was found. */
export interface ConversationSearchResult {
  /** The conversation. */
  conversation: Conversation;
  /** Its messages that match, oldest first. */
  matchedMessages: Message[];
  /** Up to three matches with the text around them. */
  highlights: string[];
  /** Share of messages that match, plus a half if the metadata match; 0 to 1. */
  score: number;
}

/** Conditions of `conversations.export`; all must match. */
export interface ExportConversationsFilters {
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** The user that takes part. */
  userId?: string | undefined;
  /** The participant that created it. */
  participantId?: string | undefined;
  /** The space it belongs to. */
  memorySpaceId?: string | undefined;
  /** One of these. */
  conversationIds?: readonly string[] | undefined;
  /** Who talks to whom. */
  type?: ConversationType | undefined;
  /** When it was created. */
  dateRange?: DateRange | undefined;
}

/** What `conversations.export` exports. */
export interface ExportConversationsOptions {
  /** Which conversations. Default: all of the tenant. */
  filters?: ExportConversationsFilters | undefined;
  /** JSON includes the messages; CSV has a line per conversation. */
  format: "json" | "csv";
  /** Adds the conversations' metadata. Default: false. */
  includeMetadata?: boolean | undefined;
}

/** The exported text. */
export interface ExportResult {
  /** Its format. */
  format: "json" | "csv";
  /** The text: JSON indented by two spaces, or CSV with a header. */
  data: string;
  /** Records in it. */
  count: number;
  /** When the export started, in ms since the Unix epoch. */
  exportedAt: number;
}

/** Options of `conversations.create`. */
export type CreateConversationOptions = GraphSyncOption;
/** Options of `conversations.addMessage`. */
export type AddMessageOptions = GraphSyncOption;
/** Options of a call that changes a conversation. */
export type UpdateConversationOptions = GraphSyncOption;
/** Options of `conversations.delete`. */
export type DeleteConversationOptions = GraphSyncOption;
