import { ImmutableReader } from "./immutable_reader.ts";
import {
  checkNamed,
  checkPurgeMany,
  checkPurgeVersions,
  checkStore,
} from "./immutable_rules.ts";
import type { ProgressControls, WriteControls } from "../types/common.ts";
import type {
  CountImmutableFilter,
  DeleteImmutableOptions,
  ImmutableEntry,
  ImmutableRecord,
  PurgeImmutableResult,
  PurgeManyImmutableResult,
  PurgeVersionsResult,
  StoreImmutableOptions,
} from "../types/immutable.ts";

/**
 * Versioned records: each change is a new version, and only a purge or the erasure of a user removes any.
 *
 * Every method rejects with `ImmutableValidationError` before anything is sent if an argument is wrong.
 */
export class ImmutableAPI extends ImmutableReader {
  /**
   * Stores a record as version 1, or as the next version of an existing one. Metadata and user are kept if omitted. With
   * another user, the record is that user's from then on; its former versions still belong to the user before.
   *
   * @throws {ConvexError} `VALUE_TOO_LARGE` above 1,000,000 bytes of JSON.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.immutable.store({ type: "policy", id: "refunds", data: { days: 14 } });
   * const record = await cortex.immutable.store({
   *   type: "policy",
   *   id: "refunds",
   *   data: { days: 30 },
   * });
   * assertEquals([record.version, record.previousVersions[0]?.data], [2, { days: 14 }]);
   * ```
   */
  async store(
    entry: ImmutableEntry,
    options?: StoreImmutableOptions & WriteControls,
  ): Promise<ImmutableRecord> {
    const args = { ...checkStore(entry) };
    return await this.calls.mutation("immutable:store", args, options);
  }

  /**
   * Deletes a record with all its versions.
   *
   * @throws {ConvexError} `IMMUTABLE_ENTRY_NOT_FOUND`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.immutable.store({ type: "policy", id: "refunds", data: { days: 14 } });
   * const { versionsDeleted } = await cortex.immutable.purge("policy", "refunds");
   * assertEquals(versionsDeleted, 1);
   * ```
   */
  purge(
    type: string,
    id: string,
    options?: DeleteImmutableOptions & WriteControls & ProgressControls,
  ): Promise<PurgeImmutableResult> {
    return this.calls.whole(
      {
        kind: "mutation",
        name: "immutable:purge",
        parts: ["versionsDeleted"],
      },
      { type, id },
      options,
      checkNamed,
    );
  }

  /**
   * Deletes every record of a type, of a user, or of both. User profiles are deleted only if the type `user` is given.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.immutable.store({ type: "policy", id: "refunds", data: {} });
   * const { entries } = await cortex.immutable.purgeMany({ type: "policy" });
   * assertEquals(entries, [{ type: "policy", id: "refunds" }]);
   * ```
   */
  purgeMany(
    filter: CountImmutableFilter,
    controls?: WriteControls & ProgressControls,
  ): Promise<PurgeManyImmutableResult> {
    return this.calls.whole(
      {
        kind: "mutation",
        name: "immutable:purgeMany",
        parts: ["totalVersionsDeleted", "deleted", "entries"],
      },
      { ...filter },
      controls,
      checkPurgeMany,
    );
  }

  /**
   * Deletes all but the newest versions of a record; the current one counts and keeps its number. Rejects with
   * `IMMUTABLE_ENTRY_NOT_FOUND`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * for (const days of [7, 14, 30]) {
   *   await cortex.immutable.store({ type: "policy", id: "refunds", data: { days } });
   * }
   * const left = await cortex.immutable.purgeVersions("policy", "refunds", 1);
   * assertEquals(left, { versionsPurged: 2, versionsRemaining: 1 });
   * ```
   */
  purgeVersions(
    type: string,
    id: string,
    keepLatest: number,
    controls?: WriteControls & ProgressControls,
  ): Promise<PurgeVersionsResult> {
    return this.calls.whole(
      {
        kind: "mutation",
        name: "immutable:purgeVersions",
        parts: ["versionsPurged"],
      },
      { type, id, keepLatest },
      controls,
      checkPurgeVersions,
    );
  }
}
