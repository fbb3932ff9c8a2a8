import { ApiModule } from "../calls/api_module.ts";
import type { ApiContext } from "../calls/api_context.ts";
import { toMs } from "../rules/field_rules.ts";
import { readHistory } from "./memory_calls.ts";
import type { CallControls } from "../types/common.ts";
import type { MemoryVersionRecord } from "../types/vector.ts";

/** Checks of these methods' arguments; each returns the arguments it knows. */
export interface VersionRules {
  /** Checks the ids of space and memory. */
  named<Args extends object>(args: Args): Args;
  /** Also checks a version. */
  version<Args extends object>(args: Args): Args;
  /** Also checks a time. */
  atTimestamp<Args extends object>(args: Args): Args;
}

/** The methods of `cortex.memory` and `cortex.vector` that read the versions of a memory. */
export class VersionReader extends ApiModule {
  readonly #rules: VersionRules;

  /** Made by `Cortex`, with the checks of its module. */
  constructor(context: ApiContext, rules: VersionRules) {
    super(context);
    this.#rules = rules;
  }

  /**
   * Gets one version of a memory; null if the space has no such memory or version.
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
   * const first = await cortex.memory.getVersion("notes", memory.memoryId, 1);
   * assertEquals(first?.content, memory.content);
   * ```
   */
  async getVersion(
    memorySpaceId: string,
    memoryId: string,
    version: number,
    controls?: CallControls,
  ): Promise<MemoryVersionRecord | null> {
    return await this.calls.query(
      "memories:getVersion",
      { memorySpaceId, memoryId, version },
      controls,
      this.#rules.version,
    );
  }

  /**
   * Gets all versions of a memory, oldest first, the current one last; `[]` if the space has no such memory.
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
   * await cortex.memory.update("notes", memory.memoryId, { importance: 10 });
   * const history = await cortex.memory.getHistory("notes", memory.memoryId);
   * assertEquals(history.map((record) => record.version), [1, 2]);
   * ```
   */
  async getHistory(
    memorySpaceId: string,
    memoryId: string,
    controls?: CallControls,
  ): Promise<MemoryVersionRecord[]> {
    this.#rules.named({ memorySpaceId, memoryId });
    return await readHistory(this.calls, memorySpaceId, memoryId, controls);
  }

  /**
   * Gets the version of a memory that was current at a given time; null before its creation.
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
   * const then = await cortex.memory.getAtTimestamp("notes", memory.memoryId, 0);
   * assertEquals(then, null);
   * ```
   */
  async getAtTimestamp(
    memorySpaceId: string,
    memoryId: string,
    timestamp: number | Date,
    controls?: CallControls,
  ): Promise<MemoryVersionRecord | null> {
    const args = { memorySpaceId, memoryId, timestamp };
    return await this.calls.query(
      "memories:getAtTimestamp",
      { ...this.#rules.atTimestamp(args), timestamp: toMs(timestamp) },
      controls,
    );
  }
}
