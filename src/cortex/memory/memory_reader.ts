import type { ApiContext } from "../calls/api_context.ts";
import { exportText } from "../calls/exports.ts";
import { countMemories, listMemories } from "./memory_calls.ts";
import {
  checkAtTimestamp,
  checkExport,
  checkGet,
  checkList,
  checkNamed,
  checkRecall,
  checkSearch,
  checkVersion,
} from "./memory_rules.ts";
import { recall } from "./recall.ts";
import { searchEnriched, searchMemories } from "./search.ts";
import type { CallControls, ProgressControls } from "../types/common.ts";
import type { ExportResult } from "../types/conversations.ts";
import type {
  EnrichedMemory,
  EnrichedSearchResult,
  ExportMemoriesOptions,
  GetMemoryOptions,
  SearchMemoryOptions,
} from "../types/memory.ts";
import type { RecallParams, RecallResult } from "../types/recall.ts";
import type {
  CountMemoriesFilter,
  ListMemoriesFilter,
  MemoryEntry,
} from "../types/vector.ts";
import { VersionReader } from "./version_reader.ts";

/** The members that an enriched memory always has, even if undefined. */
const NO_SURROUNDINGS = {
  conversation: undefined,
  sourceMessages: undefined,
  facts: undefined,
};

/** The methods of `cortex.memory` that read current memories. */
export class MemoryReader extends VersionReader {
  /** Made by `Cortex`. */
  constructor(context: ApiContext) {
    super(context, {
      named: checkNamed,
      version: checkVersion,
      atTimestamp: checkAtTimestamp,
    });
  }

  /**
   * Finds the memories and facts that answer a question, best first, in one call: by words, and by meaning where there
   * is an `embedding` or an `embedder`. Returns scored items and, as `context`, the same as text for a language model.
   * At most 20 items unless `limit` or `maxTokens` says otherwise.
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
   * assertStringIncludes(context, "Brother HL-2030");
   * ```
   */
  recall(
    params: RecallParams & { formatForLLM?: true },
    controls?: CallControls,
  ): Promise<RecallResult & { context: string }>;
  /** The same; without `context` if `formatForLLM` is false. */
  recall(params: RecallParams, controls?: CallControls): Promise<RecallResult>;
  async recall(
    params: RecallParams,
    controls?: CallControls,
  ): Promise<RecallResult> {
    const given = { ...params };
    checkRecall(given);
    return await recall(this.calls, given, controls);
  }

  /** Searches memories, and adds the conversation, messages and facts of each hit. */
  search(
    memorySpaceId: string,
    query: string,
    options: SearchMemoryOptions & CallControls & { enrichConversation: true },
  ): Promise<EnrichedSearchResult[]>;
  /**
   * Searches memories by similarity if an `embedding` is given, otherwise by words, among the first 1,000 hits of the
   * text index, or by both if `hybrid`; best first, archived ones excluded.
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
  /** Searches memories; the options decide the shape of the results. */
  search(
    memorySpaceId: string,
    query: string,
    options?: SearchMemoryOptions & CallControls,
  ): Promise<MemoryEntry[] | EnrichedSearchResult[]>;
  async search(
    memorySpaceId: string,
    query: string,
    options?: SearchMemoryOptions & CallControls,
  ): Promise<MemoryEntry[] | EnrichedSearchResult[]> {
    options ??= {};
    const { enrichConversation, ...args } = checkSearch({
      ...options,
      memorySpaceId,
      query,
    });
    return enrichConversation
      ? await searchEnriched(this.calls, args, options)
      : await searchMemories(this.calls, "memories", args, options);
  }

  /** Gets a memory with its conversation, messages and facts; null if the space has none with this id. */
  get(
    memorySpaceId: string,
    memoryId: string,
    options: GetMemoryOptions & CallControls & { includeConversation: true },
  ): Promise<EnrichedMemory | null>;
  /**
   * Gets a memory, archived or not; null if the space has none with this id.
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
  /** Gets a memory; the options decide the shape of the result. */
  get(
    memorySpaceId: string,
    memoryId: string,
    options?: GetMemoryOptions & CallControls,
  ): Promise<MemoryEntry | EnrichedMemory | null>;
  async get(
    memorySpaceId: string,
    memoryId: string,
    options?: GetMemoryOptions & CallControls,
  ): Promise<MemoryEntry | EnrichedMemory | null> {
    options ??= {};
    const enrich = options.includeConversation;
    checkGet({ ...options, memorySpaceId, memoryId });
    const found = await this.calls.query<MemoryEntry | EnrichedMemory | null>(
      enrich ? "memory:getEnriched" : "memories:get",
      { memorySpaceId, memoryId },
      options,
    );
    return enrich && found ? { ...NO_SURROUNDINGS, ...found } : found;
  }

  /** Lists memories with their facts, newest first. */
  list(
    filter: ListMemoriesFilter & { enrichFacts: true },
    controls?: CallControls,
  ): Promise<EnrichedMemory[]>;
  /**
   * Lists memories, newest first, archived ones included. Long lists take several requests.
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
   * const memories = await cortex.memory.list({ memorySpaceId: "notes" });
   * assertEquals(memories.map((entry) => entry.memoryId), [memory.memoryId]);
   * ```
   */
  list(
    filter: ListMemoriesFilter & { enrichFacts?: false },
    controls?: CallControls,
  ): Promise<MemoryEntry[]>;
  /** Lists memories; the filter decides the shape of the results. */
  list(
    filter: ListMemoriesFilter,
    controls?: CallControls,
  ): Promise<MemoryEntry[] | EnrichedMemory[]>;
  async list(
    filter: ListMemoriesFilter,
    controls?: CallControls,
  ): Promise<MemoryEntry[] | EnrichedMemory[]> {
    const args = checkList({ ...filter });
    const entries = await listMemories(this.calls, args, controls);
    return entries.map(({ memory, facts }) =>
      args.enrichFacts ? { memory, facts } : memory
    ) as MemoryEntry[] | EnrichedMemory[];
  }

  /**
   * Counts the memories that an unlimited `list` would return, without reading them.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.memory.count({ memorySpaceId: "notes" }), 0);
   * ```
   */
  async count(
    filter: CountMemoriesFilter,
    controls?: CallControls,
  ): Promise<number> {
    return await countMemories(this.calls, checkList({ ...filter }), controls);
  }

  /**
   * Exports the memories of a space as JSON or CSV, with the facts drawn from them if asked.
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
   * const { data } = await cortex.memory.export({
   *   memorySpaceId: "notes",
   *   format: "json",
   * });
   * assertEquals(JSON.parse(data)[0].memoryId, memory.memoryId);
   * ```
   */
  async export(
    options: ExportMemoriesOptions,
    controls?: CallControls & ProgressControls,
  ): Promise<ExportResult> {
    return await exportText(
      this.calls,
      "memories:exportMemories",
      checkExport({ ...options }),
      controls,
    );
  }
}
