/** What holds for every method of the facade. */
import { assertEquals, assertNotEquals } from "@std/assert";
import schema from "../../src/convex/schema.ts";
import type { TableName } from "../../src/convex/lib/model.ts";
import { Cortex } from "../../src/cortex/cortex.ts";
import { silent } from "../../src/testing/facade/subject.ts";
import { type Backend, openBackend } from "../convex/backend.ts";
import { type MethodCall, methodCalls } from "./facade_calls.ts";
import { seed, type Seeded } from "./facade_seed.ts";

type Ours = Cortex<never>;

const TABLES = Object.keys(schema.tables) as TableName[];
/** Modules of a `Cortex`, and methods that make no call of the backend. */
const NOT_MODULES = ["constructor"];
const LOCAL = ["facts.configureBeliefRevision", "facts.hasBeliefRevision"];

/** What was written with it or is counted by it stays, whatever is done. */
const nobody: Seeded = { first: "fact-0-none", second: "fact-1-none" };

function cortexOf({ engine }: Backend, tenantId?: string): Ours {
  const client = {
    query: engine.query,
    mutation: engine.mutation,
    action: engine.action,
  };
  return new Cortex({
    client: client as never,
    logger: silent,
    ...tenantId !== undefined && { auth: { userId: "me", tenantId } },
  });
}

/** Names of every method, as `module.method`. */
function methodsOf(cortex: Ours): string[] {
  return Object.entries(cortex).flatMap(([module, api]) => {
    const names: string[] = [];
    for (
      let owner = Object.getPrototypeOf(api);
      owner !== Object.prototype;
      owner = Object.getPrototypeOf(owner)
    ) names.push(...Object.getOwnPropertyNames(owner));
    return [...new Set(names)]
      .filter((name) => !NOT_MODULES.includes(name))
      .map((name) => `${module}.${name}`);
  });
}

function allCalls(seeded: Seeded): [string, MethodCall][] {
  return Object.entries(methodCalls(seeded)).flatMap(([module, calls]) =>
    Object.entries(calls).map(([name, call]) =>
      [`${module}.${name}`, call] as [string, MethodCall]
    )
  );
}

async function rowsOf(backend: Backend): Promise<Map<string, string>> {
  const rows = await Promise.all(TABLES.map((table) => backend.rows(table)));
  return new Map(rows.flat().map((row) => [row._id, JSON.stringify(row)]));
}

async function answer(
  { call }: MethodCall,
  cortex: Ours,
  controls?: object,
): Promise<unknown> {
  try {
    return comparable(await call(cortex, controls));
  } catch (error) {
    return comparable({ error: String(error) });
  }
}

/** Without times and the ids that differ from one call to another. */
function comparable(value: unknown): unknown {
  const text = (JSON.stringify(
    value,
    (name, member) =>
      name.startsWith("_") || name === "queryTimeMs" ? undefined : member,
  ) ?? "null").replaceAll(/\b([a-z-]+)-\d+-[a-z0-9]{16}\b/g, "$1")
    .replaceAll(/\b1\d{12}(\.\d+)?\b|\d{4}-\d\d-\d\dT[\d:.]+Z/g, "0");
  return JSON.parse(text);
}

Deno.test("every method of the facade has a call here", async () => {
  await using cortex = new Cortex();
  await cortex.load();
  assertEquals(
    [...allCalls(nobody).map(([name]) => name), ...LOCAL].sort(),
    methodsOf(cortex as unknown as Ours).sort(),
  );
});

Deno.test("to another tenant every method of the facade answers as if there was nothing, and leaves everything", async () => {
  for (
    const [owner, caller] of [["acme", "other"], ["acme", undefined], [
      undefined,
      "other",
    ]] as const
  ) {
    const [full, empty] = [openBackend(), openBackend()];
    const seeded = await seed(cortexOf(full, owner));
    const before = await rowsOf(full);
    const calls = allCalls(seeded);
    const reading = calls.filter(([, { writes }]) => !writes);
    for (const [name, called] of reading) {
      assertNotEquals(
        await answer(called, cortexOf(full, caller)),
        await answer(called, cortexOf(full, owner)),
        `${name} as ${owner}, who would see a leak`,
      );
    }
    const writing = calls.filter(([, { writes }]) => writes);
    for (const [name, called] of [...reading, ...writing, ...reading]) {
      const context = `${name} as ${caller} of ${owner}'s`;
      const answered = await answer(called, cortexOf(full, caller));
      assertEquals(
        answered,
        await answer(called, cortexOf(empty, caller)),
        context,
      );
      const after = await rowsOf(full);
      for (const [id, row] of before) assertEquals(after.get(id), row, context);
    }
    await Promise.all([full.engine.close(), empty.engine.close()]);
  }
});

Deno.test("every method that writes is done once with an idempotency key", async () => {
  for (const [name, { writes }] of allCalls(nobody)) {
    if (!writes) continue;
    const backend = openBackend();
    const cortex = cortexOf(backend, "acme");
    // What creates finds its place free only where there is nothing.
    const isCreating = /\.(register|create)$/.test(name);
    const seeded = isCreating ? nobody : await seed(cortex);
    const [, called] = allCalls(seeded).find(([other]) => other === name)!;
    const controls = { idempotencyKey: "k-1" };
    const first = await answer(called, cortex, controls);
    assertEquals((first as { error?: string } | null)?.error, undefined, name);
    const before = await rowsOf(backend);
    assertEquals(await answer(called, cortex, controls), first, name);
    assertEquals(await rowsOf(backend), before, name);
    const keys = await backend.rows("idempotencyKeys");
    assertEquals(keys.length > 0, true, name);
    await backend.engine.close();
  }
});

Deno.test("what an argument has beyond its known fields is passed over", async () => {
  const backend = openBackend();
  const cortex = cortexOf(backend);
  const seeded = await seed(cortex);
  const lists: [string, MethodCall["call"]][] = [
    ["conversations.list", (c) => c.conversations.list({})],
    ["memorySpaces.list", (c) => c.memorySpaces.list({})],
    ["memorySpaces.count", (c) => c.memorySpaces.count({})],
    ["users.list", (c) => c.users.list({})],
    ["users.count", (c) => c.users.count({})],
    ["users.export", (c) => c.users.export({ format: "csv", filters: {} })],
    ["agents.list", (c) => c.agents.list({})],
    ["agents.count", (c) => c.agents.count({})],
    ["agents.export", (c) => c.agents.export({ format: "csv", filters: {} })],
  ];
  const calls = allCalls(seeded).map(([name, { call }]) =>
    [name, call] as [string, MethodCall["call"]]
  );
  for (const [name, call] of [...lists, ...calls]) {
    try {
      await call(withMore(cortex));
    } catch (error) {
      // Others say what is not there any more.
      assertNotEquals(
        (error as { code?: string }).code,
        "ARGUMENT_VALIDATION",
        name,
      );
    }
  }
  await backend.engine.close();
});

/** A `Cortex` whose methods get one field more with each object, and with its `filters`. */
function withMore(cortex: Ours): Ours {
  const more = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    return {
      ...value,
      ..."filters" in value && { filters: more(value.filters) },
      unknown: 1,
    };
  };
  const members = <Target extends object>(
    target: Target,
    wrap: (member: never) => unknown,
  ) =>
    new Proxy(target, {
      get: (_, name) => wrap(target[name as keyof Target] as never),
    });
  return members(
    cortex,
    (api: object) =>
      members(
        api,
        (method: (...args: unknown[]) => unknown) => (...args: unknown[]) =>
          method.apply(api, args.map(more)),
      ),
  );
}
