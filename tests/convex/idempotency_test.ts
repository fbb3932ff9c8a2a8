import { assert, assertEquals, assertRejects } from "@std/assert";
import { queryGeneric, type UserIdentity } from "convex/server";
import { modules } from "../../src/convex/index.ts";
import schema from "../../src/convex/schema.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { enter } from "../../src/convex/lib/access.ts";
import {
  backendTest,
  everything,
  exchange,
  NOW,
  openBackend,
  SPACE,
} from "./backend.ts";
import { callsOf, publicFunctions, seed } from "./tenant_calls.ts";
import { withVariables } from "../support/variables.ts";

const look = {
  kept: queryGeneric({
    args: {},
    handler: async (ctx) =>
      (await ctx.db.query("idempotencyKeys").take(9)).length,
  }),
};

const DAY_MS = 24 * 60 * 60_000;

/** Gathers calls that each carry a key of their own. */
const GATHERS = "batch:run";

const mutations = publicFunctions.filter(({ kind, name }) =>
  kind === "mutation" && name !== GATHERS
);

Deno.test("every public mutation with a key is done once, and the key is good for nothing else", async () => {
  for (const [at, called] of mutations.entries()) {
    const backend = openBackend();
    try {
      // What creates finds its place free only where there is nothing.
      const isCreating = /:(register|create)$/.test(called.name);
      if (!isCreating) await seed(backend, "acme");
      const [args] = callsOf(called, "");
      const keyed = { ...args, tenantId: "acme", idempotencyKey: "k-1" };
      const first = await backend.mutation(called.name, keyed);
      const before = await everything(backend);
      const later = { ...keyed, now: NOW + 5 };
      assertEquals(await backend.mutation(called.name, later), first);
      assertEquals(await everything(backend), before, called.name);
      const [key] = await backend.rows("idempotencyKeys");
      assertEquals(key!.function, called.name);
      const other = mutations[(at + 1) % mutations.length]!;
      const misused = { ...keyed, ...callsOf(other, "")[0] };
      await assertRejects(
        () => backend.mutation(other.name, pick(misused, other.args)),
        Error,
        "IDEMPOTENCY_CONFLICT",
      );
    } finally {
      await backend.engine.close();
    }
  }
});

function pick(from: Record<string, unknown>, names: object) {
  return Object.fromEntries(
    Object.entries(from).filter(([name]) => name in names),
  );
}

const note = (changes: Record<string, unknown> = {}) => ({
  memorySpaceId: SPACE,
  memoryId: "mem-1",
  content: "the spare key is under the pot",
  contentType: "raw",
  sourceType: "system",
  importance: 50,
  tags: [],
  ...changes,
});

backendTest(
  "the same key with other arguments is refused, and nothing is written",
  async (backend) => {
    const idempotencyKey = "k-1";
    await backend.mutation("memories:store", note({ idempotencyKey }));
    const before = await everything(backend);
    await assertRejects(
      () =>
        backend.mutation(
          "memories:store",
          note({ idempotencyKey, importance: 51 }),
        ),
      Error,
      'IDEMPOTENCY_CONFLICT: the key "k-1" was used for memories:store with other arguments',
    );
    assertEquals(await everything(backend), before);
    const { tags, content, ...rest } = note();
    await backend.mutation("memories:store", {
      tags,
      ...rest,
      idempotencyKey,
      content,
    });
  },
);

backendTest("a write that failed leaves no key behind", async (backend) => {
  const args = { agentId: "helper", status: "archived", idempotencyKey: "k-1" };
  await assertRejects(
    () => backend.mutation("agents:update", args),
    Error,
    "AGENT_NOT_REGISTERED",
  );
  assertEquals(await backend.rows("idempotencyKeys"), []);
  await backend.mutation("agents:register", {
    agentId: "helper",
    name: "Helper",
  });
  await backend.mutation("agents:update", args);
});

backendTest("keys of two tenants never meet", async (backend) => {
  const idempotencyKey = "k-1";
  for (const tenantId of ["acme", "other", undefined]) {
    const whose = tenantId === undefined ? {} : { tenantId };
    const value = await backend.mutation("mutable:set", {
      ...whose,
      namespace: "cart",
      key: "k",
      value: `${tenantId}'s`,
      idempotencyKey,
    });
    assertEquals(value.value, `${tenantId}'s`);
  }
  assertEquals((await backend.rows("idempotencyKeys")).length, 3);
});

Deno.test("keys of two verified callers of one tenant never meet", async () => {
  const callerOf = (tokenIdentifier: string) =>
    withVariables({ CORTEX_ACCESS_MODE: "identity" }, async () =>
      await enter({
        auth: {
          getUserIdentity: () =>
            Promise.resolve(
              { tokenIdentifier, tenantId: "acme" } as unknown as UserIdentity,
            ),
        },
      }, {}));
  const [ann, bob] = [await callerOf("i|ann"), await callerOf("i|bob")];
  assertEquals([ann.tenantId, bob.tenantId], ["acme", "acme"]);
  assert(ann.caller !== undefined && ann.caller !== bob.caller);
  assertEquals((await callerOf("i|ann")).caller, ann.caller);
});

backendTest("blank and endless keys are refused", async (backend) => {
  for (const idempotencyKey of ["", " ", "k".repeat(513)]) {
    await assertRejects(
      () => backend.mutation("memories:store", note({ idempotencyKey })),
      Error,
      "INVALID_IDEMPOTENCY_KEY",
    );
  }
});

backendTest("calls of a batch carry keys of their own", async (backend) => {
  const call = (content: string) => ({
    name: "memories:store",
    args: note({ content, idempotencyKey: "k-1", now: NOW }),
  });
  const outcomes = await backend.mutation<{ ok: boolean }[]>("batch:run", {
    calls: [call("one"), call("one"), call("two")],
  });
  assertEquals(outcomes.map(({ ok }) => ok), [true, true, false]);
  assertEquals((await backend.rows("memories")).length, 1);
});

backendTest(
  "a long result is given back whole, cut at whole characters",
  async (backend) => {
    // Whichever place the cuts are at, it is inside of a character of one of them.
    for (const [n, start] of ["", "x"].entries()) {
      const say = start + "\u{1F600}".repeat(140_000);
      const args = { ...exchange({ n, say }), idempotencyKey: `k-${n}` };
      const first = await backend.mutation("memory:remember", args);
      assertEquals(await backend.mutation("memory:remember", args), first);
    }
    const parts = await backend.rows("idempotencyParts");
    assert(parts.length > 2);
    for (const { text } of parts) assert((text as string).isWellFormed());
  },
);

backendTest(
  "after a day a key is free again, and the sweep deletes it with what hangs on it",
  async (backend, clock) => {
    // The caller's clock stands still, which is his affair.
    const set = (value: number, now: number) => {
      clock.ms = now;
      return backend.mutation("mutable:set", {
        namespace: "cart",
        key: "k",
        value,
        userId: "ann",
        idempotencyKey: "k-1",
      });
    };
    await set(1, NOW);
    const sweep = (now: number) =>
      backend.internal("idempotency:sweep", { now });
    assertEquals(await sweep(NOW + DAY_MS - 1), { deleted: 0, done: true });
    assertEquals((await set(2, NOW + DAY_MS)).value, 2);
    assertEquals((await backend.rows("idempotencyKeys")).length, 1);
    assertEquals(await sweep(NOW + 2 * DAY_MS), { deleted: 1, done: true });
    for (
      const table of [
        "idempotencyKeys",
        "idempotencyParts",
        "idempotencyTraces",
      ] as const
    ) {
      assertEquals(await backend.rows(table), []);
    }
  },
);

backendTest(
  "the erasure of a user takes the results that tell of it, and leaves the others",
  async (backend) => {
    const keyed = async (name: string, args: Record<string, unknown>) => {
      const idempotencyKey = `k-${name}-${JSON.stringify(args).length}`;
      await backend.mutation(name, { ...args, idempotencyKey });
    };
    const secret = "Ann's cat is called Biscuit";
    await keyed("memory:remember", exchange({ say: secret }));
    await keyed("users:update", { userId: "ann", data: { secret } });
    await keyed("immutable:store", {
      type: "user",
      id: "ann",
      data: { secret: `${secret}.` },
    });
    await keyed("mutable:set", {
      namespace: "n",
      key: "k",
      value: secret,
      userId: "ann",
    });
    await keyed("facts:store", {
      memorySpaceId: SPACE,
      factId: "fact-1",
      fact: secret,
      subject: " ANN ",
      factType: "knowledge",
      confidence: 80,
      sourceType: "manual",
      tags: [],
    });
    await keyed("facts:store", {
      memorySpaceId: SPACE,
      factId: "fact-2",
      fact: `${secret}!`,
      factType: "knowledge",
      confidence: 80,
      sourceType: "manual",
      sourceRef: { memoryId: "mem-u1" },
      tags: [],
    });
    await keyed(
      "memories:store",
      note({ memoryId: "mem-2", content: secret, userId: "ann" }),
    );
    await keyed("memories:store", note({ memoryId: "mem-3", userId: "bob" }));
    await keyed("users:update", { userId: "bob", data: {} });
    const { counts } = await backend.mutation<
      { counts: Record<string, number> }
    >(
      "users:eraseUser",
      { userId: "ann", dryRun: true },
    );
    const done = await backend.mutation<
      { done: boolean; counts: Record<string, number> }
    >(
      "users:eraseUser",
      { userId: "ann", idempotencyKey: "k-erase" },
    );
    assert(done.done);
    assertEquals(counts.idempotencyTraces! > 0, true);
    assertEquals(
      await backend.query("users:verifyErasure", { userId: "ann" }),
      {},
    );
    const kept = await backend.rows("idempotencyKeys");
    assertEquals(
      kept.map((row) => row.function).sort(),
      ["memories:store", "users:eraseUser", "users:update"],
    );
    const text = await everything(backend);
    assert(!text.includes("Biscuit"));
  },
);

backendTest(
  "no caller's clock ends another tenant's keys",
  async (backend) => {
    const now = Date.now();
    const set = (tenantId: string, key: string, now: number) =>
      backend.mutation("mutable:set", {
        namespace: "cart",
        key: "k1",
        value: 1,
        tenantId,
        idempotencyKey: key,
        now,
      });
    for (const key of ["a", "b", "c"]) await set("acme", key, now);
    await set("other", "a", 8.64e15);
    const rows = await backend.rows("idempotencyKeys");
    assertEquals(rows.map(({ tenantId }) => tenantId), [
      ...Array(3).fill("acme"),
      "other",
    ]);
  },
);

backendTest(
  "a key ends after a day, whatever clock its caller has",
  async (backend) => {
    const add = (idempotencyKey: string, now: number) =>
      backend.mutation("mutable:update", {
        namespace: "cart",
        key: "k",
        operation: "increment",
        idempotencyKey,
        now,
      });
    await backend.mutation("mutable:set", {
      namespace: "cart",
      key: "k",
      value: 0,
    });
    await add("slow", 0);
    await add("fast", 8.64e15);
    // Others sweep meanwhile.
    await add("other", Date.now());
    assertEquals((await add("slow", 8.64e15)).value, 1);
    assertEquals((await add("fast", 0)).value, 2);
    for (const { expiresAt } of await backend.rows("idempotencyKeys")) {
      assert(Math.abs(expiresAt as number - Date.now() - DAY_MS) < 60_000);
    }
  },
);

Deno.test("the engine sweeps by itself, every hour", async () => {
  let nowMs = NOW;
  let wake = () => {};
  const engine = openEngine({
    schema,
    modules: { ...modules, look },
    store: openMemoryStore(),
    now: () => nowMs,
    timers: {
      set: (_delayMs, callback) => void (wake = callback),
      clear: () => {},
    },
  });
  try {
    await engine.mutation("mutable:set", {
      namespace: "cart",
      key: "k",
      value: 1,
      idempotencyKey: "k-1",
    });
    const kept = async () => await engine.query("look:kept", {});
    assertEquals(await kept(), 1);
    nowMs += DAY_MS + 60 * 60_000;
    wake();
    for (let turn = 0; turn < 100 && await kept() === 1; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assertEquals(await kept(), 0);
  } finally {
    await engine.close();
  }
});
