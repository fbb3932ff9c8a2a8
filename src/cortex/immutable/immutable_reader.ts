/** Read operations on records. */
import { LISTED_RECORDS, MAX_LISTED_RECORDS } from "../limits.ts";
import { ApiModule } from "../calls/api_module.ts";
import { historyOfRecord } from "./record_history.ts";
import { toMs } from "../rules/field_rules.ts";
import { type PageStep, readPages } from "../calls/paging.ts";
import {
  checkFilter,
  checkNamed,
  checkSearch,
  checkTime,
  checkVersion,
} from "./immutable_rules.ts";
import type { CallControls } from "../types/common.ts";
import type {
  CountImmutableFilter,
  ImmutableRecord,
  ImmutableSearchResult,
  ImmutableVersionExpanded,
  ListImmutableFilter,
  SearchImmutableInput,
} from "../types/immutable.ts";

/** A step of a list of records. */
interface RecordStep extends PageStep {
  /** Records of the page. */
  entries: ImmutableRecord[];
}

/** The reading methods of `cortex.immutable`. */
export class ImmutableReader extends ApiModule {
  /**
   * Gets a record with its superseded versions, the newest 1,000 of them; null if there is none.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.immutable.get("policy", "unknown"), null);
   * ```
   */
  get(
    type: string,
    id: string,
    controls?: CallControls,
  ): Promise<ImmutableRecord | null> {
    return this.calls.query(
      "immutable:get",
      { type, id },
      controls,
      checkNamed,
    );
  }

  /**
   * Gets one version; null if there is none, or if it was purged.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.immutable.store({ type: "policy", id: "refunds", data: { days: 14 } });
   * const version = await cortex.immutable.getVersion("policy", "refunds", 1);
   * assertEquals(version?.data, { days: 14 });
   * ```
   */
  getVersion(
    type: string,
    id: string,
    version: number,
    controls?: CallControls,
  ): Promise<ImmutableVersionExpanded | null> {
    return this.calls.query(
      "immutable:getVersion",
      { type, id, version },
      controls,
      checkVersion,
    );
  }

  /**
   * Gets every remaining version, oldest first, the current one last; `[]` if there is no record.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.immutable.store({ type: "policy", id: "refunds", data: { days: 14 } });
   * assertEquals((await cortex.immutable.getHistory("policy", "refunds")).length, 1);
   * ```
   */
  async getHistory(
    type: string,
    id: string,
    controls?: CallControls,
  ): Promise<ImmutableVersionExpanded[]> {
    checkNamed({ type, id });
    return await historyOfRecord(this.calls, type, id, controls);
  }

  /**
   * Gets the version that was current at a given time; null before the record was created. If that version is gone,
   * gets the newest one before it that remains, or else the earliest.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.immutable.store({ type: "policy", id: "refunds", data: { days: 14 } });
   * const now = await cortex.immutable.getAtTimestamp("policy", "refunds", new Date());
   * assertEquals(now?.version, 1);
   * ```
   */
  async getAtTimestamp(
    type: string,
    id: string,
    timestamp: number | Date,
    controls?: CallControls,
  ): Promise<ImmutableVersionExpanded | null> {
    checkTime({ type, id, timestamp });
    return await this.calls.query(
      "immutable:getAtTimestamp",
      { type, id, timestamp: toMs(timestamp) },
      controls,
    );
  }

  /**
   * Lists records, newest first, each with its newest 20 superseded versions.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.immutable.list({ type: "policy" }), []);
   * ```
   */
  async list(
    filter: ListImmutableFilter = {},
    controls?: CallControls,
  ): Promise<ImmutableRecord[]> {
    const { limit = LISTED_RECORDS, ...args } = checkFilter(filter ?? {});
    const most = Math.min(limit, MAX_LISTED_RECORDS);
    return (await this.#pages(args, most, controls)).rows;
  }

  /**
   * Counts records, not versions.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.immutable.count({ type: "policy" }), 0);
   * ```
   */
  async count(
    filter: CountImmutableFilter = {},
    controls?: CallControls,
  ): Promise<number> {
    const { limit: _, ...args }: ListImmutableFilter = checkFilter(
      filter ?? {},
    );
    return (await this.#pages(args, 0, controls)).total;
  }

  /**
   * Finds records whose current data contains a text, ignoring case and accents; last changed first. In the 5,000
   * records last changed (at most 8 MiB) it finds any part of a text; in older ones only whole words, among the first
   * 100 hits of the text index.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.immutable.store({
   *   type: "policy",
   *   id: "refunds",
   *   data: { text: "Returns are free within 30 days." },
   * });
   * const [hit] = await cortex.immutable.search({ query: "FREE within" });
   * assertEquals(hit?.highlights, ["Returns are free within 30 days."]);
   * ```
   */
  async search(
    input: SearchImmutableInput,
    controls?: CallControls,
  ): Promise<ImmutableSearchResult[]> {
    const args = { ...checkSearch({ input }).input };
    return await this.calls.query("immutable:search", args, controls);
  }

  /** The first `limit` records and their total number; with a limit of 0, only the latter. */
  #pages(
    args: CountImmutableFilter,
    limit: number,
    controls: CallControls | undefined,
  ): Promise<{ rows: ImmutableRecord[]; total: number }> {
    return readPages<RecordStep, ImmutableRecord>(this.calls, {
      name: "immutable:page",
      rows: ({ entries }) => entries,
      args: { ...args },
      limit,
      counts: limit === 0,
    }, controls);
  }
}
