/** Conversations with their messages: `conversations:create`, `addMessage`, `get`, `list`. */
import { mutationGeneric, queryGeneric } from "convex/server";
import { v } from "convex/values";
import { accessArgs, enter } from "./lib/access.ts";
import { listArgs, listConversations } from "./lib/conversationList.ts";
import {
  appendMessages,
  findConversation,
  findMessage,
  insertConversation,
  latestMessages,
} from "./lib/conversationStore.ts";
import { fail, shown } from "./lib/errors.ts";
import { conversationType, messageRole, participants } from "./lib/fields.ts";
import type { MutationCtx, QueryCtx } from "./lib/model.ts";
import { requireWritableSpace } from "./lib/registry.ts";
import { conversationView, toConversation } from "./lib/shapes.ts";

/**
 * Creates a conversation without messages. At most 2 index ranges, 2 documents read, 1 written.
 *
 * @throws {ConvexError} `CONVERSATION_ALREADY_EXISTS`, `INVALID_PARTICIPANTS`, `MEMORYSPACE_ARCHIVED`,
 * `MEMORYSPACE_DELETING`, `INVALID_ID`.
 */
export const create = mutationGeneric({
  args: {
    ...accessArgs,
    conversationId: v.string(),
    memorySpaceId: v.string(),
    participantId: v.optional(v.string()),
    type: conversationType,
    participants,
    metadata: v.optional(v.any()),
    metadataJson: v.optional(v.string()),
  },
  returns: conversationView,
  handler: async (ctx: MutationCtx, args) => {
    const scope = await enter(ctx, args);
    await requireWritableSpace(ctx, scope, args.memorySpaceId);
    checkParticipants(args.type, args.participants);
    if (await findConversation(ctx, scope, args.conversationId) !== null) {
      fail("CONVERSATION_ALREADY_EXISTS", shown(args.conversationId));
    }
    return toConversation(await insertConversation(ctx, scope, args));
  },
});

/**
 * Appends a message. Repeated with the same id, role and content it changes nothing. At most 4 index ranges; 1,003
 * documents read, as many as messages are returned; 2 written.
 *
 * @throws {ConvexError} `CONVERSATION_NOT_FOUND`, `MESSAGE_ALREADY_EXISTS`, `MEMORYSPACE_ARCHIVED`,
 * `MEMORYSPACE_DELETING`, `CONTENT_TOO_LARGE`, `INVALID_ID`, `INVALID_TIMESTAMP`.
 */
export const addMessage = mutationGeneric({
  args: {
    ...accessArgs,
    conversationId: v.string(),
    message: v.object({
      id: v.string(),
      role: messageRole,
      content: v.string(),
      timestamp: v.optional(v.number()),
      participantId: v.optional(v.string()),
      metadata: v.optional(v.any()),
      metadataJson: v.optional(v.string()),
    }),
    messageLimit: v.optional(v.number()),
  },
  returns: conversationView,
  handler: async (ctx: MutationCtx, args) => {
    const scope = await enter(ctx, args);
    checkMessageLimit(args.messageLimit);
    const { message } = args;
    const found = await findConversation(ctx, scope, args.conversationId);
    if (found === null) {
      fail("CONVERSATION_NOT_FOUND", shown(args.conversationId));
    }
    const stored = await findMessage(ctx, found._id, message.id);
    if (
      stored !== null &&
      (stored.content !== message.content || stored.role !== message.role)
    ) fail("MESSAGE_ALREADY_EXISTS", shown(message.id));
    let conversation = found;
    if (stored === null) {
      await requireWritableSpace(ctx, scope, found.memorySpaceId);
      ({ conversation } = await appendMessages(ctx, scope, found, [message]));
    }
    const messages = await latestMessages(ctx, conversation, args.messageLimit);
    return toConversation(conversation, messages);
  },
});

/** One conversation with its latest messages (1,000 and 4 MiB of them at most), or null. */
export const get = queryGeneric({
  args: {
    ...accessArgs,
    conversationId: v.string(),
    includeMessages: v.optional(v.boolean()),
    messageLimit: v.optional(v.number()),
  },
  returns: v.union(conversationView, v.null()),
  handler: async (ctx: QueryCtx, args) => {
    const scope = await enter(ctx, args);
    checkMessageLimit(args.messageLimit);
    const row = await findConversation(ctx, scope, args.conversationId);
    if (row === null) return null;
    const messages = args.includeMessages === false
      ? []
      : await latestMessages(ctx, row, args.messageLimit);
    return toConversation(row, messages);
  },
});

/** Conversations of the tenant that match every filter, a page of them. */
export const list = queryGeneric({
  args: listArgs,
  returns: v.object({
    conversations: v.array(conversationView),
    total: v.number(),
    limit: v.number(),
    offset: v.number(),
    hasMore: v.boolean(),
  }),
  handler: async (ctx: QueryCtx, args) =>
    await listConversations(ctx, await enter(ctx, args), args),
});

function checkParticipants(
  type: "user-agent" | "agent-agent",
  given: typeof participants.type,
): void {
  if (type === "user-agent") {
    if (!given.userId?.trim()) {
      fail("INVALID_PARTICIPANTS", "userId is required for user-agent");
    }
    if (!given.agentId?.trim()) {
      fail(
        "INVALID_PARTICIPANTS",
        "agentId is required when userId is provided",
      );
    }
  } else if ((given.memorySpaceIds?.length ?? 0) < 2) {
    fail(
      "INVALID_PARTICIPANTS",
      "agent-agent conversations require at least 2 memorySpaceIds",
    );
  }
}

function checkMessageLimit(limit: number | undefined): void {
  if (limit !== undefined && (!Number.isInteger(limit) || limit < 1)) {
    fail(
      "INVALID_RANGE",
      `messageLimit must be an integer from 1, got ${limit}`,
    );
  }
}
