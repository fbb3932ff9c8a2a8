/** `immutable`: versions, search, purges. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type { ImmutableEntry } from "../../../cortex/types/immutable.ts";
import {
  assertCode,
  cortexCase,
  type FacadeSubject,
  tenantsCase,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";
import { pause } from "../../support/pause.ts";

const NOT_FOUND = "IMMUTABLE_ENTRY_NOT_FOUND";

const store = (
  cortex: Cortex,
  n: number,
  changes: Partial<ImmutableEntry> = {},
) =>
  cortex.immutable.store({ type: "policy", id: "p", data: { n }, ...changes });

/** Stores versions of one record, each at a different time. */
async function versions(cortex: Cortex, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let n = 1; n <= count; n++) {
    times.push((await store(cortex, n)).updatedAt);
    await pause(2);
  }
  return times;
}

/** Cases of `immutable`. */
export const immutableContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "immutable.store() makes version after version and keeps user and metadata",
    async (cortex) => {
      const first = await store(cortex, 1, {
        userId: "ada",
        metadata: { by: "ada", $odd: 1 },
      });
      assertEquals([first.version, first.previousVersions], [1, []]);
      assertEquals([first.userId, first.metadata], ["ada", {
        by: "ada",
        $odd: 1,
      }]);
      const second = await store(cortex, 2, {});
      assertEquals(second.version, 2);
      assertEquals([second.userId, second.metadata], ["ada", {
        by: "ada",
        $odd: 1,
      }]);
      assertEquals(second.previousVersions, [{
        version: 1,
        data: { n: 1 },
        timestamp: first.updatedAt,
        metadata: { by: "ada", $odd: 1 },
      }]);
      assertEquals(second.createdAt, first.createdAt);
      const third = await store(cortex, 2, { metadata: {}, userId: "bob" });
      assertEquals([third.version, third.metadata, third.userId], [
        3,
        {},
        "bob",
      ]);
      assertEquals(await cortex.immutable.get("policy", "p"), third);
      const raw = await cortex.getClient().query("immutable:get", {
        type: "policy",
        id: "p",
      }) as { version: number };
      assertEquals(raw.version, 3);
      assertEquals(await cortex.immutable.get("policy", "q"), null);
      const empty = await store(cortex, 0, { id: "e", data: {} });
      assertEquals(empty.data, {});
    },
  ),
  cortexCase(
    "immutable.store() takes odd names, large data and values that no document holds",
    async (cortex) => {
      const data = {
        list: Array.from({ length: 1000 }, (_, at) => ({ at })),
        long: Array(9000).fill(1),
        größe: { $set: { _id: null } },
        at: new Date(0),
      };
      const stored = await cortex.immutable.store({
        type: "a_b.c-1",
        id: "id with spaces/ä",
        data,
      });
      const expected = { ...data, at: "1970-01-01T00:00:00.000Z" };
      assertEquals(stored.data, expected);
      const read = await cortex.immutable.get("a_b.c-1", "id with spaces/ä");
      assertEquals(read?.data, expected);
      await assertCode(
        () => store(cortex, 0, { data: { text: "x".repeat(1_000_001) } }),
        "VALUE_TOO_LARGE",
      );
    },
  ),
  cortexCase(
    "immutable.store() ten at once gives ten versions",
    async (cortex) => {
      await Promise.all(Array.from({ length: 10 }, (_, n) => store(cortex, n)));
      const record = (await cortex.immutable.get("policy", "p"))!;
      assertEquals(record.version, 10);
      assertEquals(
        record?.previousVersions.map(({ version }) => version),
        [1, 2, 3, 4, 5, 6, 7, 8, 9],
      );
      assert(
        record.previousVersions.every(({ timestamp }) =>
          timestamp <= record.updatedAt
        ),
      );
    },
  ),
  cortexCase(
    "immutable.getVersion(), getHistory() and getAtTimestamp() find every version",
    async (cortex) => {
      const { immutable } = cortex;
      const times = await versions(cortex, 25);
      for (const n of [1, 13, 25]) {
        const version = await immutable.getVersion("policy", "p", n);
        assertEquals([version?.version, version?.data], [n, { n }]);
        const then = await immutable.getAtTimestamp(
          "policy",
          "p",
          times[n - 1]!,
        );
        assertEquals(then?.version, n);
      }
      assertEquals(await immutable.getVersion("policy", "p", 99), null);
      const history = await immutable.getHistory("policy", "p");
      assertEquals(history.length, 25);
      for (
        const [at, { type, id, version, timestamp, createdAt }] of history
          .entries()
      ) {
        assertEquals([type, id, version], ["policy", "p", at + 1]);
        assertEquals([timestamp, createdAt], [times[at], times[0]]);
      }
      assertEquals(await immutable.getHistory("policy", "q"), []);
      const at = async (time: number | Date) =>
        (await immutable.getAtTimestamp("policy", "p", time))?.version;
      assertEquals(await at(new Date(Date.now() + 60_000)), 25);
      assertEquals(await at(times[0]! - 1), undefined);
      assertEquals(
        await immutable.getAtTimestamp("policy", "q", times[0]!),
        null,
      );
    },
  ),
  cortexCase(
    "immutable.purgeVersions() keeps the newest, and times before them give the earliest left",
    async (cortex) => {
      const { immutable } = cortex;
      const times = await versions(cortex, 10);
      const purge = (keep: number) =>
        immutable.purgeVersions("policy", "p", keep);
      assertEquals(await purge(3), { versionsPurged: 7, versionsRemaining: 3 });
      assertEquals(await purge(5), { versionsPurged: 0, versionsRemaining: 3 });
      const record = await immutable.get("policy", "p");
      assertEquals(record?.version, 10);
      assertEquals(
        record?.previousVersions.map(({ version }) => version),
        [8, 9],
      );
      assertEquals(await immutable.getVersion("policy", "p", 1), null);
      const at = async (time: number) =>
        (await immutable.getAtTimestamp("policy", "p", time))?.version;
      assertEquals(await at(times[1]!), 8);
      assertEquals(await purge(1), { versionsPurged: 2, versionsRemaining: 1 });
      assertEquals(await at(times[1]!), 10);
      assertEquals(await at(times[0]! - 1), undefined);
      await assertCode(
        () => immutable.purgeVersions("policy", "x", 1),
        NOT_FOUND,
      );
    },
  ),
  cortexCase(
    "users.delete() removes the user's versions of a record that is another's by now, and importAll() restores them",
    async (cortex) => {
      const { immutable, users } = cortex;
      const times: number[] = [];
      for (const [at, userId] of [undefined, "ada", "bob", "bob"].entries()) {
        times.push((await store(cortex, at + 1, { userId })).updatedAt);
        await pause(2);
      }
      const history = await immutable.getHistory("policy", "p");
      assertEquals(history.map(({ userId }) => userId), [
        undefined,
        "ada",
        "bob",
        "bob",
      ]);
      let bundle = "";
      for await (const line of users.exportAll("ada")) bundle += line;
      assertStringIncludes(bundle, '"n":2');
      assert(!bundle.includes('"n":1'));
      const erase = (dryRun: boolean) =>
        users.delete("ada", { cascade: true, dryRun });
      for (const dryRun of [true, false]) {
        const { immutableRecordsDeleted, totalDeleted, deletedLayers } =
          await erase(dryRun);
        assertEquals([immutableRecordsDeleted, totalDeleted], [1, 1]);
        assertEquals(deletedLayers, ["immutable"]);
      }
      const numbers = async () =>
        (await immutable.getHistory("policy", "p"))
          .map(({ version }) => version);
      assertEquals(await numbers(), [1, 3, 4]);
      assertEquals(await immutable.getVersion("policy", "p", 2), null);
      const at = await immutable.getAtTimestamp("policy", "p", times[1]!);
      assertEquals(at?.version, 1);
      const { versionsRemaining } = await immutable.purgeVersions(
        "policy",
        "p",
        3,
      );
      assertEquals(versionsRemaining, 3);
      const { imported, complete } = await users.importAll(bundle);
      assertEquals([imported, complete], [1, true]);
      assertEquals(await immutable.getHistory("policy", "p"), history);
    },
  ),
  cortexCase(
    "immutable.list() and count() filter by type and user, the newest first",
    async (cortex) => {
      const { immutable } = cortex;
      assertEquals(await immutable.list(), []);
      for (
        const [type, id, userId] of [
          ["a", "1", "ada"],
          ["a", "2", undefined],
          ["b", "3", "ada"],
          ["b", "4", "bob"],
        ] as const
      ) {
        await immutable.store({
          type,
          id,
          data: {},
          ...(userId !== undefined && { userId }),
        });
      }
      const listed = async (filter?: object) =>
        (await immutable.list(filter)).map(({ id }) => id);
      assertEquals(await listed(), ["4", "3", "2", "1"]);
      assertEquals(await listed({ type: "a" }), ["2", "1"]);
      assertEquals(await listed({ userId: "ada" }), ["3", "1"]);
      assertEquals(await listed({ userId: "ada", type: "b" }), ["3"]);
      assertEquals(await listed({ limit: 2 }), ["4", "3"]);
      const count = (filter?: object) => immutable.count(filter);
      assertEquals(
        [
          await count(),
          await count({ type: "a" }),
          await count({ userId: "ada" }),
          await count({ userId: "bob", type: "a" }),
        ],
        [4, 2, 2, 0],
      );
      await immutable.purge("a", "2");
      assertEquals([await listed({ type: "a" }), await count({ type: "a" })], [
        ["1"],
        1,
      ]);
      // Users are records, too.
      await cortex.users.update("ada", {});
      assertEquals([(await listed()).length, await count()], [4, 4]);
    },
  ),
  tenantsCase(
    "immutable.count() adds up the types of the tenant alone",
    async (one, two) => {
      for (const type of ["a", "b", "b.c", "z-1"]) {
        await store(one, 1, { type });
      }
      await store(two, 1, { type: "a" });
      await store(two, 2, { type: "a" });
      assertEquals(await one.immutable.count(), 4);
      assertEquals(await two.immutable.count(), 1);
      await one.immutable.purgeMany({ type: "b" });
      assertEquals(await one.immutable.count(), 3);
      assertEquals(await two.immutable.count(), 1);
    },
  ),
  cortexCase(
    "immutable.list() gives 50 of 55 unless asked, and 20 of many versions",
    async (cortex) => {
      await Promise.all(
        Array.from({ length: 55 }, (_, n) => store(cortex, n, { id: `p${n}` })),
      );
      assertEquals((await cortex.immutable.list()).length, 50);
      assertEquals(await cortex.immutable.count({ type: "policy" }), 55);
      for (let n = 0; n < 25; n++) await store(cortex, n, { type: "v" });
      const [listed] = await cortex.immutable.list({ type: "v" });
      assertEquals(listed?.previousVersions.length, 20);
      assertEquals(listed?.previousVersions.at(-1)?.version, 24);
    },
  ),
  cortexCase(
    "immutable.search() finds any part of the present data",
    async (cortex) => {
      const { immutable } = cortex;
      const put = (id: string, data: Record<string, unknown>, type = "doc") =>
        immutable.store({ type, id, data });
      await put("a", {
        title: "Refunds at the Café Müller",
        deep: { list: [{ mail: "help@example.com" }] },
      });
      await put("b", { text: "Refunds cost $100, not more" });
      await put("c", { text: "refunds" }, "other");
      const found = async (query: string, more: object = {}) =>
        (await immutable.search({ query, ...more })).map(({ entry }) =>
          entry.id
        );
      assertEquals(await found("REFUNDS"), ["c", "b", "a"]);
      assertEquals(await found("refunds", { type: "doc" }), ["b", "a"]);
      assertEquals(await found("refunds", { limit: 1 }), ["c"]);
      assertEquals(await found("help@example"), ["a"]);
      assertEquals(await found("$100"), ["b"]);
      assertEquals(await found("café"), ["a"]);
      assertEquals(await found("efund"), ["c", "b", "a"]);
      assertEquals(await found("nothing"), []);
      const [hit] = await immutable.search({ query: "example.com" });
      assertEquals([hit?.score, hit?.highlights], [1, ["help@example.com"]]);
      const [key] = await immutable.search({ query: "title" });
      assertStringIncludes(key!.highlights[0]!, "title");
      await put("b", { text: "changed" });
      assertEquals(await found("$100"), []);
      await put("long", { text: `${"x".repeat(70_000)} the end` });
      assertEquals(await found("the end"), ["long"]);
    },
  ),
  cortexCase(
    "immutable.purge() and purgeMany() take records with all versions",
    async (cortex) => {
      const { immutable } = cortex;
      await versions(cortex, 3);
      await store(cortex, 1, { id: "other" });
      assertEquals(await immutable.purge("policy", "p"), {
        deleted: true,
        type: "policy",
        id: "p",
        versionsDeleted: 3,
      });
      assertEquals(await immutable.get("policy", "p"), null);
      await assertCode(() => immutable.purge("policy", "p"), NOT_FOUND);
      assertEquals(await immutable.count({ type: "policy" }), 1);
      for (let n = 0; n < 8; n++) {
        await store(cortex, n, {
          type: "bulk",
          id: `b${n}`,
          ...(n < 2 && { userId: "ada" }),
        });
      }
      await cortex.users.update("ada", {});
      const ofAda = await immutable.purgeMany({ userId: "ada" });
      assertEquals([ofAda.deleted, ofAda.totalVersionsDeleted], [2, 2]);
      assertEquals(ofAda.entries.map(({ id }) => id).sort(), ["b0", "b1"]);
      assert(await cortex.users.exists("ada"));
      assertEquals((await immutable.purgeMany({ type: "bulk" })).deleted, 6);
      assertEquals(await immutable.purgeMany({ type: "bulk" }), {
        deleted: 0,
        totalVersionsDeleted: 0,
        entries: [],
      });
      assertEquals((await immutable.purgeMany({ type: "user" })).deleted, 1);
    },
  ),
  tenantsCase(
    "immutable.* of one type and tenant know nothing of another's",
    async (one, two) => {
      await store(one, 1, { userId: "ada" });
      await store(one, 2, { type: "other" });
      assertEquals((await one.immutable.get("policy", "p"))?.data, { n: 1 });
      assertEquals((await one.immutable.get("policy", "p"))?.tenantId, "a");
      const { immutable } = two;
      assertEquals(await immutable.get("policy", "p"), null);
      assertEquals(await immutable.getVersion("policy", "p", 1), null);
      assertEquals(await immutable.getHistory("policy", "p"), []);
      assertEquals(await immutable.getAtTimestamp("policy", "p", 1e15), null);
      assertEquals(await immutable.list({ userId: "ada" }), []);
      assertEquals(await immutable.list({ tenantId: "a" }), []);
      assertEquals(await immutable.count({ type: "policy" }), 0);
      assertEquals(await immutable.search({ query: "1" }), []);
      assertEquals((await immutable.purgeMany({ type: "policy" })).deleted, 0);
      await assertCode(() => immutable.purge("policy", "p"), NOT_FOUND);
      await assertCode(
        () => immutable.purgeVersions("policy", "p", 1),
        NOT_FOUND,
      );
      assertEquals((await store(two, 9)).version, 1);
      assertEquals((await one.immutable.get("policy", "p"))?.version, 1);
    },
  ),
];
