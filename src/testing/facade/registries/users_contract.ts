/** `users`: profiles, their versions, lists, exports and bulk changes. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type {
  ListUsersFilter,
  UserVersion,
} from "../../../cortex/types/users.ts";
import {
  assertCode,
  cortexCase,
  exchange,
  type FacadeSubject,
  rejectionOf,
  tenantsCase,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";
import { pause } from "../../support/pause.ts";

const ids = (users: readonly { id: string }[]) => users.map(({ id }) => id);

/** Cases of `users` without erasure. */
export const usersContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "users.update() creates version 1, then merges into the next version",
    async (cortex) => {
      const first = await cortex.users.update("ada", {
        displayName: "Ada",
        settings: { theme: "dark", fonts: ["a", "b"] },
        none: undefined,
      });
      assertEquals([first.id, first.version], ["ada", 1]);
      assert(first.createdAt > 0 && first.updatedAt > 0);
      assertEquals(first.data, {
        displayName: "Ada",
        settings: { theme: "dark", fonts: ["a", "b"] },
      });
      const second = await cortex.users.merge("ada", {
        settings: { fonts: ["c"], size: null },
        __proto__x: 1,
      });
      assertEquals(second.version, 2);
      assertEquals(second.data.settings, {
        theme: "dark",
        fonts: ["c"],
        size: null,
      });
      assertEquals(await cortex.users.get("ada"), second);
      const record = await cortex.immutable.get("user", "ada");
      assertEquals([record?.version, record?.previousVersions.length], [2, 1]);
      assertEquals(record?.previousVersions[0]?.data, first.data);
    },
  ),
  cortexCase(
    "users.update() drops keys that reach into prototypes, and keeps odd names",
    async (cortex) => {
      const evil = JSON.parse(
        '{"__proto__": {"a": 1}, "constructor": 1, "$set": {"größe": 2}}',
      );
      await cortex.users.update("ada", { name: "Ada" });
      const { data } = await cortex.users.update("ada", evil);
      assertEquals(data, { name: "Ada", $set: { größe: 2 } });
      assertEquals(
        (await cortex.users.update("ada", { $set: { _b: 3 } })).data,
        { name: "Ada", $set: { größe: 2, _b: 3 } },
      );
    },
  ),
  cortexCase(
    "users.update() keeps what grows beyond a document's fields, levels and text",
    async (cortex) => {
      const many = (name: string) =>
        Object.fromEntries(
          Array.from({ length: 600 }, (_, i) => [name + i, i]),
        );
      await cortex.users.update("ada", many("a"));
      const grown = await cortex.users.update("ada", many("b"));
      assertEquals(grown.data, { ...many("a"), ...many("b") });
      assertEquals(await cortex.users.get("ada"), grown);
      let deep: unknown = "\ud83d";
      for (let level = 0; level < 80; level++) deep = { deep };
      const { data } = await cortex.users.update("bob", { deep });
      assertEquals(data, { deep });
    },
  ),
  cortexCase(
    "users.update() at once keeps every key and counts every version",
    async (cortex) => {
      await cortex.users.update("ada", {});
      await Promise.all(
        ["a", "b", "c"].map((key) => cortex.users.update("ada", { [key]: 1 })),
      );
      const ada = await cortex.users.get("ada");
      assertEquals([ada?.version, ada?.data], [4, { a: 1, b: 1, c: 1 }]);
    },
  ),
  cortexCase(
    "users.getOrCreate() creates once, exists() and get() tell",
    async (cortex) => {
      assertEquals(await cortex.users.exists("ada"), false);
      assertEquals(await cortex.users.get("ada"), null);
      const made = await Promise.all(
        [1, 2, 3].map((n) => cortex.users.getOrCreate("ada", { n })),
      );
      assertEquals(made.map(({ version }) => version), [1, 1, 1]);
      assertEquals(await cortex.users.exists("ada"), true);
      assertEquals((await cortex.users.getOrCreate("bob")).data, {});
      assertEquals(
        await cortex.users.getHistory("ada").then((h) => h.length),
        1,
      );
    },
  ),
  cortexCase(
    "users.getVersion(), getHistory() and getAtTimestamp() know every version",
    async (cortex) => {
      const start = Date.now();
      for (const n of [1, 2, 3]) await cortex.users.update("ada", { n });
      for (const n of [1, 2, 3]) {
        const version = await cortex.users.getVersion("ada", n);
        assertEquals([version?.version, version?.data], [n, { n }]);
      }
      assertEquals(await cortex.users.getVersion("ada", 4), null);
      assertEquals(await cortex.users.getVersion("bob", 1), null);
      const history = await cortex.users.getHistory("ada");
      assertEquals(history.map(({ version }) => version), [1, 2, 3]);
      assertEquals(await cortex.users.getHistory("bob"), []);
      const now = new Date(Date.now() + 1000);
      assertEquals((await cortex.users.getAtTimestamp("ada", now))?.version, 3);
      const before = new Date(start - 60_000);
      assertEquals(await cortex.users.getAtTimestamp("ada", before), null);
      assertEquals(await cortex.users.getAtTimestamp("bob", now), null);
    },
  ),
  cortexCase(
    "users.list() filters before it pages, sorts both ways and counts all",
    async (cortex) => {
      const now = Date.now();
      for (const n of [1, 2, 3, 4, 5]) {
        await cortex.users.update(`u${n}`, {
          displayName: n % 2 ? `Odd ${n}` : 7,
          email: `u${n}@Example.com`,
        });
        await pause(2);
      }
      await cortex.users.update("u1", { seen: true });
      const listed = async (filter: ListUsersFilter) =>
        ids((await cortex.users.list(filter)).users);
      const all = ["u5", "u4", "u3", "u2", "u1"];
      assertEquals(await listed({}), all);
      assertEquals(await listed({ sortOrder: "asc" }), all.toReversed());
      assertEquals((await listed({ sortBy: "updatedAt" }))[0], "u1");
      assertEquals(
        (await listed({ sortBy: "updatedAt", sortOrder: "asc" }))[0],
        "u2",
      );
      assertEquals(await listed({ displayName: "oDD", limit: 1 }), ["u5"]);
      assertEquals(await listed({ email: "U2@ex" }), ["u2"]);
      const page = await cortex.users.list({
        displayName: "odd",
        limit: 2,
        offset: 1,
      });
      assertEquals(ids(page.users), ["u3", "u1"]);
      assertEquals(
        [page.total, page.limit, page.offset, page.hasMore],
        [3, 2, 1, false],
      );
      const first = await cortex.users.list({ limit: 2 });
      assertEquals([first.total, first.hasMore], [5, true]);
      const u3 = (await cortex.users.get("u3"))!;
      assertEquals(await listed({ createdAfter: u3.createdAt }), ["u5", "u4"]);
      assertEquals(await listed({ createdBefore: u3.createdAt }), ["u2", "u1"]);
      assertEquals(await listed({ updatedAfter: u3.updatedAt }), [
        "u5",
        "u4",
        "u1",
      ]);
      assertEquals(await listed({ updatedBefore: u3.updatedAt }), ["u2"]);
      assertEquals(ids(await cortex.users.search({ email: "u4" })), ["u4"]);
      assertEquals(await cortex.users.search({ email: "nobody" }), []);
      assertEquals(await cortex.users.count(), 5);
      assertEquals(await cortex.users.count({ displayName: "odd" }), 3);
      assertEquals(await cortex.users.count({ createdAfter: now + 1e9 }), 0);
    },
  ),
  cortexCase(
    "users.export() gives JSON and CSV, with everything held when asked",
    async (cortex) => {
      assertEquals(await cortex.users.export({ format: "json" }), "[]");
      assertEquals(
        await cortex.users.export({ format: "csv" }),
        "id,version,createdAt,updatedAt,data",
      );
      await cortex.memory.remember(exchange());
      await cortex.users.update("ada", { note: 'a "b", c' });
      await cortex.users.update("=bob", {});
      const options = {
        includeVersionHistory: true,
        includeConversations: true,
        includeMemories: true,
      };
      const users = JSON.parse(
        await cortex.users.export({ format: "json", ...options }),
      );
      assertEquals(ids(users), ["=bob", "ada"]);
      const ada = users[1];
      assertEquals(
        Object.keys(ada).slice(0, 5),
        ["id", "data", "version", "createdAt", "updatedAt"],
      );
      assertEquals(
        ada.versionHistory.map(({ version }: { version: number }) => version),
        [1, 2],
      );
      assertEquals(ada.conversations[0].messages.length, 2);
      assertEquals(ada.memories.length, 2);
      assertEquals(users[0].conversations, []);
      const csv = await cortex.users.export({
        format: "csv",
        ...options,
        filters: { sortOrder: "asc" },
      });
      const [header, line, other] = csv.split("\n");
      assertEquals(
        header,
        "id,version,createdAt,updatedAt,data,versionHistoryCount,conversationsCount,memoriesCount",
      );
      assert(line!.startsWith("ada,2,20"), line);
      assert(line!.endsWith(",2,1,2"), line);
      assertStringIncludes(line!, '""note"":');
      assert(other!.startsWith("'=bob,1,"), other);
      const one = JSON.parse(
        await cortex.users.export({
          format: "json",
          filters: { limit: 1, offset: 1 },
        }),
      );
      assertEquals(ids(one), ["ada"]);
      const none = { email: "nobody" };
      assertEquals(
        await cortex.users.export({ format: "json", filters: none }),
        "[]",
      );
    },
  ),
  cortexCase(
    "users.updateMany() changes those that exist, by id or filter, all or none",
    async (cortex) => {
      for (const id of ["a", "b", "c"]) await cortex.users.update(id, { id });
      const data = { plan: "pro" };
      assertEquals(
        await cortex.users.updateMany(["c", "x", "a"], { data }),
        { updated: 2, userIds: ["c", "a"] },
      );
      assertEquals((await cortex.users.get("c"))?.version, 2);
      assertEquals(
        await cortex.users.updateMany(
          { limit: 2 },
          { data: { seen: 1 } },
          { skipVersioning: true },
        ),
        { updated: 2, userIds: ["c", "b"] },
      );
      const c = await cortex.users.get("c");
      assertEquals([c?.version, c?.data.seen], [2, 1]);
      assertEquals((await cortex.users.getHistory("c")).length, 2);
      assertEquals(
        await cortex.users.updateMany(["a", "x"], { data }, { dryRun: true }),
        { updated: 0, userIds: ["a", "x"] },
      );
    },
  ),
  cortexCase(
    "users.updateMany() without a version leaves the time at which the current one began, also in exports",
    async (cortex, subject) => {
      const times = async ({ users } = cortex) =>
        (await users.getHistory("ada")).map((each) => each.timestamp);
      for (const n of [1, 2]) await cortex.users.update("ada", { n });
      const began = await times();
      const skip = { skipVersioning: true };
      for (const plan of ["free", "pro"]) {
        await cortex.users.updateMany(["ada"], { data: { plan } }, skip);
      }
      assertEquals(await times(), began);
      const format = "json";
      const bundle = await cortex.users.export({
        format,
        includeVersionHistory: true,
      });
      const [exported] = JSON.parse(bundle);
      assertEquals(
        exported.versionHistory.map((each: UserVersion) => each.timestamp),
        began,
      );
      await using copy = subject.open();
      await copy.importAll(bundle);
      assertEquals(await times(copy), began);
      const second = new Date(began[1]!);
      const at = await cortex.users.getAtTimestamp("ada", second);
      assertEquals([at?.version, at?.data], [2, { n: 2, plan: "pro" }]);
      const { updatedAt } = await cortex.users.update("ada", { n: 3 });
      assertEquals(await times(), [...began, updatedAt]);
    },
  ),
  cortexCase(
    "users.deleteMany() deletes those that exist, by id, by filter, with all they have",
    async (cortex) => {
      for (const id of ["a", "b", "c"]) await cortex.users.update(id, { id });
      assertEquals(
        await cortex.users.deleteMany(["a", "x"], { dryRun: true }),
        { deleted: 0, userIds: ["a", "x"] },
      );
      assertEquals(await cortex.users.deleteMany(["a", "x"]), {
        deleted: 1,
        userIds: ["a"],
      });
      assertEquals((await cortex.users.deleteMany({ limit: 1 })).userIds, [
        "c",
      ]);
      await cortex.memory.remember(exchange());
      assertEquals(
        await cortex.users.deleteMany(["ada"], { cascade: true }),
        { deleted: 1, userIds: ["ada"] },
      );
      assertEquals(await cortex.conversations.get("conv-1"), null);
      assertEquals(await cortex.users.count(), 1);
    },
  ),
  cortexCase(
    "users.updateMany() by filter refuses more than 100 matches",
    async (cortex) => {
      await Promise.all(
        Array.from({ length: 101 }, (_, n) => cortex.users.update(`u${n}`, {})),
      );
      await assertCode(
        () => cortex.users.updateMany({}, { data: {} }),
        "TOO_MANY_MATCHES",
      );
      const error = await rejectionOf(() => cortex.users.deleteMany({}));
      assertStringIncludes(error.message, "maximum is 100");
      assertEquals(await cortex.users.count(), 101);
    },
  ),
  tenantsCase(
    "users.* of one tenant know nothing of another's",
    async (one, two) => {
      await one.users.update("ada", { of: "a" });
      assertEquals(await two.users.get("ada"), null);
      assertEquals(await two.users.exists("ada"), false);
      assertEquals((await two.users.list()).total, 0);
      assertEquals(await two.users.count(), 0);
      assertEquals(await two.users.getHistory("ada"), []);
      assertEquals(await two.users.export({ format: "json" }), "[]");
      assertEquals(
        (await two.users.updateMany(["ada"], { data: {} })).updated,
        0,
      );
      assertEquals((await two.users.deleteMany(["ada"])).deleted, 0);
      // What the error shows of the id is not taken for a missing function.
      for (const id of ["ada", "Could not find public"]) {
        await assertCode(
          () => two.users.delete(id),
          "IMMUTABLE_ENTRY_NOT_FOUND",
        );
      }
      const erased = await two.users.delete("ada", { cascade: true });
      assertEquals(erased.totalDeleted, 0);
      await two.users.update("ada", { of: "b" });
      assertEquals((await one.users.get("ada"))?.data, { of: "a" });
      assertEquals((await one.users.get("ada"))?.tenantId, "a");
    },
  ),
];
