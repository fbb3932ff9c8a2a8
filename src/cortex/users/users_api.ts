import { MAX_LISTED_USERS, MAX_USERS } from "../limits.ts";
import { CascadeDeletionError, UserValidationError } from "../../errors.ts";
import { asOne } from "../calls/deadline.ts";
import { eraseEach } from "../calls/erase.ts";
import { firstChoice } from "../calls/first_choice.ts";
import type { KeyedControls } from "../calls/idempotency.ts";
import type {
  CallControls,
  ProgressControls,
  WriteControls,
} from "../types/common.ts";
import { Transfer } from "../transfer.ts";
import type {
  ExportAllOptions,
  ImportAllOptions,
  ImportAllResult,
  ImportSource,
} from "../types/transfer.ts";
import type {
  DeleteManyUsersOptions,
  DeleteUserOptions,
  ExportUsersOptions,
  UpdateManyUsersOptions,
  UserDeleteResult,
  UserFilters,
  UserProfile,
} from "../types/users.ts";
import { deleteProfile, eraseUser } from "./users_erase.ts";
import { exportUsers } from "./users_export.ts";
import { UsersReader } from "./users_reader.ts";
import {
  checkContents,
  checkDefaults,
  checkDelete,
  checkDeleteMany,
  checkExport,
  checkUpdateMany,
  checkUserId,
} from "./users_rules.ts";

const checkData = checkContents("data");
const checkUpdates = checkContents("updates");

/**
 * User profiles with all their versions, and the erasure of everything that belongs to a user.
 *
 * Every method rejects with `UserValidationError` before anything is sent if an argument is wrong.
 */
export class UsersAPI extends UsersReader {
  readonly #transfer = new Transfer(this.calls.context);

  /**
   * Merges data into a profile as its next version, or creates the profile. Objects are merged recursively, everything
   * else is replaced. Merging happens on the server, so concurrent updates all survive.
   *
   * @throws {ConvexError} `VALUE_TOO_LARGE` above 1,000,000 bytes of JSON.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.users.update("ada", { displayName: "Ada", settings: { theme: "dark" } });
   * const ada = await cortex.users.update("ada", { settings: { language: "en" } });
   * assertEquals(ada.data.settings, { theme: "dark", language: "en" });
   * assertEquals(ada.version, 2);
   * ```
   */
  async update(
    userId: string,
    data: Record<string, unknown>,
    controls?: WriteControls,
  ): Promise<UserProfile> {
    return await this.calls.mutation(
      "users:update",
      { userId, data },
      controls,
      checkData,
    );
  }

  /**
   * Same as `update`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const ada = await cortex.users.merge("ada", { displayName: "Ada" });
   * assertEquals(ada.version, 1);
   * ```
   */
  async merge(
    userId: string,
    updates: Record<string, unknown>,
    controls?: WriteControls,
  ): Promise<UserProfile> {
    checkUpdates({ userId, updates });
    return await this.update(userId, updates, controls);
  }

  /**
   * Gets the profile as it is, or creates one from the defaults.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.users.getOrCreate("ada", { displayName: "Ada" });
   * const ada = await cortex.users.getOrCreate("ada", { displayName: "Somebody" });
   * assertEquals(ada.data.displayName, "Ada");
   * ```
   */
  async getOrCreate(
    userId: string,
    defaults?: Record<string, unknown>,
    controls?: WriteControls,
  ): Promise<UserProfile> {
    checkDefaults({ userId, defaults });
    return await this.calls.mutation(
      "users:getOrCreate",
      { userId, data: defaults ?? {} },
      controls,
    );
  }

  /**
   * Exports profiles, and on request their versions, conversations and memories, as JSON or CSV. `importAll` reads the
   * JSON back.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.users.update("ada", { displayName: "Ada" });
   * const text = await cortex.users.export({ format: "json" });
   * assertEquals(JSON.parse(text)[0].data, { displayName: "Ada" });
   * ```
   */
  async export(
    options: ExportUsersOptions,
    controls?: CallControls & ProgressControls,
  ): Promise<string> {
    const { format, filters } = options ?? {};
    const known = checkExport({ options, format, filters });
    return await exportUsers(this.calls, known, controls);
  }

  /**
   * Yields everything held on a user in every layer and space of the tenant, as lines of JSON: exactly what `delete`
   * with `cascade` would erase, with a line for each version of a record, too. `importAll` loads it back. Otherwise like
   * `cortex.exportAll`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.users.update("ada", { displayName: "Ada" });
   * let bundle = "";
   * for await (const line of cortex.users.exportAll("ada")) bundle += line;
   * await cortex.users.delete("ada", { cascade: true });
   * await cortex.users.importAll(bundle);
   * assertEquals((await cortex.users.get("ada"))?.data, { displayName: "Ada" });
   * ```
   */
  async *exportAll(
    userId: string,
    options: ExportAllOptions = {},
  ): AsyncGenerator<string, void, undefined> {
    checkUserId({ userId });
    yield* this.#transfer.exportAll(userId, options);
  }

  /**
   * Stores what `exportAll` yielded, or what `export` wrote as JSON. Existing rows stay as they are; messages of
   * unknown conversations and versions of unknown records, both of other users, are skipped, and named in `conflicts`.
   * Otherwise like `cortex.importAll`.
   *
   * For backups, use `exportAll`: `export` leaves out embeddings, facts and records, and the former importance of
   * archived memories.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.users.update("ada", { displayName: "Ada" });
   * const { skipped } = await cortex.users.importAll(cortex.users.exportAll("ada"));
   * assertEquals(skipped, 1);
   * ```
   */
  async importAll(
    source: ImportSource,
    options: ImportAllOptions = {},
  ): Promise<ImportAllResult> {
    return await this.#transfer.importAll(source, options);
  }

  /**
   * Merges data into up to 100 profiles, given by id or by filter, in one transaction. Unknown users are skipped.
   *
   * @throws {ConvexError} `LIMIT_EXCEEDED` for more profiles than fit into one transaction, which reads and writes 16
   * MiB.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.users.update("ada", { plan: "free" });
   * const { userIds } = await cortex.users.updateMany(["ada", "nobody"], {
   *   data: { plan: "pro" },
   * });
   * assertEquals(userIds, ["ada"]);
   * ```
   */
  async updateMany(
    userIdsOrFilters: readonly string[] | UserFilters,
    updates: { data: Record<string, unknown> },
    options?: UpdateManyUsersOptions & WriteControls,
  ): Promise<{ updated: number; userIds: string[] }> {
    const chosen = selection(userIdsOrFilters);
    checkUpdateMany({ updates, options, ...chosen });
    return await asOne(options, async (each) => {
      const userIds = await this.#select(chosen, each);
      if (each.dryRun) return { updated: 0, userIds };
      return await this.calls.mutation("users:updateProfiles", {
        tenantId: chosen.filters?.tenantId,
        userIds,
        data: updates.data,
        skipVersioning: each.skipVersioning,
      }, each);
    }, [userIdsOrFilters, updates]);
  }

  /**
   * Deletes up to 100 users, given by id or by filter, as `delete` does; unknown users are skipped. A filter with an
   * empty `displayName` or `email`, which would match everyone, is refused. With `cascade`, a failed erasure does not
   * stop the others: once all were tried, it rejects with `CascadeDeletionError`.
   *
   * Repeated with the same idempotency key, it deletes only users whom the filter matched in the first call. No record
   * names users who were erased, so the `userIds` of a repeat contain only those who still match.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.users.update("ada", {});
   * const { deleted } = await cortex.users.deleteMany(["ada", "nobody"]);
   * assertEquals(deleted, 1);
   * ```
   */
  async deleteMany(
    userIdsOrFilters: readonly string[] | UserFilters,
    options?: DeleteManyUsersOptions & WriteControls & ProgressControls,
  ): Promise<{ deleted: number; userIds: string[] }> {
    const chosen = selection(userIdsOrFilters);
    checkDeleteMany({ options, ...chosen });
    const { tenantId } = chosen.filters ?? {};
    return await asOne(options, async (each) => {
      let userIds = await this.#select(chosen, each);
      if (each.dryRun) return { deleted: 0, userIds };
      if (each.cascade) {
        await eraseEach(
          userIds,
          each,
          (userId, controls) =>
            eraseUser(this.calls, { userId, tenantId }, {}, controls),
          CascadeDeletionError,
        );
      } else {
        ({ deleted: userIds } = await this.calls.whole<{ deleted: string[] }>(
          {
            kind: "mutation",
            name: "users:deleteProfilesOf",
            parts: ["deleted"],
          },
          { userIds, tenantId },
          each,
        ));
      }
      return { deleted: userIds.length, userIds };
    }, userIdsOrFilters);
  }

  /**
   * Deletes a profile. With `cascade` it irrevocably deletes everything that belongs to the user in every layer and
   * space of the tenant: conversations and messages, immutable records, mutable values, memories with versions and
   * embeddings, facts with their history, and participation in spaces.
   *
   * An immutable record belongs to the user whom its current version names, and goes with all versions. Of a record that
   * another user has taken over, it deletes the versions that were this user's.
   *
   * A conversation belongs to the user who began it. It is erased whole, with what other users said in it and the
   * memories made from that, so give each user conversations of their own.
   *
   * Works in steps of bounded size. A failure rejects with `CascadeDeletionError`; what was erased stays erased, and
   * repeating the call does the rest; so does the deployment, after ten minutes. What is written for the user meanwhile
   * is erased too, unless it comes after the last step: stop these writes first. Without `cascade`, an unknown user
   * rejects with `IMMUTABLE_ENTRY_NOT_FOUND`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.memory.remember({
   *   memorySpaceId: "support",
   *   conversationId: "c-1",
   *   userId: "ada",
   *   userName: "Ada",
   *   agentId: "helper",
   *   userMessage: "My printer is a Brother HL-2030.",
   *   agentResponse: "Its drum lasts about 12,000 pages.",
   * });
   * const { verification, vectorMemoriesDeleted } = await cortex.users.delete("ada", {
   *   cascade: true,
   * });
   * assertEquals(verification, { complete: true, issues: [] });
   * assertEquals(vectorMemoriesDeleted, 2);
   * ```
   */
  async delete(
    userId: string,
    options: DeleteUserOptions & WriteControls & ProgressControls = {},
  ): Promise<UserDeleteResult> {
    checkDelete({ userId, options });
    const remove = options.cascade ? eraseUser : deleteProfile;
    return await remove(this.calls, { userId }, options, options);
  }

  async #select(
    { userIds, filters = {} }: Selection,
    controls: KeyedControls,
  ): Promise<string[]> {
    if (userIds) return userIds as string[];
    const { signal, idempotencyKey } = controls;
    const { offset = 0, limit: most = MAX_USERS + 1 } = filters;
    // With a key, the users of the first choice may have moved in the list since, so all are read.
    const limit = idempotencyKey ? MAX_LISTED_USERS : most;
    const from = Math.max(0, offset + most - limit);
    const { users } = await this.list(
      { ...filters, offset: from, limit },
      { signal },
    );
    const chosen = users.slice(offset - from).slice(0, most);
    const refusal = chosen.length > MAX_USERS
      ? new UserValidationError(
        `filters maximum is ${MAX_USERS}: ${chosen.length}`,
        "TOO_MANY_MATCHES",
        "filters",
      )
      : undefined;
    return await firstChoice(
      this.calls,
      chosen,
      filters,
      controls,
      users,
      refusal,
    );
  }
}

/** Users, by their ids or by a filter. */
interface Selection {
  userIds?: readonly string[];
  filters?: UserFilters;
}

/** Tells ids from filters. A missing argument becomes null, which is refused: it must not select every user. */
function selection(given: readonly string[] | UserFilters): Selection {
  return Array.isArray(given)
    ? { userIds: given }
    : { filters: (given ?? null) as UserFilters };
}
