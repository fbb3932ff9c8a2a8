/** Read operations on users. */
import { LISTED_USERS } from "../limits.ts";
import { ApiModule } from "../calls/api_module.ts";
import { historyOfRecord } from "../immutable/record_history.ts";
import { pick } from "../calls/pick.ts";
import { type PageStep, readPages } from "../calls/paging.ts";
import type { CallControls } from "../types/common.ts";
import type {
  ListUsersFilter,
  ListUsersResult,
  UserFilters,
  UserProfile,
  UserVersion,
} from "../types/users.ts";
import {
  checkFilters,
  checkSearch,
  checkTime,
  checkUserId,
  checkVersion,
} from "./users_rules.ts";

/** A step of a list of profiles. */
interface ProfileStep extends PageStep {
  /** Profiles of the page. */
  users: UserProfile[];
}

/** The reading methods of `cortex.users`. */
export class UsersReader extends ApiModule {
  /**
   * Gets a profile; null if there is none.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.users.get("nobody"), null);
   * ```
   */
  get(
    userId: string,
    controls?: CallControls,
  ): Promise<UserProfile | null> {
    return this.calls.query(
      "users:getProfile",
      { userId },
      controls,
      checkUserId,
    );
  }

  /**
   * Returns whether a user has a profile.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.users.exists("nobody"), false);
   * ```
   */
  exists(userId: string, controls?: CallControls): Promise<boolean> {
    return this.calls.query(
      "users:exists",
      { userId },
      controls,
      checkUserId,
    );
  }

  /**
   * Lists profiles that match the filter, newest first unless sorted otherwise. `total` counts all that match.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.users.update("ada", { displayName: "Ada Lovelace" });
   * const { users, total } = await cortex.users.list({ displayName: "lovelace" });
   * assertEquals([users[0]?.id, total], ["ada", 1]);
   * ```
   */
  async list(
    filters: ListUsersFilter = {},
    controls?: CallControls,
  ): Promise<ListUsersResult> {
    const known = checkFilters({ filters }).filters;
    const { limit = LISTED_USERS, offset = 0 } = known;
    const { rows, total } = await this.#pages(
      known,
      { limit, offset },
      controls,
    );
    return {
      users: rows,
      total,
      limit,
      offset,
      hasMore: offset + rows.length < total,
    };
  }

  /**
   * Like `list`, but returns only the profiles.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.users.search({ email: "@example.com" }), []);
   * ```
   */
  async search(
    filters: UserFilters,
    controls?: CallControls,
  ): Promise<UserProfile[]> {
    checkSearch({ filters });
    return (await this.list(filters, controls)).users;
  }

  /**
   * Counts the profiles that match the filter, ignoring limit and offset.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.users.count(), 0);
   * ```
   */
  async count(
    filters: UserFilters = {},
    controls?: CallControls,
  ): Promise<number> {
    const known = checkFilters({ filters }).filters;
    const { total } = await this.#pages(known, { limit: 0 }, controls);
    return total;
  }

  /**
   * Gets one version of a profile; null if there is none.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.users.update("ada", { plan: "free" });
   * await cortex.users.update("ada", { plan: "pro" });
   * const first = await cortex.users.getVersion("ada", 1);
   * assertEquals(first?.data, { plan: "free" });
   * ```
   */
  getVersion(
    userId: string,
    version: number,
    controls?: CallControls,
  ): Promise<UserVersion | null> {
    return this.calls.query(
      "users:getVersion",
      { userId, version },
      controls,
      checkVersion,
    );
  }

  /**
   * Gets every version of a profile, oldest first, the current one last; `[]` if there is no profile.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.users.getHistory("nobody"), []);
   * ```
   */
  async getHistory(
    userId: string,
    controls?: CallControls,
  ): Promise<UserVersion[]> {
    checkUserId({ userId });
    const { calls } = this;
    const versions = await historyOfRecord(calls, "user", userId, controls);
    return versions.map((one) => pick(one, "version", "data", "timestamp"));
  }

  /**
   * Gets the version that was current at a given time; null before the profile was created.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.users.update("ada", { plan: "free" });
   * const version = await cortex.users.getAtTimestamp("ada", new Date(0));
   * assertEquals(version, null);
   * ```
   */
  async getAtTimestamp(
    userId: string,
    timestamp: Date,
    controls?: CallControls,
  ): Promise<UserVersion | null> {
    checkTime({ userId, timestamp });
    return await this.calls.query(
      "users:getAtTimestamp",
      { userId, timestamp: timestamp.getTime() },
      controls,
    );
  }

  #pages(
    { limit: _, offset: __, ...conditions }: UserFilters,
    page: { limit: number; offset?: number },
    controls: CallControls | undefined,
  ): Promise<{ rows: UserProfile[]; total: number }> {
    return readPages<ProfileStep, UserProfile>(this.calls, {
      name: "users:page",
      rows: ({ users }) => users,
      args: conditions,
      ...page,
    }, controls);
  }
}
