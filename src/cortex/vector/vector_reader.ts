import type { ApiContext } from "../calls/api_context.ts";
import { exportText } from "../calls/exports.ts";
import { countMemories, listMemories } from "../memory/memory_calls.ts";
import { searchMemories } from "../memory/search.ts";
import type { CallControls, ProgressControls } from "../types/common.ts";
import type { ExportResult } from "../types/conversations.ts";
import type {
  CountMemoriesFilter,
  ExportVectorMemoriesOptions,
  ListMemoriesFilter,
  MemoryEntry,
  SearchMemoriesOptions,
} from "../types/vector.ts";
import {
  checkAtTimestamp,
  checkExport,
  checkList,
  checkNamed,
  checkSearch,
  checkVersion,
} from "./vector_rules.ts";
import { VersionReader } from "../memory/version_reader.ts";

/** The methods of `cortex.vector` that read. */
export class VectorReader extends VersionReader {
  /** Made by `Cortex`. */
  constructor(context: ApiContext) {
    super(context, {
      named: checkNamed,
      version: checkVersion,
      atTimestamp: checkAtTimestamp,
    });
  }

  /**
   * Gets a memory, archived or not; null if the space has none with this id.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.vector.get("notes", "mem-unknown"), null);
   * ```
   */
  get(
    memorySpaceId: string,
    memoryId: string,
    controls?: CallControls,
  ): Promise<MemoryEntry | null> {
    return this.calls.query(
      "memories:get",
      { memorySpaceId, memoryId },
      controls,
      checkNamed,
    );
  }

  /**
   * Searches by similarity if an `embedding` is given (hits then carry `_score`), otherwise by words, among the first
   * 1,000 hits of the text index, or by both if `hybrid`; best first, archived memories excluded.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.vector.store("notes", {
   *   content: "The spare key is under the third flower pot.",
   *   contentType: "raw",
   *   embedding: [0.1, 0.9],
   *   source: { type: "system" },
   *   metadata: { importance: 80, tags: [] },
   * });
   * const hits = await cortex.vector.search("notes", "", { embedding: [0.1, 0.8] });
   * assertEquals(hits.length, 1);
   * ```
   */
  async search(
    memorySpaceId: string,
    query: string,
    options?: SearchMemoriesOptions & CallControls,
  ): Promise<MemoryEntry[]> {
    options ??= {};
    const args = checkSearch({ ...options, memorySpaceId, query });
    return await searchMemories(this.calls, "memories", args, options);
  }

  /**
   * Lists memories, newest first, archived ones included. Long lists take several requests.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const { memoryId } = await cortex.vector.store("notes", {
   *   content: "The spare key is under the third flower pot.",
   *   contentType: "raw",
   *   source: { type: "system" },
   *   metadata: { importance: 80, tags: ["home"] },
   * });
   * const memories = await cortex.vector.list({ memorySpaceId: "notes" });
   * assertEquals(memories.map((memory) => memory.memoryId), [memoryId]);
   * ```
   */
  async list(
    filter: ListMemoriesFilter,
    controls?: CallControls,
  ): Promise<MemoryEntry[]> {
    const args = checkList({ filter }).filter;
    const entries = await listMemories(this.calls, args, controls);
    return entries.map(({ memory }) => memory);
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
   * await cortex.vector.store("notes", {
   *   content: "The spare key is under the third flower pot.",
   *   contentType: "raw",
   *   source: { type: "system" },
   *   metadata: { importance: 80, tags: ["home"] },
   * });
   * assertEquals(await cortex.vector.count({ memorySpaceId: "notes" }), 1);
   * ```
   */
  async count(
    filter: CountMemoriesFilter,
    controls?: CallControls,
  ): Promise<number> {
    const args = checkList({ filter }).filter;
    return await countMemories(this.calls, args, controls);
  }

  /**
   * Exports the memories of a space as JSON, or as CSV with a line per memory.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.vector.store("notes", {
   *   content: "The spare key is under the third flower pot.",
   *   contentType: "raw",
   *   source: { type: "system" },
   *   metadata: { importance: 80, tags: ["home"] },
   * });
   * const { count, data } = await cortex.vector.export({
   *   memorySpaceId: "notes",
   *   format: "csv",
   * });
   * assertEquals([count, data.split("\n").length], [1, 2]);
   * ```
   */
  async export(
    options: ExportVectorMemoriesOptions,
    controls?: CallControls & ProgressControls,
  ): Promise<ExportResult> {
    return await exportText(
      this.calls,
      "memories:exportMemories",
      { ...checkExport({ options }).options },
      controls,
    );
  }
}
