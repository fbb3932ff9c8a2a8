/** Writes that are repeated with their idempotency key. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  assertCode,
  cortexCase,
  exchange,
  type FacadeSubject,
  note,
  record,
  rejectionOf,
  tenantsCase,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** Cases of idempotency keys. */
export const idempotencyContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "a remember repeated with its key is done once and answers the same",
    async (cortex) => {
      let facts = 0;
      const observer = {
        layers: 0,
        onLayerUpdate: () => void observer.layers++,
      };
      const remember = () =>
        cortex.memory.remember(
          exchange({
            observer,
            extractFacts: () =>
              Promise.resolve([{
                fact: `Ada owns printer ${++facts}.`,
                factType: "knowledge",
                confidence: 90,
              }]),
          }),
          { idempotencyKey: "order-66" },
        );
      const [first, second] = await Promise.all([remember(), remember()]);
      assertEquals(second, first);
      assertEquals(await remember(), first);
      assertEquals(
        (await cortex.conversations.get("conv-1"))?.messages.length,
        2,
      );
      assertEquals(await cortex.facts.count({ memorySpaceId: "space" }), 1);
    },
  ),
  cortexCase(
    "a key is good for one call: with other arguments, or for another method, it is refused",
    async (cortex) => {
      const idempotencyKey = "order-66";
      await cortex.memory.store("space", note(), { idempotencyKey });
      for (
        const misuse of [
          () =>
            cortex.memory.store("space", note({ content: "Elsewhere." }), {
              idempotencyKey,
            }),
          () => cortex.memory.store("other", note(), { idempotencyKey }),
          () => cortex.vector.store("space", note(), { idempotencyKey }),
          () => cortex.memory.remember(exchange(), { idempotencyKey }),
          () => cortex.mutable.increment("a", "b", 1, { idempotencyKey }),
          () => cortex.mutable.purgeNamespace("a", { idempotencyKey }),
        ]
      ) await assertCode(misuse, "IDEMPOTENCY_CONFLICT");
      const steps = { idempotencyKey: "steps" };
      await cortex.mutable.purgeNamespace("a", steps);
      await assertCode(
        () => cortex.mutable.set("a", "b", 1, undefined, undefined, steps),
        "IDEMPOTENCY_CONFLICT",
      );
      assertEquals(await cortex.memory.count({ memorySpaceId: "space" }), 1);
    },
  ),
  cortexCase(
    "an import with a refused line leaves its key free for the corrected lines",
    async (cortex) => {
      const [bytes, revision, createdAt, updatedAt] = [1, 1, 1, 1];
      const line = (key: string, namespace?: string) => {
        const row = { bytes, createdAt, key, namespace, revision, updatedAt };
        return JSON.stringify({ table: "mutable", row: { ...row, value: 1 } });
      };
      const load = (last: string) =>
        cortex.importAll(`${line("a", "n")}\n${last}`, {
          idempotencyKey: "load",
        });
      for (let attempt = 1; attempt <= 2; attempt++) {
        await assertCode(() => load(line("b")), "INVALID_LINE");
        assertEquals(await cortex.mutable.count({ namespace: "n" }), 1);
      }
      await load(line("b", "n"));
      assertEquals(await cortex.mutable.count({ namespace: "n" }), 2);
    },
  ),
  cortexCase(
    "increments with a key count once, an update runs its updater in vain",
    async (cortex) => {
      await cortex.mutable.set("stock", "pens", 1);
      const key = (idempotencyKey: string) => ({ idempotencyKey });
      for (let call = 0; call < 3; call++) {
        await cortex.mutable.increment("stock", "pens", 10, key("i"));
        await cortex.mutable.update<number>(
          "stock",
          "pens",
          (pens) => pens * 2,
          key("u"),
        );
      }
      assertEquals(await cortex.mutable.get("stock", "pens"), 22);
    },
  ),
  tenantsCase("keys of two tenants never meet", async (one, two) => {
    for (const cortex of [one, two]) {
      await cortex.mutable.increment("stock", "pens", 1, {
        idempotencyKey: "k",
      }).catch(() => {});
      await cortex.mutable.set("stock", "pens", 1, undefined, undefined, {
        idempotencyKey: "k",
      });
      assertEquals(await cortex.mutable.get("stock", "pens"), 1);
    }
  }),
  cortexCase(
    "a deletion of a user or an agent that is repeated with its key tells the same time",
    async (cortex) => {
      await cortex.users.update("ada", { name: "Ada" });
      await cortex.agents.register({ id: "helper", name: "Helper" });
      for (
        const erase of [
          () => cortex.users.delete("ada", { idempotencyKey: "a" }),
          () =>
            cortex.users.delete("bob", { cascade: true, idempotencyKey: "b" }),
          () => cortex.agents.unregister("helper", { idempotencyKey: "c" }),
          () =>
            cortex.agents.unregister("other", {
              cascade: true,
              idempotencyKey: "d",
            }),
        ]
      ) {
        const first = await erase();
        await pause(5);
        assertEquals(await erase(), first);
      }
    },
  ),
  cortexCase(
    "a change of chosen agents that is repeated with its key changes no others",
    async ({ agents }) => {
      const change = {
        update: (limit?: number) =>
          agents.updateMany({ status: "active", limit }, { name: "Old" }, {
            idempotencyKey: `u${limit}`,
          }),
        remove: (limit?: number) =>
          agents.unregisterMany({ limit }, { idempotencyKey: `r${limit}` }),
        erase: (limit?: number) =>
          agents.unregisterMany({ limit }, {
            cascade: true,
            idempotencyKey: `e${limit}`,
          }),
      };
      let id = 0;
      const register = (count: number) =>
        Promise.all(Array.from({ length: count }, () => {
          return agents.register({ id: `agent-${++id}`, name: "New" });
        }));
      const few = [[3, 1], [2, undefined]];
      // More than one step handles; an erasure chooses its rows as a removal does.
      const many = [...few, [210, 205]];
      for (const [name, call] of Object.entries(change)) {
        for (const [count, limit] of name === "erase" ? few : many) {
          await register(count!);
          const first = await call(limit);
          await register(1);
          const before = await agents.list({ limit: 1000 });
          assertEquals(await call(limit), first, `${limit}`);
          assertEquals(await agents.list({ limit: 1000 }), before);
        }
      }
    },
  ),
  cortexCase(
    "a change of chosen users that is repeated with its key changes no others",
    async ({ users }) => {
      const filters = { displayName: "new" };
      const key = (idempotencyKey: string) => ({ idempotencyKey });
      let id = 0;
      const join = (count: number) =>
        Promise.all(Array.from({ length: count }, () => {
          return users.update(`user-${++id}`, { displayName: "New" });
        }));
      const repeated = async (call: () => Promise<unknown>) => {
        await join(3);
        const first = await call();
        await join(2);
        const before = await users.list();
        const second = await call();
        assertEquals(await users.list(), before);
        return { first, second };
      };
      const rename = { data: { displayName: "Old" } };
      const updated = await repeated(() =>
        users.updateMany(filters, rename, key("u"))
      );
      assertEquals(updated.second, updated.first);
      const deleted = await repeated(() => users.deleteMany(filters, key("d")));
      assertEquals(deleted.second, deleted.first);
      const erased = await repeated(() =>
        users.deleteMany(filters, { cascade: true, ...key("e") })
      );
      // No record names those who were erased.
      assertEquals(erased.second, { deleted: 0, userIds: [] });
    },
  ),
  cortexCase(
    "a repeat for chosen users gives the first answer, however many match since",
    async ({ users }) => {
      const join = (from: number, to: number) =>
        Promise.all(Array.from({ length: to - from }, (_, n) => {
          return users.update(`user-${from + n}`, { displayName: "New" });
        }));
      const mark = (idempotencyKey: string) =>
        users.updateMany({ displayName: "new" }, { data: { marked: true } }, {
          idempotencyKey,
        });
      await join(0, 100);
      const first = await mark("k");
      assertEquals(first.updated, 100);
      await join(100, 101);
      assertEquals(await mark("k"), first);
      const error = await rejectionOf(() => mark("l"));
      assertEquals(
        [error.name, error.code],
        ["UserValidationError", "TOO_MANY_MATCHES"],
      );
      // A refused call did not use up its key.
      await users.delete("user-0");
      assertEquals((await mark("l")).updated, 100);
    },
  ),
  cortexCase(
    "an erasure of chosen users that broke off erases the rest of them when it is repeated",
    async ({ users }) => {
      const join = (userId: string) =>
        users.update(userId, { displayName: "New" });
      for (const userId of ["ada", "bob", "cyd"]) await join(userId);
      const giveUp = new AbortController();
      const call = (onProgress: () => void, signal?: AbortSignal) =>
        users.deleteMany({ displayName: "new", limit: 3 }, {
          cascade: true,
          idempotencyKey: "k",
          onProgress,
          signal,
        });
      const enough = () => giveUp.abort(new Error("enough"));
      await assertRejects(() => call(enough, giveUp.signal));
      assertEquals(await users.count(), 2);
      // These sort before those who are left.
      for (const userId of ["dan", "eve", "flo"]) await join(userId);
      assertEquals(await call(() => {}), {
        deleted: 2,
        userIds: ["bob", "ada"],
      });
      const left = (await users.list()).users.map(({ id }) => id);
      assertEquals(left, ["flo", "eve", "dan"]);
    },
  ),
  cortexCase(
    "a change of agents that broke off goes on with those chosen first when it is repeated",
    async ({ agents }) => {
      let id = 0;
      const register = (count: number) =>
        Promise.all(Array.from({ length: count }, () => {
          return agents.register({ id: `agent-${++id}`, name: "New" });
        }));
      await register(410);
      const call = (onProgress: () => void, signal?: AbortSignal) =>
        agents.unregisterMany({ limit: 405 }, {
          idempotencyKey: "k",
          onProgress,
          signal,
        });
      const giveUp = new AbortController();
      const enough = () => giveUp.abort(new Error("enough"));
      await assertRejects(() => call(enough, giveUp.signal));
      assertEquals(await agents.count(), 210);
      await register(300);
      const { deleted, agentIds } = await call(() => {});
      assertEquals([deleted, new Set(agentIds).size], [405, 405]);
      assertEquals(await agents.count(), 305);
      assertEquals(await agents.exists("agent-411"), true);
    },
  ),
  cortexCase(
    "a job of many steps that is repeated with its key tells the same",
    async (cortex) => {
      for (let at = 0; at < 210; at += 70) {
        await Promise.all(
          Array.from(
            { length: 70 },
            () => cortex.memory.store("space", note({ userId: "ada" })),
          ),
        );
      }
      const erase = () =>
        cortex.memory.deleteMany({ memorySpaceId: "space", userId: "ada" }, {
          idempotencyKey: "k",
        });
      const first = await erase();
      assertEquals(first.deleted, 210);
      await cortex.memory.store("space", note({ userId: "ada" }));
      assertEquals(await erase(), first);
      assertEquals(await cortex.memory.count({ memorySpaceId: "space" }), 1);
    },
  ),
  cortexCase(
    "a deletion of a space in many steps that is repeated with its key leaves the one that took its name",
    async ({ memory, memorySpaces }) => {
      const memorySpaceId = "space";
      const register = () =>
        memorySpaces.register({ memorySpaceId, type: "team" });
      await register();
      for (let at = 0; at < 210; at += 70) {
        await Promise.all(
          Array.from({ length: 70 }, () => memory.store("space", note())),
        );
      }
      const remove = (idempotencyKey: string) =>
        memorySpaces.delete(memorySpaceId, {
          cascade: true,
          reason: "The team is gone",
          idempotencyKey,
        });
      const first = await remove("first");
      await register();
      await memory.store("space", note());
      assertEquals(await remove("first"), first);
      assertEquals(await memory.count({ memorySpaceId }), 1);
      await remove("second");
      await register();
      assertEquals(await remove("first"), first);
      assert(await memorySpaces.get(memorySpaceId) !== null);
    },
  ),
];

/** Cases without a backend. */
export const idempotencyRefusals: ContractCase<void>[] = [
  {
    name: "what is no idempotency key is refused before anything is sent",
    async run() {
      const { cortex, client } = record();
      for (const key of ["", "  ", "k".repeat(201), 7, null]) {
        const options = { idempotencyKey: key as string };
        for (
          const call of [
            () => cortex.memory.remember(exchange(), options),
            () => cortex.memory.store("space", note(), options),
            () => cortex.users.update("ada", {}, options),
            () => cortex.users.delete("ada", { ...options, cascade: true }),
          ]
        ) await assertCode(call, "INVALID_ARGUMENT");
      }
      assert(client.calls.length === 0);
    },
  },
  {
    name: "the keys of an erasure, which outlive it, do not name who is erased",
    async run() {
      const done = { done: true, counts: {}, memorySpaceIds: [], issues: [] };
      const { cortex, client } = record(
        {},
        ({ kind }) => kind === "mutation" ? done : {},
      );
      await cortex.users.deleteMany(["ada", "bob"], {
        cascade: true,
        idempotencyKey: "k",
      });
      const keys = client.calls.map(({ args }) => args.idempotencyKey)
        .filter((key) => key !== undefined) as string[];
      assertEquals(new Set(keys).size, 2);
      assert(keys.every((key) => !/ada|bob/.test(key)), keys.join());
    },
  },
];
