import { type ApiContext, compact } from "./api_context.ts";
import { within } from "./deadline.ts";
import { forget } from "./forget.ts";
import { toStoreArgs } from "./memory_input.ts";
import {
  checkNamed,
  checkRecall,
  checkRemember,
  checkSearch,
  checkStore,
} from "./memory_rules.ts";
import { recall } from "./recall.ts";
import { remember } from "./remember.ts";
import { searchMemories } from "./search.ts";
import { storeWithFacts } from "./store_with_facts.ts";
import type { CallControls } from "./types/common.ts";
import type {
  EnrichedMemory,
  EnrichedSearchResult,
  ExtendedForgetOptions,
  ForgetResult,
  GetMemoryOptions,
  RememberOptions,
  RememberParams,
  RememberResult,
  SearchMemoryOptions,
  StoreMemoryResult,
} from "./types/memory.ts";
import type { RecallParams, RecallResult } from "./types/recall.ts";
import type { MemoryEntry, StoreMemoryInput } from "./types/vector.ts";

/**
 * What an agent remembers, over all layers at once: conversation, searchable memories and facts.
 *
 * Every method rejects with `MemoryValidationError` before anything is sent when an argument is wrong, with
 * `ConvexError` when the backend refuses, and with `ClientError` when it cannot be reached.
 */
export class MemoryAPI {
  readonly #context: ApiContext;

  /** Made by `Cortex`. */
  constructor(context: ApiContext) {
    this.#context = context;
  }

  /**
   * Remembers an exchange: registers space, user and agent, appends both messages to the conversation, and stores
   * memories and facts, in one transaction: all or nothing. Calls of one conversation are applied in call order,
   * and calls started together travel together.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const { memories } = await cortex.memory.remember({
   *   memorySpaceId: "support",
   *   conversationId: "c-1",
   *   userId: "ada",
   *   userName: "Ada",
   *   agentId: "helper",
   *   userMessage: "My printer is a Brother HL-2030.",
   *   agentResponse: "Its drum lasts about 12,000 pages.",
   * });
   * assertEquals(memories.length, 2);
   * ```
   */
  async remember(
    params: RememberParams,
    options: RememberOptions = {},
  ): Promise<RememberResult> {
    // Read once: what is checked is what is used, whatever becomes of the caller's object.
    const given = { ...params };
    checkRemember(given);
    return await remember(this.#context, given, options ?? {});
  }

  /**
   * Finds what answers a question among memories and facts, ranked, with a context block ready for a language model.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertStringIncludes } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.memory.remember({
   *   memorySpaceId: "support",
   *   conversationId: "c-1",
   *   agentId: "helper",
   *   userMessage: "My printer is a Brother HL-2030.",
   *   agentResponse: "Its drum lasts about 12,000 pages.",
   * });
   * const { context } = await cortex.memory.recall({
   *   memorySpaceId: "support",
   *   query: "Which printer is it?",
   * });
   * assertStringIncludes(context!, "Brother HL-2030");
   * ```
   */
  async recall(
    params: RecallParams,
    controls?: CallControls,
  ): Promise<RecallResult> {
    const given = { ...params };
    checkRecall(given);
    return await recall(this.#context, given, controls);
  }

  /** Searches memories, with conversation, messages and facts of each hit. */
  search(
    memorySpaceId: string,
    query: string,
    options: SearchMemoryOptions & CallControls & { enrichConversation: true },
  ): Promise<EnrichedSearchResult[]>;
  /**
   * Searches memories by words, or by similarity where an embedding is given.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.memory.store("notes", {
   *   content: "The spare key is under the third flower pot.",
   *   contentType: "raw",
   *   source: { type: "system" },
   *   metadata: { importance: 80, tags: ["home"] },
   * });
   * const [hit] = await cortex.memory.search("notes", "spare key");
   * assertEquals(hit?.tags, ["home"]);
   * ```
   */
  search(
    memorySpaceId: string,
    query: string,
    options?: SearchMemoryOptions & CallControls & {
      enrichConversation?: false;
    },
  ): Promise<MemoryEntry[]>;
  /** Searches memories; the result's form follows the options. */
  search(
    memorySpaceId: string,
    query: string,
    options?: SearchMemoryOptions & CallControls,
  ): Promise<MemoryEntry[] | EnrichedSearchResult[]>;
  async search(
    memorySpaceId: string,
    query: string,
    options: SearchMemoryOptions & CallControls = {},
  ): Promise<MemoryEntry[] | EnrichedSearchResult[]> {
    options ??= {};
    checkSearch({ ...options, memorySpaceId, query });
    return await within(options, async (signal) => {
      const hits = await searchMemories(
        this.#context,
        memorySpaceId,
        query,
        options,
        signal,
      );
      return options.enrichConversation
        ? await this.#enrich(memorySpaceId, hits, signal)
        : hits;
    });
  }

  /**
   * Stores one memory, with the facts that `extractFacts` finds in it. A memory made of a conversation needs its
   * `conversationRef`. With a `memoryId` of your own a repeated call stores nothing and returns the first.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const { memory } = await cortex.memory.store("notes", {
   *   content: "The spare key is under the third flower pot.",
   *   contentType: "raw",
   *   source: { type: "system" },
   *   metadata: { importance: 80, tags: ["home"] },
   * });
   * assertEquals(memory.importance, 80);
   * ```
   */
  async store(
    memorySpaceId: string,
    input: StoreMemoryInput,
    controls?: CallControls,
  ): Promise<StoreMemoryResult> {
    checkStore({ ...input, memorySpaceId });
    return await within(
      controls,
      (signal) =>
        storeWithFacts(
          this.#context,
          toStoreArgs(
            this.#context.tenantId(input.tenantId),
            memorySpaceId,
            input,
          ),
          input,
          signal,
        ),
    );
  }

  /** Gets a memory with its conversation, messages and facts; null when it is not there. */
  get(
    memorySpaceId: string,
    memoryId: string,
    options: GetMemoryOptions & CallControls & { includeConversation: true },
  ): Promise<EnrichedMemory | null>;
  /**
   * Gets a memory; null when it is not there, or in another space.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.memory.get("notes", "mem-unknown"), null);
   * ```
   */
  get(
    memorySpaceId: string,
    memoryId: string,
    options?: GetMemoryOptions & CallControls & { includeConversation?: false },
  ): Promise<MemoryEntry | null>;
  /** Gets a memory; the result's form follows the options. */
  get(
    memorySpaceId: string,
    memoryId: string,
    options?: GetMemoryOptions & CallControls,
  ): Promise<MemoryEntry | EnrichedMemory | null>;
  async get(
    memorySpaceId: string,
    memoryId: string,
    options: GetMemoryOptions & CallControls = {},
  ): Promise<MemoryEntry | EnrichedMemory | null> {
    options ??= {};
    checkNamed({ memorySpaceId, memoryId });
    return await within(options, (signal) =>
      this.#context.query(
        options.includeConversation ? "memory:getEnriched" : "memories:get",
        { tenantId: this.#context.tenantId(), memorySpaceId, memoryId },
        { signal },
      ));
  }

  /**
   * Deletes a memory and its facts; with `deleteConversation` also the messages it was made of, with
   * `deleteEntireConversation` as well the whole conversation. Rejects with `MEMORY_NOT_FOUND`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const { memory } = await cortex.memory.store("notes", {
   *   content: "The spare key is under the third flower pot.",
   *   contentType: "raw",
   *   source: { type: "system" },
   *   metadata: { importance: 80, tags: [] },
   * });
   * await cortex.memory.forget("notes", memory.memoryId);
   * assertEquals(await cortex.memory.get("notes", memory.memoryId), null);
   * ```
   */
  async forget(
    memorySpaceId: string,
    memoryId: string,
    options: ExtendedForgetOptions = {},
  ): Promise<ForgetResult> {
    options ??= {};
    checkNamed({ memorySpaceId, memoryId });
    return await within(
      options,
      (signal) =>
        forget(this.#context, memorySpaceId, memoryId, options, signal),
    );
  }

  async #enrich(
    memorySpaceId: string,
    hits: MemoryEntry[],
    signal: AbortSignal | undefined,
  ): Promise<EnrichedSearchResult[]> {
    if (hits.length === 0) return [];
    const found = await this.#context.query<
      (Omit<EnrichedMemory, "memory"> & { memoryId: string })[]
    >(
      "memory:enrich",
      {
        tenantId: this.#context.tenantId(),
        memorySpaceId,
        memoryIds: hits.map(({ memoryId }) => memoryId),
      },
      { signal },
    );
    const byId = new Map(
      found.map(({ memoryId, ...parts }) => [memoryId, parts]),
    );
    return hits.map((memory) =>
      compact({ memory, ...byId.get(memory.memoryId), score: memory._score })
    );
  }
}
