/** Conversations with their messages: the functions of `conversations:…`. */
import { CONVERSATION_NOT_FOUND, MESSAGE_ALREADY_EXISTS } from "./lib/codes.ts";
import { v } from "convex/values";
import { noteActivity } from "./lib/registry/agentStore.ts";
import { accessArgs } from "./lib/access.ts";
import { checkInteger } from "./lib/bounds.ts";
import {
  deleteByIdsMutation,
  deleteConversationMutation,
  deleteManyMutation,
  purgeAllMutation,
} from "./lib/conversations/conversationDelete.ts";
import { exportConversationsQuery } from "./lib/conversations/conversationExport.ts";
import {
  checkParticipants,
  findByPair,
  findByUser,
  findConversationQuery,
} from "./lib/conversations/conversationFind.ts";
import { historyQuery } from "./lib/conversations/conversationHistory.ts";
import {
  listArgs,
  listConversations,
} from "./lib/conversations/conversationList.ts";
import {
  messagesByIdsQuery,
  namedMessagesQuery,
} from "./lib/conversations/conversationMessages.ts";
import {
  conversationPage,
  conversationPageArgs,
  namedArgs,
  namedConversations,
  namedResult,
  pageOfConversations,
} from "./lib/conversations/conversationPages.ts";
import { countConversations } from "./lib/conversations/conversationRanges.ts";
import { searchConversationsQuery } from "./lib/conversations/conversationSearch.ts";
import {
  appendMessages,
  findConversation as findById,
  findMessage,
  insertConversation,
  latestMessages,
} from "./lib/conversations/conversationStore.ts";
import { fail, shown } from "./lib/errors.ts";
import {
  conversationType,
  messageRole,
  metadata,
  participants,
} from "./lib/fields.ts";
import { publicMutation, publicQuery } from "./lib/functions.ts";
import { makeId } from "./lib/ids.ts";
import { requireWritableSpace } from "./lib/registry/registry.ts";
import {
  conversationView,
  messageView,
  toConversation,
  toMessage,
} from "./lib/shapes.ts";

const newConversation = {
  memorySpaceId: v.string(),
  participantId: v.optional(v.string()),
  type: conversationType,
  participants,
  ...metadata,
};

/**
 * Creates a conversation without messages.
 *
 * @throws {ConvexError} `CONVERSATION_ALREADY_EXISTS`, `INVALID_PARTICIPANTS`, `MEMORYSPACE_ARCHIVED`,
 * `MEMORYSPACE_DELETING`, `INVALID_ID`.
 */
export const create = publicMutation("conversations:create", {
  args: {
    ...accessArgs,
    conversationId: v.string(),
    ...newConversation,
  },
  returns: conversationView,
  handler: async (ctx, args, scope) => {
    await requireWritableSpace(ctx, scope, args.memorySpaceId);
    checkParticipants(args.type, args.participants);
    if (await findById(ctx, scope, args.conversationId) !== null) {
      fail("CONVERSATION_ALREADY_EXISTS", shown(args.conversationId));
    }
    return toConversation(await insertConversation(ctx, scope, args));
  },
});

/**
 * Gets the conversation with this id or, without an id, the oldest one with these participants; creates it if there is
 * none. Participants are a user and an agent in the same space, or the same set of spaces.
 *
 * @throws {ConvexError} As `create`, except `CONVERSATION_ALREADY_EXISTS`.
 */
export const getOrCreate = publicMutation("conversations:getOrCreate", {
  args: {
    ...accessArgs,
    conversationId: v.optional(v.string()),
    ...newConversation,
  },
  returns: conversationView,
  handler: async (ctx, args, scope) => {
    const { memorySpaceId, conversationId: id } = args;
    checkParticipants(args.type, args.participants);
    const found = id !== undefined
      ? await findById(ctx, scope, id)
      : args.type === "user-agent"
      ? await findByUser(ctx, scope, memorySpaceId, args.participants)
      : await findByPair(
        ctx,
        scope,
        args.participants.memorySpaceIds ?? [],
      );
    if (found !== null) {
      return toConversation(found, await latestMessages(ctx, found));
    }
    await requireWritableSpace(ctx, scope, memorySpaceId);
    const conversationId = id ?? makeId("conv", scope.now);
    return toConversation(
      await insertConversation(ctx, scope, { ...args, conversationId }),
    );
  },
});

/**
 * Appends a message. Repeated with the same id, role and content it changes nothing. Most of what it reads are the
 * messages to return.
 *
 * @throws {ConvexError} `CONVERSATION_NOT_FOUND`, `MESSAGE_ALREADY_EXISTS`, `MEMORYSPACE_ARCHIVED`,
 * `MEMORYSPACE_DELETING`, `CONTENT_TOO_LARGE`, `INVALID_ID`, `INVALID_TIMESTAMP`.
 */
export const addMessage = publicMutation("conversations:addMessage", {
  args: {
    ...accessArgs,
    conversationId: v.string(),
    message: v.object({
      id: v.string(),
      role: messageRole,
      content: v.string(),
      timestamp: v.optional(v.number()),
      participantId: v.optional(v.string()),
      ...metadata,
    }),
    messageLimit: v.optional(v.number()),
  },
  returns: conversationView,
  handler: async (ctx, args, scope) => {
    checkMessageLimit(args.messageLimit);
    const { message } = args;
    const found = await findById(ctx, scope, args.conversationId);
    if (found === null) {
      fail(CONVERSATION_NOT_FOUND, shown(args.conversationId));
    }
    const stored = await findMessage(ctx, found._id, message.id);
    if (
      stored !== null &&
      (stored.content !== message.content || stored.role !== message.role)
    ) fail(MESSAGE_ALREADY_EXISTS, shown(message.id));
    let conversation = found;
    if (stored === null) {
      await requireWritableSpace(ctx, scope, found.memorySpaceId);
      await noteActivity(ctx, scope, [message.participantId]);
      ({ conversation } = await appendMessages(ctx, scope, found, [message]));
    }
    const messages = await latestMessages(ctx, conversation, args.messageLimit);
    return toConversation(conversation, messages);
  },
});

/** One conversation with its latest messages (1,000 and 4 MiB of them at most), or null. */
export const get = publicQuery({
  args: {
    ...accessArgs,
    conversationId: v.string(),
    includeMessages: v.optional(v.boolean()),
    messageLimit: v.optional(v.number()),
  },
  returns: v.union(conversationView, v.null()),
  handler: async (ctx, args, scope) => {
    checkMessageLimit(args.messageLimit);
    const row = await findById(ctx, scope, args.conversationId);
    if (row === null) return null;
    const messages = args.includeMessages === false
      ? []
      : await latestMessages(ctx, row, args.messageLimit);
    return toConversation(row, messages);
  },
});

/** A page of the tenant's conversations that match every filter. */
export const list = publicQuery({
  args: listArgs,
  returns: v.object({
    conversations: v.array(conversationView),
    total: v.number(),
    limit: v.number(),
    offset: v.number(),
    hasMore: v.boolean(),
  }),
  handler: async (ctx, args, scope) =>
    await listConversations(ctx, scope, args),
});

/** Like `list`, with a cursor from which the next call continues. The facade uses this one. */
export const page = publicQuery({
  args: conversationPageArgs,
  returns: conversationPage,
  handler: async (ctx, args, scope) =>
    await pageOfConversations(ctx, scope, args),
});

/** Conversations by their ids with their messages, as many as fit into one answer, and the ids of the rest. */
export const named = publicQuery({
  args: namedArgs,
  returns: namedResult,
  handler: async (ctx, args, scope) =>
    await namedConversations(ctx, scope, args),
});

/** Counts the conversations that the filter selects; reads at most eight rows. */
export const count = publicQuery({
  args: {
    ...accessArgs,
    userId: v.optional(v.string()),
    memorySpaceId: v.optional(v.string()),
    type: v.optional(conversationType),
  },
  returns: v.number(),
  handler: async (ctx, args, scope) =>
    await countConversations(ctx, scope, args),
});

/** One message, or null. */
export const getMessage = publicQuery({
  args: { ...accessArgs, conversationId: v.string(), messageId: v.string() },
  returns: v.union(messageView, v.null()),
  handler: async (ctx, args, scope) => {
    const found = await findById(ctx, scope, args.conversationId);
    const row = found && await findMessage(ctx, found._id, args.messageId);
    return row && toMessage(row);
  },
});

/** Messages by their ids, in the conversation's order; unknown ids are skipped. */
export const getMessagesByIds = publicQuery(messagesByIdsQuery);

/** Like `getMessagesByIds`, in steps. The facade uses this one. */
export const namedMessages = publicQuery(namedMessagesQuery);

/** A page of a conversation's messages, and the number that match. */
export const getHistory = publicQuery(historyQuery);

/** The oldest conversation with these participants, or null. */
export const findConversation = publicQuery(findConversationQuery);

/** Conversations with messages or metadata that match a text, best first. */
export const search = publicQuery(searchConversationsQuery);

/** Conversations as JSON or CSV, one part per call. */
export const exportConversations = publicQuery(exportConversationsQuery);

/** Deletes a conversation and its messages, a bounded number of rows per call. */
export const deleteConversation = publicMutation(
  "conversations:deleteConversation",
  deleteConversationMutation,
);

/** Deletes the conversations that match, a bounded number of rows per call. */
export const deleteMany = publicMutation(
  "conversations:deleteMany",
  deleteManyMutation,
);

/** Deletes the named conversations, a bounded number of rows per call. */
export const deleteByIds = publicMutation(
  "conversations:deleteByIds",
  deleteByIdsMutation,
);

/** Deletes every conversation of the tenant, in deployments that allow it. */
export const purgeAll = publicMutation(
  "conversations:purgeAll",
  purgeAllMutation,
);

function checkMessageLimit(limit: number | undefined): void {
  if (limit !== undefined) checkInteger("messageLimit", limit, 1);
}
