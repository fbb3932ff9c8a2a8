/** Inputs and results of `cortex.conversations`. */

/** Between a user and an agent, or among agents of several memory spaces. */
export type ConversationType = "user-agent" | "agent-agent";

/** Who speaks. */
export type MessageRole = "user" | "agent" | "system";

/** A message of a conversation. Never changes once stored. */
export interface Message {
  /** `msg-…`, or the caller's own. */
  id: string;
  /** Who speaks. */
  role: MessageRole;
  /** The text. */
  content: string;
  /** When it was said, in ms since the Unix epoch; never decreases within a conversation. */
  timestamp: number;
  /** The participant (tool, agent) that wrote it. */
  participantId?: string;
  /** Anything else. */
  metadata?: Record<string, unknown>;
}

/** Who takes part. */
export interface Participants {
  /** The user; required for `user-agent`. */
  userId?: string;
  /** The agent; required for `user-agent`. */
  agentId?: string;
  /** The participant (tool, agent) that speaks for the space. */
  participantId?: string;
  /** Two or more spaces; required for `agent-agent`. */
  memorySpaceIds?: string[];
}

/** A conversation and its messages. */
export interface Conversation {
  /** The row's id. */
  _id: string;
  /** `conv-…`, or the caller's own; unique per tenant. */
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
  /** In chronological order; the latest 1000 when there are more. */
  messages: Message[];
  /** All messages, also those not in `messages`. */
  messageCount: number;
  /** Anything else. */
  metadata?: Record<string, unknown>;
  /** Creation, in ms since the Unix epoch. */
  createdAt: number;
  /** Last change, in ms since the Unix epoch. */
  updatedAt: number;
}

/** Input of `conversations.create`. */
export interface CreateConversationInput {
  /** Up to 500 characters, no newline. Default: a new `conv-…`. */
  conversationId?: string;
  /** The space it belongs to. */
  memorySpaceId: string;
  /** The tenant, where `auth` names none. */
  tenantId?: string;
  /** The participant that creates it. */
  participantId?: string;
  /** Who talks to whom. */
  type: ConversationType;
  /** Who takes part. */
  participants: Participants;
  /** Anything else. */
  metadata?: Record<string, unknown>;
}

/** Input of `conversations.addMessage`. */
export interface AddMessageInput {
  /** The conversation to append to. */
  conversationId: string;
  /** What to append. */
  message: {
    /** Up to 500 characters. The same id with the same text is stored once. Default: a new `msg-…`. */
    id?: string;
    /** Who speaks. */
    role: MessageRole;
    /** The text. */
    content: string;
    /** The participant (tool, agent) that wrote it. */
    participantId?: string;
    /** Anything else. */
    metadata?: Record<string, unknown>;
    /** When it was said, in ms or as a Date, for imported histories. Default: now. */
    timestamp?: number | Date;
  };
}

/** Options of `conversations.get`. */
export interface GetConversationOptions {
  /** Default: true. */
  includeMessages?: boolean;
  /** Only the last so many messages. */
  messageLimit?: number;
}

/** Filter, order and page of `conversations.list`. All conditions must hold; date bounds are strict. */
export interface ListConversationsFilter {
  /** Who talks to whom. */
  type?: ConversationType;
  /** The user that takes part. */
  userId?: string;
  /** The tenant, where `auth` names none. */
  tenantId?: string;
  /** The space it belongs to. */
  memorySpaceId?: string;
  /** The participant that created it. */
  participantId?: string;
  /** Created before, in ms. */
  createdBefore?: number;
  /** Created after, in ms. */
  createdAfter?: number;
  /** Changed before, in ms. */
  updatedBefore?: number;
  /** Changed after, in ms. */
  updatedAfter?: number;
  /** Last message before, in ms. */
  lastMessageBefore?: number;
  /** Last message after, in ms. */
  lastMessageAfter?: number;
  /** Exactly so many messages, or inclusive bounds. */
  messageCount?: number | { min?: number; max?: number };
  /** Every given key must be equal. */
  metadata?: Record<string, unknown>;
  /** 1 to 1000. Default: 50. */
  limit?: number;
  /** Conversations to pass over. Default: 0. */
  offset?: number;
  /** Default: `createdAt`. */
  sortBy?: "createdAt" | "updatedAt" | "lastMessageAt" | "messageCount";
  /** Default: `desc`. */
  sortOrder?: "asc" | "desc";
  /** Default: true. */
  includeMessages?: boolean;
}

/** A page of conversations. */
export interface ListConversationsResult {
  /** The page. */
  conversations: Conversation[];
  /** All that match, before paging. */
  total: number;
  /** The limit that was applied. */
  limit: number;
  /** The offset that was applied. */
  offset: number;
  /** Whether more follow. */
  hasMore: boolean;
}
