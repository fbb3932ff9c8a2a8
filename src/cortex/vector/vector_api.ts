import { checkNames } from "../calls/deadline.ts";
import { storeMemory } from "../memory/memory_calls.ts";
import type {
  GraphSyncOption,
  ProgressControls,
  WriteControls,
} from "../types/common.ts";
import type {
  ArchivedMemory,
  DeletedMemories,
  DeleteMemoryOptions,
  ManyMemoryUpdates,
  MemoriesFilter,
  MemoryEntry,
  MemoryUpdates,
  RestoredMemory,
  StoreMemoryInput,
  UpdatedMemories,
} from "../types/vector.ts";
import { VectorReader } from "./vector_reader.ts";
import {
  checkDeleteMany,
  checkNamed,
  checkStore,
  checkUpdate,
  checkUpdateMany,
} from "./vector_rules.ts";

/**
 * Searchable memories, without the conversations and facts around them.
 *
 * Every method rejects with `VectorValidationError` before anything is sent if an argument is wrong.
 */
export class VectorAPI extends VectorReader {
  /**
   * Stores a memory and returns it. Embeddings of any length are kept; an empty one counts as none.
   *
   * @throws {ConvexError} `CONTENT_TOO_LARGE`, or `MEMORYSPACE_ARCHIVED` for an archived space.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const entry = await cortex.vector.store("notes", {
   *   content: "The spare key is under the third flower pot.",
   *   contentType: "raw",
   *   embedding: [0.1, 0.9],
   *   source: { type: "system" },
   *   metadata: { importance: 80, tags: [] },
   * });
   * assertEquals(entry.version, 1);
   * ```
   */
  async store(
    memorySpaceId: string,
    input: StoreMemoryInput,
    options?: GraphSyncOption & WriteControls,
  ): Promise<MemoryEntry> {
    checkStore({ ...input, memorySpaceId, input });
    // `memory.store` calls the same function: a key is good for one of them.
    const asked = ["vector", memorySpaceId, input];
    return await storeMemory(
      this.calls,
      memorySpaceId,
      input,
      { ...checkNames(options), asked },
    );
  }

  /**
   * Writes a new version of a memory; fields you omit stay as they are, and the old version is kept. Rejects with
   * `MEMORY_NOT_FOUND`, or with `PERMISSION_DENIED` for a memory of another space.
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
   * const updated = await cortex.vector.update("notes", memoryId, {
   *   content: "The spare key is in the shed.",
   * });
   * assertEquals([updated.version, updated.tags], [2, ["home"]]);
   * ```
   */
  async update(
    memorySpaceId: string,
    memoryId: string,
    updates: MemoryUpdates,
    options?: GraphSyncOption & WriteControls,
  ): Promise<MemoryEntry> {
    const { updates: changes, ...named } = checkUpdate({
      memorySpaceId,
      memoryId,
      updates,
    });
    const args = { ...changes, ...named };
    return await this.calls.mutation("memories:update", args, options);
  }

  /**
   * Deletes a memory with its versions.
   *
   * @throws {ConvexError} `MEMORY_NOT_FOUND`, or `PERMISSION_DENIED` for a memory of another space.
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
   * await cortex.vector.delete("notes", memoryId);
   * assertEquals(await cortex.vector.get("notes", memoryId), null);
   * ```
   */
  async delete(
    memorySpaceId: string,
    memoryId: string,
    options?: DeleteMemoryOptions & WriteControls & ProgressControls,
  ): Promise<{ deleted: boolean; memoryId: string }> {
    return await this.calls.whole<{ deleted: boolean; memoryId: string }>(
      { kind: "mutation", name: "memories:deleteMemory" },
      { memorySpaceId, memoryId },
      options,
      checkNamed,
    );
  }

  /**
   * Deletes all memories of a space that match the filter, 100 per transaction. Without conditions it deletes all of
   * them.
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
   * const { memoryIds } = await cortex.vector.deleteMany({ memorySpaceId: "notes" });
   * assertEquals(memoryIds, [memoryId]);
   * ```
   */
  async deleteMany(
    filter: MemoriesFilter,
    options?: GraphSyncOption & WriteControls & ProgressControls,
  ): Promise<DeletedMemories> {
    return await this.calls.whole<DeletedMemories>(
      {
        kind: "mutation",
        name: "memories:deleteMany",
        parts: ["deleted", "memoryIds"],
      },
      { ...checkDeleteMany({ filter }).filter },
      options,
    );
  }

  /**
   * Sets importance or tags on all memories of a space that match the filter, 200 per transaction. Makes no new
   * versions.
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
   * await cortex.vector.updateMany({ memorySpaceId: "notes" }, { importance: 20 });
   * const memory = await cortex.vector.get("notes", memoryId);
   * assertEquals([memory?.importance, memory?.version], [20, 1]);
   * ```
   */
  async updateMany(
    filter: MemoriesFilter,
    updates: ManyMemoryUpdates,
    options?: GraphSyncOption & WriteControls & ProgressControls,
  ): Promise<UpdatedMemories> {
    const checked = checkUpdateMany({ filter, updates });
    return await this.calls.whole<UpdatedMemories>(
      {
        kind: "mutation",
        name: "memories:updateMany",
        parts: ["updated", "memoryIds"],
      },
      { ...checked.updates, ...checked.filter },
      options,
    );
  }

  /**
   * Archives a memory: it gets the tag `archived` and an importance of at most 10, and search and recall no longer find
   * it; `get` and `list` still return it. Archiving it again changes nothing.
   *
   * @throws {ConvexError} `MEMORY_NOT_FOUND`, or `PERMISSION_DENIED` for a memory of another space.
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
   * await cortex.vector.archive("notes", memoryId);
   * assertEquals(await cortex.vector.search("notes", "spare key"), []);
   * ```
   */
  archive(
    memorySpaceId: string,
    memoryId: string,
    options?: GraphSyncOption & WriteControls,
  ): Promise<ArchivedMemory> {
    return this.calls.mutation(
      "memories:archive",
      { memorySpaceId, memoryId },
      options,
      checkNamed,
    );
  }

  /**
   * Restores an archived memory with the importance it had.
   *
   * @throws {ConvexError} `MEMORY_NOT_ARCHIVED`, `MEMORY_NOT_FOUND`, or `PERMISSION_DENIED` for a memory of another
   * space.
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
   * await cortex.vector.archive("notes", memoryId);
   * const { memory } = await cortex.vector.restoreFromArchive("notes", memoryId);
   * assertEquals([memory.importance, memory.tags], [80, ["home"]]);
   * ```
   */
  restoreFromArchive(
    memorySpaceId: string,
    memoryId: string,
    options?: GraphSyncOption & WriteControls,
  ): Promise<RestoredMemory> {
    return this.calls.mutation(
      "memories:restoreFromArchive",
      { memorySpaceId, memoryId },
      options,
      checkNamed,
    );
  }
}
