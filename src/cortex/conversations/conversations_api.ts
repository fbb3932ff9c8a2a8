import type { CallArgs } from "../calls/calls.ts";
import { freeFormArgs } from "../rules/free_form.ts";
import type { CallCost } from "../../client/types.ts";
import { compact } from "../calls/api_context.ts";
import { ConversationReader } from "./conversation_reader.ts";
import {
  checkAddMessage,
  checkCreate,
  checkDeleteMany,
  checkNamed,
} from "./conversations_rules.ts";
import { checkNames, within } from "../calls/deadline.ts";
import { toMs } from "../rules/field_rules.ts";
import { keyArgs, type KeyedControls } from "../calls/idempotency.ts";
import { createId } from "../calls/ids.ts";
import type {
  GraphSyncOption,
  ProgressControls,
  WriteControls,
} from "../types/common.ts";
import type {
  AddMessageInput,
  Conversation,
  ConversationDeletionResult,
  CreateConversationInput,
  DeleteManyConversationsFilter,
  DeleteManyConversationsOptions,
  DeleteManyConversationsResult,
} from "../types/conversations.ts";

/** `conversations:create` */
const CREATE_COST: CallCost = { reads: 11, writes: 10, ranges: 11 };
/** `conversations:addMessage`, which returns the latest 1000 messages. */
const ADD_MESSAGE_COST: CallCost = { reads: 1006, writes: 5, ranges: 7 };

/**
 * Conversations and their messages. Messages are only ever appended, never changed.
 *
 * Every method rejects with `ConversationValidationError` before anything is sent if an argument is wrong.
 */
export class ConversationsAPI extends ConversationReader {
  /**
   * Creates a conversation without messages.
   *
   * @throws {ConvexError} `CONVERSATION_ALREADY_EXISTS` if its id is taken, `MEMORYSPACE_ARCHIVED` for an archived
   * space.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const conversation = await cortex.conversations.create({
   *   memorySpaceId: "support",
   *   type: "user-agent",
   *   participants: { userId: "ada", agentId: "helper" },
   * });
   * assertEquals(conversation.messageCount, 0);
   * ```
   */
  async create(
    input: CreateConversationInput,
    options?: GraphSyncOption & WriteControls,
  ): Promise<Conversation> {
    const checked = checkCreate({ ...input });
    return await this.#inOrder(
      "conversations:create",
      newConversation({
        ...checked,
        conversationId: checked.conversationId ?? createId("conv"),
      }),
      CREATE_COST,
      { ...checkNames(options), asked: input },
    );
  }

  /**
   * Appends a message and returns the conversation. Repeating a message id with the same role and text stores it once.
   *
   * @throws {ConvexError} `CONVERSATION_NOT_FOUND`, `MESSAGE_ALREADY_EXISTS` for a known id with another role or text,
   * `MEMORYSPACE_ARCHIVED` for an archived space.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const { conversationId } = await cortex.conversations.create({
   *   memorySpaceId: "support",
   *   type: "user-agent",
   *   participants: { userId: "ada", agentId: "helper" },
   * });
   * const { messages } = await cortex.conversations.addMessage({
   *   conversationId,
   *   message: { role: "user", content: "The printer blinks." },
   * });
   * assertEquals(messages[0]?.content, "The printer blinks.");
   * ```
   */
  async addMessage(
    input: AddMessageInput,
    options?: GraphSyncOption & WriteControls,
  ): Promise<Conversation> {
    const { conversationId, message } = checkAddMessage({ ...input });
    const { metadata, ...said } = message;
    return await this.#inOrder(
      "conversations:addMessage",
      {
        conversationId,
        message: compact({
          ...said,
          id: said.id ?? createId("msg"),
          ...freeFormArgs("metadata", metadata ?? undefined),
          timestamp: toMs(said.timestamp),
        }),
      },
      ADD_MESSAGE_COST,
      { ...checkNames(options), asked: input },
    );
  }

  /**
   * Gets the conversation with this `conversationId`, or creates it. Without an id, looks for the oldest one with these
   * participants: the same space, user and agent, or the same set of spaces.
   *
   * @throws {ConvexError} `MEMORYSPACE_ARCHIVED` for an archived space, if it has to be created.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const input = {
   *   memorySpaceId: "support",
   *   type: "user-agent" as const,
   *   participants: { userId: "ada", agentId: "helper" },
   * };
   * const first = await cortex.conversations.getOrCreate(input);
   * const second = await cortex.conversations.getOrCreate(input);
   * assertEquals(second.conversationId, first.conversationId);
   * ```
   */
  async getOrCreate(
    input: CreateConversationInput,
    options?: GraphSyncOption & WriteControls,
  ): Promise<Conversation> {
    return await this.calls.mutation(
      "conversations:getOrCreate",
      newConversation(checkCreate({ ...input })),
      { ...checkNames(options), asked: input },
    );
  }

  /**
   * Deletes a conversation with its messages; memories and facts made from them stay. Large ones take several
   * transactions of 200 rows each.
   *
   * @throws {ConvexError} `CONVERSATION_NOT_FOUND`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const { conversationId } = await cortex.conversations.create({
   *   memorySpaceId: "support",
   *   type: "user-agent",
   *   participants: { userId: "ada", agentId: "helper" },
   * });
   * const { messagesDeleted } = await cortex.conversations.delete(conversationId);
   * assertEquals(messagesDeleted, 0);
   * ```
   */
  delete(
    conversationId: string,
    options?: GraphSyncOption & WriteControls & ProgressControls,
  ): Promise<ConversationDeletionResult> {
    return this.calls.whole(
      {
        kind: "mutation",
        name: "conversations:deleteConversation",
        parts: ["messagesDeleted"],
      },
      { conversationId },
      options,
      checkNamed,
    );
  }

  /**
   * Deletes every conversation that matches the filter, 200 rows per transaction. If more match than the threshold, it
   * rejects with `DELETE_MANY_THRESHOLD_EXCEEDED` before anything is deleted.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const { conversationId } = await cortex.conversations.create({
   *   memorySpaceId: "support",
   *   type: "user-agent",
   *   participants: { userId: "ada", agentId: "helper" },
   * });
   * const { wouldDelete } = await cortex.conversations.deleteMany(
   *   { userId: "ada" },
   *   { dryRun: true },
   * );
   * assertEquals(wouldDelete, 1);
   * const { conversationIds } = await cortex.conversations.deleteMany({ userId: "ada" });
   * assertEquals(conversationIds, [conversationId]);
   * ```
   */
  async deleteMany(
    filter: DeleteManyConversationsFilter,
    options?:
      & DeleteManyConversationsOptions
      & GraphSyncOption
      & WriteControls
      & ProgressControls,
  ): Promise<DeleteManyConversationsResult> {
    const { filter: selected, ...asked } = checkDeleteMany({
      ...options,
      filter,
    });
    return await this.calls.whole<DeleteManyConversationsResult>(
      {
        kind: "mutation",
        name: "conversations:deleteMany",
        parts: [
          "deleted",
          "totalMessagesDeleted",
          "conversationIds",
          "wouldDelete",
          "wouldDeleteMessages",
        ],
        count: (step) => step.deleted + (step.wouldDelete ?? 0),
      },
      { ...asked, ...selected },
      options,
    );
  }

  #inOrder(
    name: string,
    args: CallArgs & { conversationId: string },
    cost: CallCost,
    controls: KeyedControls,
  ): Promise<Conversation> {
    const { context } = this.calls;
    const tenantId = context.tenantId(args.tenantId);
    const orderKey = context.orderKey(tenantId, args.conversationId);
    const keyed = { ...args, ...keyArgs(controls) };
    return within(controls, (signal) =>
      context.order.run(
        orderKey,
        undefined,
        () =>
          this.calls.batched(
            name,
            keyed,
            { signal },
            { orderKey, cost },
          ),
      ));
  }
}

function newConversation<Input extends CreateConversationInput>(
  { metadata, ...input }: Input,
): CallArgs & Omit<Input, "metadata"> {
  return {
    ...input,
    ...freeFormArgs("metadata", metadata ?? undefined),
  };
}
