import type { CallCost } from "../client/types.ts";
import { type ApiContext, compact } from "./api_context.ts";
import { ADD_MESSAGE_COST, CREATE_COST } from "./call_costs.ts";
import {
  checkAddMessage,
  checkCreate,
  checkGet,
  checkList,
} from "./conversations_rules.ts";
import { within } from "./deadline.ts";
import { toMs } from "./field_rules.ts";
import { metadataArgs } from "./free_form.ts";
import { createId } from "./ids.ts";
import type { CallControls, GraphSyncOption } from "./types/common.ts";
import type {
  AddMessageInput,
  Conversation,
  CreateConversationInput,
  GetConversationOptions,
  ListConversationsFilter,
  ListConversationsResult,
} from "./types/conversations.ts";

/**
 * Conversations and their messages, which are only ever appended.
 *
 * Every method rejects with `ConversationValidationError` before anything is sent when an argument is wrong.
 */
export class ConversationsAPI {
  readonly #context: ApiContext;

  /** Made by `Cortex`. */
  constructor(context: ApiContext) {
    this.#context = context;
  }

  /**
   * Creates a conversation without messages. Rejects with `CONVERSATION_ALREADY_EXISTS` when its id is taken.
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
    options?: GraphSyncOption & CallControls,
  ): Promise<Conversation> {
    checkCreate({ ...input });
    const tenantId = this.#context.tenantId(input.tenantId);
    const conversationId = input.conversationId ?? createId("conv");
    return await this.#inOrder(
      "conversations:create",
      tenantId,
      conversationId,
      {
        memorySpaceId: input.memorySpaceId,
        participantId: input.participantId,
        type: input.type,
        participants: compact(input.participants),
        ...metadataArgs(input.metadata),
      },
      CREATE_COST,
      options,
    );
  }

  /**
   * Appends a message and returns the conversation. The same id with the same text is stored once; with another text
   * it rejects with `MESSAGE_ALREADY_EXISTS`. Rejects with `CONVERSATION_NOT_FOUND`.
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
    options?: GraphSyncOption & CallControls,
  ): Promise<Conversation> {
    checkAddMessage({ ...input });
    const { message } = input;
    return await this.#inOrder(
      "conversations:addMessage",
      this.#context.tenantId(),
      input.conversationId,
      {
        message: compact({
          id: message.id ?? createId("msg"),
          role: message.role,
          content: message.content,
          participantId: message.participantId,
          ...metadataArgs(message.metadata),
          timestamp: toMs(message.timestamp),
        }),
      },
      ADD_MESSAGE_COST,
      options,
    );
  }

  /**
   * Gets a conversation with its messages; null when it is not there.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.conversations.get("conv-unknown"), null);
   * ```
   */
  async get(
    conversationId: string,
    options: GetConversationOptions & CallControls = {},
  ): Promise<Conversation | null> {
    options ??= {};
    const { includeMessages, messageLimit } = options;
    checkGet({ conversationId, messageLimit });
    return await within(options, (signal) =>
      this.#context.query(
        "conversations:get",
        {
          tenantId: this.#context.tenantId(),
          conversationId,
          includeMessages,
          messageLimit,
        },
        { signal },
      ));
  }

  /**
   * Lists conversations that meet every condition of the filter, newest first unless sorted otherwise.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const { total } = await cortex.conversations.list({ userId: "ada" });
   * assertEquals(total, 0);
   * ```
   */
  async list(
    filter: ListConversationsFilter = {},
    controls?: CallControls,
  ): Promise<ListConversationsResult> {
    filter ??= {};
    checkList({ ...filter });
    const { messageCount: count, tenantId, ...conditions } = filter;
    const bounds = typeof count === "object"
      ? count
      : { min: count, max: count };
    return await within(controls, (signal) =>
      this.#context.query(
        "conversations:list",
        {
          ...conditions,
          tenantId: this.#context.tenantId(tenantId),
          messageCountMin: bounds.min,
          messageCountMax: bounds.max,
        },
        { signal },
      ));
  }

  #inOrder(
    name: string,
    tenantId: string | undefined,
    conversationId: string,
    args: object,
    cost: CallCost,
    controls: CallControls | undefined,
  ): Promise<Conversation> {
    const orderKey = this.#context.orderKey(tenantId, conversationId);
    return within(
      controls,
      (signal) =>
        this.#context.order.run(
          orderKey,
          undefined,
          () =>
            this.#context.mutation(
              name,
              { ...args, tenantId, conversationId },
              { signal, batch: { orderKey, cost } },
            ),
        ),
    );
  }
}
