import { assertEquals } from "@std/assert";
import { type Random, withSeed } from "../../src/testing/support/random.ts";
import { overSeeds } from "../support/test_env.ts";
import { type Backend, backendTest, openBackend, SPACE } from "./backend.ts";
import { erase } from "./erase_support.ts";

const SHELVES = ["shelf", "box"];
const KEYS = Array.from({ length: 12 }, (_, at) => `key-${at}`);

interface Page {
  matched: number;
  done: boolean;
  rows: { key: string }[];
}

async function countOf(backend: Backend, namespace: string): Promise<number> {
  const args = { namespace, limit: 0 };
  const { matched, done } = await backend.query<Page>("mutable:page", args);
  assertEquals(done, true);
  return matched;
}

async function keysOf(backend: Backend, namespace: string): Promise<string[]> {
  const { rows } = await backend.query<Page>("mutable:page", { namespace });
  return rows.map(({ key }) => key);
}

/** What the counter of a namespace says. */
async function keptOf(backend: Backend, namespace: string): Promise<number> {
  return (await backend.rows("counters"))
    .filter(({ scope }) => scope === `mutable::${namespace}`)
    .reduce((sum, { value }) => sum + Number(value), 0);
}

async function change(backend: Backend, random: Random): Promise<void> {
  const namespace = random.pick(SHELVES);
  const key = random.pick(KEYS);
  const there = await keysOf(backend, namespace);
  switch (random.below(6)) {
    case 0:
      if (there.length === 0) return;
      await backend.mutation("mutable:deleteKey", {
        namespace,
        key: random.pick(there),
      });
      return;
    case 1:
      await backend.mutation("mutable:purgeMany", {
        namespace,
        keyPrefix: key,
      });
      return;
    case 2:
      if (random.below(4) > 0) return;
      await backend.mutation("mutable:purgeNamespace", { namespace });
      return;
    case 3: {
      const set = (key: string) => ({ op: "set", namespace, key, value: 1 });
      await backend.mutation("mutable:transaction", {
        operations: [set(key), set(random.pick(KEYS)), {
          op: "delete",
          namespace,
          key,
        }],
      });
      return;
    }
    default:
      await backend.mutation("mutable:set", { namespace, key, value: 1 });
  }
}

Deno.test("oracle: a namespace is counted as its list has it, also one that an older version did not count", () =>
  overSeeds(100, (seed) =>
    withSeed(seed, async (random) => {
      const backend = openBackend();
      try {
        // Namespaces with values that no counter knows, until they are empty.
        const old = new Set<string>();
        if (random.below(2) === 0) {
          for (let left = 6; left > 0; left--) await change(backend, random);
          await backend.clear("counters");
          for (const namespace of SHELVES) {
            if ((await keysOf(backend, namespace)).length > 0) {
              old.add(namespace);
            }
          }
        }
        for (let left = 60; left > 0; left--) {
          await change(backend, random);
          for (const namespace of SHELVES) {
            const { length } = await keysOf(backend, namespace);
            // One that was emptied and set again by one call is not seen here as empty, and may be counted since.
            const kept = await keptOf(backend, namespace);
            if (length === 0 || kept > 0) old.delete(namespace);
            assertEquals(await countOf(backend, namespace), length);
            assertEquals(kept, old.has(namespace) ? 0 : length);
          }
        }
      } finally {
        await backend.engine.close();
      }
    })));

const STATUSES = ["active", "inactive", "archived"];

async function changeAgents(backend: Backend, random: Random): Promise<void> {
  const agentId = random.pick(KEYS);
  const isThere = (await backend.rows("agents"))
    .some((row) => row.agentId === agentId);
  switch (isThere ? random.below(3) : 3) {
    case 0:
      await backend.mutation("agents:unregister", { agentId });
      return;
    case 1:
    case 2:
      await backend.mutation("agents:update", {
        agentId,
        name: random.pick(KEYS),
        ...random.below(4) > 0 && { status: random.pick(STATUSES) },
      });
      return;
    default:
      await backend.mutation("agents:register", { agentId, name: agentId });
  }
}

/** In half of the runs, begins with data of an older version, which did not count it. Returns whether it does. */
async function beginOld(
  backend: Backend,
  random: Random,
  change: typeof changeAgents,
): Promise<boolean> {
  if (random.below(2) !== 0) return false;
  for (let left = 9; left > 0; left--) await change(backend, random);
  await backend.clear("counters");
  return true;
}

/** What the counters of a key sum up to. */
function keptIn(
  counters: readonly { [field: string]: unknown }[],
  wanted: string,
): number {
  return counters.filter(({ key }) => key === wanted)
    .reduce((sum, { value }) => sum + Number(value), 0);
}

Deno.test("oracle: agents are counted by status as they are, also those that an older version did not count", () =>
  overSeeds(100, (seed) =>
    withSeed(seed, async (random) => {
      const backend = openBackend();
      try {
        const isOld = await beginOld(backend, random, changeAgents);
        for (let left = 60; left > 0; left--) {
          await changeAgents(backend, random);
          const agents = await backend.rows("agents");
          const counters = await backend.rows("counters");
          for (const status of [undefined, ...STATUSES]) {
            const { length } = agents.filter((agent) =>
              status === undefined || agent.status === status
            );
            const filter = status === undefined ? {} : { status };
            const count = await backend.query<number>("agents:count", filter);
            assertEquals(count, length);
            if (status === undefined) continue;
            const kept = keptIn(counters, `agents?[["status","${status}"]]`);
            // All of them, or none where an older version stored some.
            if (kept > 0 || !isOld) assertEquals(kept, length);
          }
        }
      } finally {
        await backend.engine.close();
      }
    })));

const TYPES = ["knowledge", "preference"];

async function changeFacts(backend: Backend, random: Random): Promise<void> {
  const current = (await backend.rows("facts")).filter((row) => row.isCurrent);
  const factId = current.length > 0 ? random.pick(current).factId : undefined;
  switch (factId === undefined ? 9 : random.below(8)) {
    case 0:
      await backend.mutation("facts:deleteFact", {
        memorySpaceId: SPACE,
        factId,
      });
      return;
    case 1:
      await backend.mutation("facts:update", {
        memorySpaceId: SPACE,
        factId,
        fact: `Changed ${random.below(1000)}`,
      });
      return;
    case 2: {
      const { factId: other } = random.pick(current);
      if (other === factId) return;
      await backend.mutation("facts:consolidate", {
        memorySpaceId: SPACE,
        factIds: [factId, other],
        keepFactId: factId,
      });
      return;
    }
    case 3:
      if (random.below(4) > 0) return;
      await backend.mutation("facts:deleteMany", {
        memorySpaceId: SPACE,
        factType: random.pick(TYPES),
      });
      return;
    case 4:
      if (random.below(4) > 0) return;
      await erase(backend, "users:eraseUser", { userId: "ann" });
      return;
    default:
      await backend.mutation("facts:store", {
        memorySpaceId: SPACE,
        fact: `Statement ${random.below(1000)}`,
        factId: `fact-${random.below(1e9)}`,
        factType: random.pick(TYPES),
        tags: [],
        confidence: 80,
        sourceType: "manual",
        ...random.below(2) === 0 && { userId: "ann" },
      });
  }
}

Deno.test("oracle: facts are counted by type as they are, also those that an older version did not count", () =>
  overSeeds(60, (seed) =>
    withSeed(seed, async (random) => {
      const backend = openBackend();
      try {
        const isOld = await beginOld(backend, random, changeFacts);
        for (let left = 50; left > 0; left--) {
          await changeFacts(backend, random);
          const current = (await backend.rows("facts"))
            .filter((row) => row.isCurrent);
          const counters = await backend.rows("counters");
          for (const factType of TYPES) {
            const { length } = current.filter((row) =>
              row.factType === factType
            );
            const count = await backend.query<number>("facts:count", {
              memorySpaceId: SPACE,
              factType,
            });
            assertEquals(count, length);
            const kept = keptIn(counters, `facts?[["factType","${factType}"]]`);
            if (kept > 0 || !isOld) assertEquals(kept, length);
          }
        }
      } finally {
        await backend.engine.close();
      }
    })));

backendTest(
  "memories of no conversation are counted each by itself: when they are deleted, no counter is left",
  async (backend) => {
    for (let n = 0; n < 6; n++) {
      await backend.remember({
        n,
        skipLayers: ["users", "agents", "conversations"],
      });
    }
    for (const memory of (await backend.rows("memories")).reverse()) {
      const { memorySpaceId, memoryId } = memory;
      const named = { memorySpaceId, memoryId };
      await backend.mutation("memories:deleteMemory", named);
    }
    const left = (await backend.rows("counters"))
      .filter(({ scope }) => scope === `space::${SPACE}`);
    assertEquals(left, []);
  },
);

backendTest(
  "a memory that was changed while it was written leaves no counter when it is deleted",
  async (backend) => {
    const { memoryId } = await backend.mutation(
      "memories:storePartialMemory",
      {
        memorySpaceId: SPACE,
        conversationId: "conv-1",
        content: "one",
        isPartial: true,
        importance: 50,
        tags: [],
      },
    );
    const named = { memorySpaceId: SPACE, memoryId };
    for (const isFinished of [false, true]) {
      await backend.mutation("memories:update", { ...named, content: "two" });
      if (isFinished) continue;
      const last = { memoryId, content: "three" };
      await backend.mutation("memories:finalizePartialMemory", last);
    }
    await backend.mutation("memories:deleteMemory", named);
    assertEquals(await backend.rows("counters"), []);
  },
);
