import { ApiModule } from "../calls/api_module.ts";
import { listConversations } from "./conversation_pages.ts";
import {
  checkExport,
  checkFind,
  checkGet,
  checkGetMessage,
  checkGetMessages,
  checkHistory,
  checkList,
  checkSearch,
} from "./conversations_rules.ts";
import { exportText } from "../calls/exports.ts";
import type { CallControls, ProgressControls } from "../types/common.ts";
import type {
  Conversation,
  ConversationSearchResult,
  CountConversationsFilter,
  ExportConversationsOptions,
  ExportResult,
  FindConversationInput,
  GetConversationOptions,
  GetHistoryOptions,
  ListConversationsFilter,
  ListConversationsResult,
  Message,
  MessageHistory,
  SearchConversationsInput,
} from "../types/conversations.ts";

/** The methods of `cortex.conversations` that read. */
export class ConversationReader extends ApiModule {
  /**
   * Gets a conversation with its messages, the latest 1,000 if there are more; null if there is none.
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
    return await this.calls.query(
      "conversations:get",
      { ...options, conversationId },
      options,
      checkGet,
    );
  }

  /**
   * Lists conversations that match the filter, newest first unless sorted otherwise, each with its latest 1,000
   * messages. Usually one request, plus one for every 8,000 rows to look at and every 8,000 messages or 4 MiB of them.
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
    filter?: ListConversationsFilter,
    controls?: CallControls,
  ): Promise<ListConversationsResult> {
    return await listConversations(
      this.calls,
      checkList(filter ?? {}),
      controls,
    );
  }

  /**
   * Counts conversations that match the filter: the `total` of a `list` with the same conditions.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.conversations.count({ userId: "ada" }), 0);
   * ```
   */
  async count(
    filter: CountConversationsFilter = {},
    controls?: CallControls,
  ): Promise<number> {
    const conditions = checkList(filter ?? {});
    const one = { ...conditions, limit: 1, includeMessages: false };
    return (await this.list(one, controls)).total;
  }

  /**
   * Gets one message; null if the conversation or the message does not exist.
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
   * await cortex.conversations.addMessage({
   *   conversationId,
   *   message: { id: "m-1", role: "user", content: "The printer blinks." },
   * });
   * const message = await cortex.conversations.getMessage(conversationId, "m-1");
   * assertEquals(message?.content, "The printer blinks.");
   * ```
   */
  getMessage(
    conversationId: string,
    messageId: string,
    controls?: CallControls,
  ): Promise<Message | null> {
    return this.calls.query(
      "conversations:getMessage",
      { conversationId, messageId },
      controls,
      checkGetMessage,
    );
  }

  /**
   * Gets messages by id, at most 2,000, in the order of the conversation; unknown ids are skipped. One request for
   * every 4 MiB of them.
   *
   * @throws {ConvexError} `LIMIT_EXCEEDED` for more ids.
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
   * await cortex.conversations.addMessage({
   *   conversationId,
   *   message: { id: "m-1", role: "user", content: "The printer blinks." },
   * });
   * const messages = await cortex.conversations.getMessagesByIds(
   *   conversationId,
   *   ["m-1", "unknown"],
   * );
   * assertEquals(messages.length, 1);
   * ```
   */
  async getMessagesByIds(
    conversationId: string,
    messageIds: readonly string[],
    controls?: CallControls,
  ): Promise<Message[]> {
    const { found } = await this.calls.whole<Named>(
      { kind: "query", name: "conversations:namedMessages", parts: ["found"] },
      { conversationId, messageIds },
      controls,
      checkGetMessages,
    );
    return found.sort((one, other) => one.place - other.place)
      .map(({ message }) => message);
  }

  /**
   * Finds the oldest conversation of a user in a space, or among a set of spaces; null if there is none.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const found = await cortex.conversations.findConversation({
   *   memorySpaceId: "support",
   *   type: "user-agent",
   *   userId: "ada",
   * });
   * assertEquals(found, null);
   * ```
   */
  async findConversation(
    input: FindConversationInput,
    controls?: CallControls,
  ): Promise<Conversation | null> {
    return await this.calls.query(
      "conversations:findConversation",
      { ...input },
      controls,
      checkFind,
    );
  }

  /**
   * Pages through a conversation's messages, however many there are.
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
   * await cortex.conversations.addMessage({
   *   conversationId,
   *   message: { id: "m-1", role: "user", content: "The printer blinks." },
   * });
   * const history = await cortex.conversations.getHistory(conversationId, {
   *   sortOrder: "desc",
   *   limit: 10,
   * });
   * assertEquals([history.total, history.hasMore], [1, false]);
   * ```
   */
  getHistory(
    conversationId: string,
    options?: GetHistoryOptions & CallControls,
  ): Promise<MessageHistory> {
    return this.calls.whole(
      {
        kind: "query",
        name: "conversations:getHistory",
        parts: ["messages"],
      },
      { ...options, conversationId },
      options,
      checkHistory,
    );
  }

  /**
   * Finds conversations by the text of their messages or by their metadata, best first. The newest 2,000 candidates
   * (and 8,000 messages) are compared in full; older ones are found by whole words only.
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
   * await cortex.conversations.addMessage({
   *   conversationId,
   *   message: { id: "m-1", role: "user", content: "The printer blinks." },
   * });
   * const [hit] = await cortex.conversations.search({ query: "PRINTER" });
   * assertEquals(hit?.highlights, ["The printer blinks."]);
   * ```
   */
  async search(
    input: SearchConversationsInput,
    controls?: CallControls,
  ): Promise<ConversationSearchResult[]> {
    const { query, filters, options } = checkSearch({ ...input });
    return await this.calls.query(
      "conversations:search",
      { query, ...options, ...conditionsOf(filters) },
      controls,
    );
  }

  /**
   * Exports conversations as JSON with all their messages, or as CSV with a line per conversation.
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
   * const { count, data } = await cortex.conversations.export({ format: "json" });
   * assertEquals([count, JSON.parse(data)[0].conversationId], [1, conversationId]);
   * ```
   */
  async export(
    options: ExportConversationsOptions,
    controls?: CallControls & ProgressControls,
  ): Promise<ExportResult> {
    const { filters, ...args } = checkExport({ ...options });
    return await exportText(
      this.calls,
      "conversations:exportConversations",
      { ...args, ...conditionsOf(filters) },
      controls,
    );
  }
}

/** Messages, each with its position in the conversation. */
interface Named {
  found: { place: number; message: Message }[];
}

/** Replaces the date range of a filter by its two ends. */
function conditionsOf(
  filters: { dateRange?: { start?: number; end?: number } } | undefined,
) {
  const { dateRange, ...conditions } = filters ?? {};
  return {
    ...conditions,
    dateStart: dateRange?.start,
    dateEnd: dateRange?.end,
  };
}
