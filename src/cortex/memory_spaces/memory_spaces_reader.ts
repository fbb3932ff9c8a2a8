/** Read operations on memory spaces. */
import { LISTED_SPACES, MAX_FOUND_SPACES } from "../limits.ts";
import { ApiModule } from "../calls/api_module.ts";
import {
  checkId,
  checkList,
  checkParticipantId,
  checkSearch,
  checkStats,
} from "./memory_spaces_rules.ts";
import { type Listing, type PageStep, readPages } from "../calls/paging.ts";
import type { CallControls } from "../types/common.ts";
import type {
  GetMemorySpaceStatsOptions,
  ListMemorySpacesFilter,
  ListMemorySpacesResult,
  MemorySpace,
  MemorySpaceStats,
  MemorySpaceStatus,
  MemorySpaceType,
} from "../types/memory_spaces.ts";

/** A step of a list of spaces. */
interface SpaceStep extends PageStep {
  /** Spaces of the page. */
  spaces: MemorySpace[];
}

/** The reading methods of `cortex.memorySpaces`. */
export class MemorySpacesReader extends ApiModule {
  /**
   * Gets a registered space; null if there is none.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.memorySpaces.get("unknown"), null);
   * ```
   */
  async get(
    memorySpaceId: string,
    controls?: CallControls,
  ): Promise<MemorySpace | null> {
    checkId({ memorySpaceId });
    return await this.calls.query(
      "memorySpaces:get",
      { memorySpaceId: memorySpaceId.trim() },
      controls,
    );
  }

  /**
   * Lists spaces that match the filter, newest first unless sorted otherwise.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.memorySpaces.register({ memorySpaceId: "sales", type: "team" });
   * const { spaces } = await cortex.memorySpaces.list({ type: "team" });
   * assertEquals(spaces.map((space) => space.memorySpaceId), ["sales"]);
   * ```
   */
  async list(
    filter: ListMemorySpacesFilter = {},
    controls?: CallControls,
  ): Promise<ListMemorySpacesResult> {
    const { limit = LISTED_SPACES, offset = 0, ...args }:
      ListMemorySpacesFilter = checkList(filter ?? {});
    const { rows, total } = await this.#pages(
      { args, limit, offset },
      controls,
    );
    return {
      spaces: rows,
      total,
      hasMore: offset + rows.length < total,
      offset,
    };
  }

  /**
   * Counts the spaces that match the filter.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.memorySpaces.count({ status: "archived" }), 0);
   * ```
   */
  async count(
    filter: Pick<
      ListMemorySpacesFilter,
      "type" | "status" | "participant" | "tenantId"
    > = {},
    controls?: CallControls,
  ): Promise<number> {
    const args = checkList(filter ?? {});
    return (await this.#pages({ args, limit: 0 }, controls)).total;
  }

  /**
   * Reports what a space holds: exact counts, bytes, tags, importance, and on request who is active. Rejects with
   * `MEMORYSPACE_NOT_FOUND`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.memorySpaces.register({ memorySpaceId: "sales", type: "team" });
   * const { totalMemories } = await cortex.memorySpaces.getStats("sales");
   * assertEquals(totalMemories, 0);
   * ```
   */
  async getStats(
    memorySpaceId: string,
    options: GetMemorySpaceStatsOptions & CallControls = {},
  ): Promise<MemorySpaceStats> {
    const args = checkStats({ ...options, memorySpaceId });
    return await this.calls.whole<MemorySpaceStats>(
      { kind: "query", name: "memorySpaces:getStats" },
      { ...args, memorySpaceId: memorySpaceId.trim() },
      options,
    );
  }

  /**
   * Lists the spaces that a participant takes part in, newest first, at most 1,000.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.memorySpaces.findByParticipant("ada"), []);
   * ```
   */
  async findByParticipant(
    participantId: string,
    controls?: CallControls,
  ): Promise<MemorySpace[]> {
    checkParticipantId({ participantId });
    const { rows } = await this.#pages({
      args: { participant: participantId },
      limit: MAX_FOUND_SPACES,
      counts: false,
    }, controls);
    return rows;
  }

  /**
   * Finds spaces whose name, id or metadata contain a text, ignoring case and accents, ranked in that order; at most
   * `limit`, 1 to 1,000, default 50. In the 5,000 spaces last changed (at most 8 MiB) it finds any part of a text; in
   * others only whole words, among the first 200 hits of the text index.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.memorySpaces.register({
   *   memorySpaceId: "sales",
   *   type: "team",
   *   name: "Sales in Europe",
   * });
   * const [space] = await cortex.memorySpaces.search("europe");
   * assertEquals(space?.memorySpaceId, "sales");
   * ```
   */
  async search(
    query: string,
    options: {
      type?: MemorySpaceType;
      status?: MemorySpaceStatus;
      limit?: number;
      tenantId?: string;
    } & CallControls = {},
  ): Promise<MemorySpace[]> {
    const args = checkSearch({ ...options, query });
    return await this.calls.query(
      "memorySpaces:search",
      { ...args, query: query.trim() },
      options,
    );
  }

  #pages(
    listing: Omit<Listing<SpaceStep, MemorySpace>, "name" | "rows">,
    controls: CallControls | undefined,
  ): Promise<{ rows: MemorySpace[]; total: number }> {
    return readPages<SpaceStep, MemorySpace>(this.calls, {
      name: "memorySpaces:page",
      rows: ({ spaces }) => spaces,
      ...listing,
    }, controls);
  }
}
