import type { ApiContext } from "./api_context.ts";
import { storeCost } from "./call_costs.ts";
import { within } from "./deadline.ts";
import { toStoreArgs } from "./memory_input.ts";
import { searchMemories } from "./search.ts";
import type { CallControls, GraphSyncOption } from "./types/common.ts";
import type {
  MemoryEntry,
  SearchMemoriesOptions,
  StoreMemoryInput,
} from "./types/vector.ts";
import { checkGet, checkSearch, checkStore } from "./vector_rules.ts";

/**
 * Searchable memories, without conversation and facts around them.
 *
 * Every method rejects with `VectorValidationError` before anything is sent when an argument is wrong.
 */
export class VectorAPI {
  readonly #context: ApiContext;

  /** Made by `Cortex`. */
  constructor(context: ApiContext) {
    this.#context = context;
  }

  /**
   * Stores a memory and returns the row. Embeddings of any length are kept; an empty one means none.
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
    options?: GraphSyncOption & CallControls,
  ): Promise<MemoryEntry> {
    checkStore({ ...input, memorySpaceId, input });
    return await within(options, (signal) =>
      this.#context.mutation(
        "memories:store",
        toStoreArgs(
          this.#context.tenantId(input.tenantId),
          memorySpaceId,
          input,
        ),
        {
          signal,
          batch: { cost: storeCost({ ...input, tags: input.metadata.tags }) },
        },
      ));
  }

  /**
   * Gets a memory, archived ones as well; null when it is not there, or in another space.
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
  async get(
    memorySpaceId: string,
    memoryId: string,
    controls?: CallControls,
  ): Promise<MemoryEntry | null> {
    checkGet({ memorySpaceId, memoryId });
    return await within(controls, (signal) =>
      this.#context.query(
        "memories:get",
        { tenantId: this.#context.tenantId(), memorySpaceId, memoryId },
        { signal },
      ));
  }

  /**
   * Searches by similarity where an embedding is given (hits carry `_score`), by words otherwise.
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
    options: SearchMemoriesOptions & CallControls = {},
  ): Promise<MemoryEntry[]> {
    options ??= {};
    checkSearch({ ...options, memorySpaceId });
    return await within(
      options,
      (signal) =>
        searchMemories(this.#context, memorySpaceId, query, options, signal),
    );
  }
}
