import type { ApiContext } from "../calls/api_context.ts";
import type { BeliefRevisionService } from "../facts/belief_revision.ts";
import { asOne } from "../calls/deadline.ts";
import { MemoryReader } from "./memory_reader.ts";
import {
  checkDeleteMany,
  checkFilter,
  checkForget,
  checkNamed,
  checkRemember,
  checkRememberOptions,
  checkStore,
  checkUpdate,
  checkUpdates,
} from "./memory_rules.ts";
import { remember } from "./remember.ts";
import { storeWithFacts } from "./store_with_facts.ts";
import type {
  GraphSyncOption,
  ProgressControls,
  WriteControls,
} from "../types/common.ts";
import type {
  ArchiveResult,
  DeleteManyResult,
  DeleteMemoryResult,
  ExtendedForgetOptions,
  ForgetResult,
  RememberOptions,
  RememberParams,
  RememberResult,
  StoreMemoryResult,
  UpdateManyResult,
  UpdateMemoryOptions,
  UpdateMemoryResult,
} from "../types/memory.ts";
import type {
  DeleteMemoryOptions,
  ManyMemoryUpdates,
  MemoriesFilter,
  MemoryUpdates,
  RestoredMemory,
  StoreMemoryInput,
} from "../types/vector.ts";
import { updateWithFacts } from "./update_with_facts.ts";

/**
 * What an agent remembers, across all layers: conversations, searchable memories and facts.
 *
 * Every method rejects with `MemoryValidationError` before anything is sent if an argument is wrong, with `ConvexError`
 * if the backend refuses the call, and with `ClientError` if the backend cannot be reached.
 */
export class MemoryAPI extends MemoryReader {
  readonly #beliefs: BeliefRevisionService;

  /** Made by `Cortex`. */
  constructor(context: ApiContext, beliefs: BeliefRevisionService) {
    super(context);
    this.#beliefs = beliefs;
  }

  /**
   * Remembers an exchange. One transaction registers the space, user and agent, appends both messages to the
   * conversation, and stores memories and facts: all of it or nothing. Calls on one conversation apply in call order;
   * calls started together share requests. An error in `extractFacts` is logged; one in another callback rejects.
   *
   * @throws {ConvexError} `CONTENT_TOO_LARGE`, `MESSAGE_ALREADY_EXISTS`, `MEMORYSPACE_ARCHIVED`, `PERMISSION_DENIED`.
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const { memories } = await cortex.memory.remember({
   *   memorySpaceId: "support",
   *   conversationId: "c-1",
   *   agentId: "helper",
   *   userMessage: "My printer is a Brother HL-2030.",
   *   agentResponse: "Its drum lasts about 12,000 pages.",
   * });
   * assertEquals(memories.length, 2);
   * ```
   */
  async remember(
    params: RememberParams,
    options?: RememberOptions,
  ): Promise<RememberResult> {
    // Copied, so that the values checked are the values used, even if the caller changes the object meanwhile.
    const given = { ...params };
    checkRemember(given);
    options ??= {};
    checkRememberOptions({ ...options });
    return await remember(this.calls, this.#beliefs, given, options);
  }

  /**
   * Stores one memory, with the facts that `extractFacts` finds in it. A memory with the source `conversation` needs a
   * `conversationRef`. If a memory with your `memoryId` exists, it is returned, with facts only for the same content.
   *
   * @throws {ConvexError} `CONTENT_TOO_LARGE`, or `MEMORYSPACE_ARCHIVED` for an archived space.
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
    controls?: WriteControls,
  ): Promise<StoreMemoryResult> {
    checkStore({ ...input, memorySpaceId });
    return await asOne(
      controls,
      (each) =>
        storeWithFacts(this.calls, memorySpaceId, input, {
          ...each,
          asked: [memorySpaceId, input],
        }),
    );
  }

  /**
   * Deletes a memory, and marks its facts as deleted. `deleteConversation` also deletes the messages it was made from,
   * and `deleteEntireConversation` the whole conversation.
   *
   * @throws {ConvexError} `MEMORY_NOT_FOUND`.
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
  forget(
    memorySpaceId: string,
    memoryId: string,
    options?: ExtendedForgetOptions,
  ): Promise<ForgetResult> {
    return this.calls.whole(
      {
        kind: "mutation",
        name: "memory:forget",
        parts: [
          "messagesDeleted",
          "factsDeleted",
          "factIds",
          "conversationDeleted",
        ],
      },
      { ...options, memorySpaceId, memoryId },
      options,
      checkForget,
    );
  }

  /**
   * Writes a new version of a memory; fields you omit stay as they are. `reextractFacts` replaces the facts drawn from
   * the old content with new ones, in the same transaction; beyond 200 old facts, in further transactions.
   *
   * @throws {ConvexError} `MEMORY_NOT_FOUND`, or `PERMISSION_DENIED` for a memory of another space.
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
   * const updated = await cortex.memory.update("notes", memory.memoryId, {
   *   content: "The spare key is in the shed.",
   * });
   * assertEquals(updated.memory.version, 2);
   * ```
   */
  async update(
    memorySpaceId: string,
    memoryId: string,
    updates: MemoryUpdates,
    options?: UpdateMemoryOptions & WriteControls,
  ): Promise<UpdateMemoryResult> {
    const { reextractFacts, extractFacts } = options ?? {};
    const named = { memorySpaceId, memoryId };
    checkUpdate({ ...updates, ...named, reextractFacts, extractFacts });
    return await asOne(
      options,
      (each) => updateWithFacts(this.calls, named, updates, each),
      [memorySpaceId, memoryId, updates],
    );
  }

  /**
   * Deletes a memory, and marks its facts as deleted unless `cascadeDeleteFacts` is false. Its conversation stays.
   *
   * @throws {ConvexError} `MEMORY_NOT_FOUND`.
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
   * const { factsDeleted } = await cortex.memory.delete("notes", memory.memoryId);
   * assertEquals(factsDeleted, 0);
   * ```
   */
  delete(
    memorySpaceId: string,
    memoryId: string,
    options?: DeleteMemoryOptions & WriteControls & ProgressControls,
  ): Promise<DeleteMemoryResult> {
    return this.calls.whole(
      {
        kind: "mutation",
        name: "memory:deleteMemory",
        parts: ["factsDeleted", "factIds"],
        count: () => 1,
      },
      { ...options, memorySpaceId, memoryId },
      options,
      checkNamed,
    );
  }

  /**
   * Sets importance or tags on all memories of a space that match the filter, 200 per transaction; no new versions.
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
   * const { memoryIds } = await cortex.memory.updateMany(
   *   { memorySpaceId: "notes", sourceType: "system" },
   *   { tags: ["house"] },
   * );
   * assertEquals(memoryIds, [memory.memoryId]);
   * ```
   */
  async updateMany(
    filter: MemoriesFilter,
    updates: ManyMemoryUpdates,
    options?: GraphSyncOption & WriteControls & ProgressControls,
  ): Promise<UpdateManyResult> {
    return await this.calls.whole<UpdateManyResult>(
      {
        kind: "mutation",
        name: "memory:updateMany",
        parts: ["updated", "memoryIds", "factsAffected"],
      },
      { ...checkFilter({ ...filter }), ...checkUpdates({ ...updates }) },
      options,
    );
  }

  /**
   * Deletes all memories of a space that match the filter, and marks the facts drawn from them as deleted. Needs at
   * least one condition besides the space.
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
   * const { memoryIds } = await cortex.memory.deleteMany({
   *   memorySpaceId: "notes",
   *   sourceType: "system",
   * });
   * assertEquals(memoryIds, [memory.memoryId]);
   * ```
   */
  deleteMany(
    filter: MemoriesFilter,
    options?: GraphSyncOption & WriteControls & ProgressControls,
  ): Promise<DeleteManyResult> {
    return this.calls.whole(
      {
        kind: "mutation",
        name: "memory:deleteMany",
        parts: ["deleted", "memoryIds", "factsDeleted", "factIds"],
      },
      { ...filter },
      options,
      checkDeleteMany,
    );
  }

  /**
   * Archives a memory and the facts drawn from it: search and recall no longer find them, and they can be restored.
   *
   * @throws {ConvexError} `MEMORY_NOT_FOUND`.
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
   * await cortex.memory.archive("notes", memory.memoryId);
   * assertEquals(await cortex.memory.search("notes", "spare key"), []);
   * ```
   */
  archive(
    memorySpaceId: string,
    memoryId: string,
    options?: GraphSyncOption & WriteControls & ProgressControls,
  ): Promise<ArchiveResult> {
    return this.calls.whole(
      {
        kind: "mutation",
        name: "memory:archive",
        parts: ["factsArchived", "factIds"],
      },
      { memorySpaceId, memoryId },
      options,
      checkNamed,
    );
  }

  /**
   * Restores an archived memory with its importance and its facts.
   *
   * @throws {ConvexError} `MEMORY_NOT_FOUND`, `MEMORY_NOT_ARCHIVED`, or `PERMISSION_DENIED` for another space's.
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
   * await cortex.memory.archive("notes", memory.memoryId);
   * const restored = await cortex.memory.restoreFromArchive("notes", memory.memoryId);
   * assertEquals(restored.memory.importance, 80);
   * ```
   */
  restoreFromArchive(
    memorySpaceId: string,
    memoryId: string,
    options?: GraphSyncOption & WriteControls & ProgressControls,
  ): Promise<RestoredMemory> {
    return this.calls.whole(
      { kind: "mutation", name: "memory:restoreFromArchive" },
      { memorySpaceId, memoryId },
      options,
      checkNamed,
    );
  }
}
