/** `mutable`: values, atomic changes, lists, purges, transactions. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type { ListMutableFilter } from "../../../cortex/types/mutable.ts";
import {
  assertCode,
  cortexCase,
  type FacadeSubject,
  keepingLogger,
  rejectionOf,
  tenantsCase,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";
import { pause } from "../../support/pause.ts";

const NOT_FOUND = "MUTABLE_KEY_NOT_FOUND";

/** Stores values by key, each at a different time. */
async function fill(cortex: Cortex, values: Record<string, unknown>) {
  for (const [key, value] of Object.entries(values)) {
    const userId = key.startsWith("ada") ? "ada" : undefined;
    await cortex.mutable.set("n", key, value, userId);
    await pause(2);
  }
}

/** Cases of `mutable`. */
export const mutableContract: ContractCase<FacadeSubject>[] = [
  cortexCase("mutable.set() and get() give back any JSON", async (cortex) => {
    const { mutable } = cortex;
    const values = [
      "text",
      0,
      -1.5,
      true,
      null,
      [],
      [1, [2, { a: null }]],
      { deep: { $set: { größe: [1] } } },
      "x".repeat(900_000),
      { exact: 9_007_199_254_740_993n },
    ];
    for (const value of values) {
      await mutable.set("n", "k", value);
      assertEquals(await mutable.get("n", "k"), value);
      assert(await mutable.exists("n", "k"));
    }
    assertEquals(await mutable.count({ namespace: "n" }), 1);
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    await assertCode(() => mutable.set("n", "k", cycle), "INVALID_VALUE");
    assertEquals(await mutable.get("n", "other"), null);
    assertEquals(await mutable.getRecord("n", "other"), null);
    assertEquals(await mutable.exists("n", "other"), false);
  }),
  cortexCase(
    "mutable.set() keeps creation, user and metadata where they are not given",
    async (cortex) => {
      const { mutable } = cortex;
      const first = await mutable.set("n", "k", 1, "ada", { unit: "€" });
      const second = await mutable.set("n", "k", 2);
      assertEquals(
        [second._id, second.createdAt, second.userId, second.metadata],
        [first._id, first.createdAt, "ada", { unit: "€" }],
      );
      assert(second.updatedAt >= first.updatedAt);
      const third = await mutable.set("n", "k", 3, "bob", {});
      assertEquals([third.userId, third.metadata], ["bob", {}]);
      assertEquals(await mutable.getRecord("n", "k"), third);
      await cortex.mutable.set("n", "list", [1]);
      const append = (key: string) =>
        cortex.getClient().mutation("mutable:update", {
          namespace: "n",
          key,
          operation: "append",
          operand: { a: 1 },
        });
      await append("list");
      assertEquals(await mutable.get("n", "list"), [1, { a: 1 }]);
      await cortex.mutable.set("n", "text", [{ $a: 1 }]);
      await append("text");
      assertEquals(await mutable.get("n", "text"), [{ $a: 1 }, { a: 1 }]);
      await assertCode(() => append("k"), "MUTABLE_VALUE_NOT_ARRAY");
      const raw = await cortex.getClient().query("mutable:get", {
        namespace: "n",
        key: "k",
      });
      assertEquals(raw as unknown, third);
    },
  ),
  {
    name: "mutable.increment() and decrement() add on the server",
    async run(subject) {
      const logger = keepingLogger();
      await using cortex = subject.open({ logger });
      const { mutable } = cortex;
      await mutable.set("n", "k", null);
      assertEquals((await mutable.increment("n", "k")).value, 1);
      assertEquals((await mutable.increment("n", "k", 2.5)).value, 3.5);
      assertEquals((await mutable.decrement("n", "k", 10)).value, -6.5);
      assertEquals((await mutable.decrement("n", "k")).value, -7.5);
      assertEquals((await mutable.increment("n", "k", 0)).value, -7.5);
      assertEquals(logger.lines.length, 1);
      await mutable.set("n", "sum", 0);
      await Promise.all(
        Array.from({ length: 50 }, () => mutable.increment("n", "sum")),
      );
      assertEquals(await mutable.get("n", "sum"), 50);
      await mutable.set("n", "text", "x");
      for (const amount of [1, 0]) {
        await assertCode(
          () => mutable.increment("n", "text", amount),
          "MUTABLE_VALUE_NOT_NUMBER",
        );
      }
      await assertCode(() => mutable.decrement("n", "unknown"), NOT_FOUND);
    },
  },
  cortexCase(
    "mutable.list() filters, sorts both ways and pages; count() follows",
    async (cortex) => {
      const { mutable } = cortex;
      await fill(cortex, { "ada:2": 1, b: 1, "ada:1": 1, "ada": 1, "ac": 1 });
      await mutable.set("other", "z", 1);
      await mutable.set("n", "b", 2);
      const listed = async (filter: Partial<ListMutableFilter>) =>
        (await mutable.list({ namespace: "n", ...filter })).map(({ key }) =>
          key
        );
      const all = ["ac", "ada", "ada:1", "ada:2", "b"];
      assertEquals(await listed({}), all);
      assertEquals(await listed({ sortOrder: "desc" }), all.toReversed());
      assertEquals(await listed({ keyPrefix: "ada" }), all.slice(1, 4));
      assertEquals(await listed({ keyPrefix: "ada:" }), all.slice(2, 4));
      assertEquals(await listed({ userId: "ada", keyPrefix: "ada:" }), [
        "ada:1",
        "ada:2",
      ]);
      assertEquals(await listed({ userId: "ada" }), all.slice(1, 4));
      assertEquals(await listed({ limit: 2, offset: 1 }), all.slice(1, 3));
      assertEquals(await listed({ limit: 0 }), []);
      assertEquals(await listed({ sortBy: "updatedAt", limit: 2 }), [
        "ada:2",
        "ada:1",
      ]);
      assertEquals(
        await listed({ sortBy: "updatedAt", sortOrder: "desc", limit: 1 }),
        ["b"],
      );
      assertEquals(
        await listed({ sortBy: "accessCount", sortOrder: "desc", limit: 1 }),
        ["b"],
      );
      const { updatedAt } = (await mutable.getRecord("n", "ada"))!;
      assertEquals(await listed({ updatedAfter: updatedAt }), ["ac", "b"]);
      assertEquals(await listed({ updatedBefore: updatedAt }), [
        "ada:1",
        "ada:2",
      ]);
      const count = (filter: object) =>
        mutable.count({ namespace: "n", ...filter });
      assertEquals(
        [
          await count({}),
          await count({ userId: "ada" }),
          await count({ keyPrefix: "ada:" }),
          await count({ updatedAfter: updatedAt }),
        ],
        [5, 3, 2, 2],
      );
      assertEquals(await mutable.list({ namespace: "empty" }), []);
    },
  ),
  cortexCase(
    "mutable.delete() and purge() delete what there is",
    async (cortex) => {
      const { mutable } = cortex;
      await fill(cortex, { a: 1, b: 2 });
      assertEquals(await mutable.delete("n", "a"), {
        deleted: true,
        namespace: "n",
        key: "a",
      });
      assertEquals(
        [await mutable.get("n", "a"), await mutable.exists("n", "a")],
        [null, false],
      );
      await assertCode(() => mutable.delete("n", "a"), NOT_FOUND);
      assertEquals((await mutable.purge("n", "b")).deleted, true);
      await assertCode(() => mutable.purge("n", "b"), NOT_FOUND);
    },
  ),
  cortexCase(
    "mutable.purgeNamespace() and purgeMany() delete what matches, and no more",
    async (cortex) => {
      const { mutable } = cortex;
      await fill(cortex, { "ada:1": 1, "ada:2": 2, b: 3 });
      await mutable.set("n.2", "a", 1);
      assertEquals(await mutable.purgeNamespace("n", { dryRun: true }), {
        deleted: 3,
        namespace: "n",
        keys: ["ada:1", "ada:2", "b"],
        dryRun: true,
      });
      assertEquals(await mutable.count({ namespace: "n" }), 3);
      const { updatedAt } = (await mutable.getRecord("n", "ada:2"))!;
      assertEquals(
        await mutable.purgeMany({
          namespace: "n",
          userId: "ada",
          keyPrefix: "ada",
          updatedBefore: updatedAt,
        }),
        { deleted: 1, namespace: "n", keys: ["ada:1"] },
      );
      assertEquals(await mutable.purgeNamespace("n"), {
        deleted: 2,
        namespace: "n",
        dryRun: false,
      });
      assertEquals((await mutable.purgeNamespace("n")).deleted, 0);
      assertEquals((await mutable.purgeMany({ namespace: "n.2" })).keys, ["a"]);
    },
  ),
  cortexCase(
    "mutable.purgeNamespace() goes in steps over many values",
    async (cortex) => {
      const { mutable } = cortex;
      for (const half of [0, 1]) {
        await mutable.transaction(
          Array.from({ length: 250 }, (_, n) => ({
            op: "set" as const,
            namespace: "n",
            key: `k${half}-${n}`,
            value: n,
          })),
        );
      }
      const told: number[] = [];
      const { deleted } = await mutable.purgeNamespace("n", {
        onProgress: ({ processed }) => told.push(processed),
      });
      assertEquals([deleted, await mutable.count({ namespace: "n" })], [
        500,
        0,
      ]);
      assertEquals(told, [200, 400, 500]);
    },
  ),
  cortexCase(
    "mutable.transaction() does all in order, or nothing",
    async (cortex) => {
      const { mutable } = cortex;
      await mutable.set("bank", "ada", 100);
      await mutable.set("bank", "bob", 0);
      const transfer = (amount: number) => [
        { op: "decrement" as const, namespace: "bank", key: "ada", amount },
        { op: "increment" as const, namespace: "bank", key: "bob", amount },
      ];
      const { success, operationsExecuted, results } = await mutable
        .transaction([
          ...transfer(30),
          { op: "set", namespace: "log", key: "l", value: [{ $x: 1 }] },
          { op: "update", namespace: "log", key: "l", value: "replaced" },
          { op: "delete", namespace: "log", key: "l" },
          { op: "increment", namespace: "bank", key: "bob" },
        ]);
      assertEquals([success, operationsExecuted], [true, 6]);
      const value = (at: number) => (results[at] as { value: unknown }).value;
      assertEquals([value(0), value(1), value(2), value(3), value(5)], [
        70,
        30,
        [{ $x: 1 }],
        "replaced",
        31,
      ]);
      assertEquals(results[4], { deleted: true, namespace: "log", key: "l" });
      const error = await rejectionOf(() =>
        mutable.transaction([
          ...transfer(30),
          { op: "update", namespace: "bank", key: "eve", value: 1 },
        ])
      );
      assertEquals(error.code, NOT_FOUND);
      assertStringIncludes(error.message, ": bank/eve");
      assertEquals(
        [await mutable.get("bank", "ada"), await mutable.get("bank", "bob")],
        [70, 31],
      );
      const none = {
        op: "increment",
        amount: 0,
        namespace: "bank",
        key: "bob",
      };
      await mutable.transaction([none as never]);
      assertEquals(await mutable.get("bank", "bob"), 31);
      await assertCode(
        () => mutable.transaction(Array(501).fill(transfer(1)[0])),
        "TOO_MANY_OPERATIONS",
      );
    },
  ),
  tenantsCase(
    "mutable.* of one tenant know nothing of another's",
    async (one, two) => {
      await one.mutable.set("n", "k", 1);
      const { mutable } = two;
      assertEquals(await mutable.get("n", "k"), null);
      assertEquals(await mutable.exists("n", "k"), false);
      assertEquals(await mutable.list({ namespace: "n", tenantId: "a" }), []);
      assertEquals(await mutable.count({ namespace: "n" }), 0);
      for (
        const call of [
          () => mutable.delete("n", "k"),
          () => mutable.increment("n", "k"),
          () => mutable.update("n", "k", () => 2),
          () =>
            mutable.transaction([{ op: "delete", namespace: "n", key: "k" }]),
        ]
      ) await assertCode(call, NOT_FOUND);
      await mutable.set("n", "k", 2);
      const purged = await mutable.purgeNamespace("n", { tenantId: "a" });
      assertEquals(purged.deleted, 1);
      assertEquals((await mutable.purgeMany({ namespace: "n" })).deleted, 0);
      assertEquals(await one.mutable.get("n", "k"), 1);
    },
  ),
];
