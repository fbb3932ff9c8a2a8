import { assert, assertEquals } from "@std/assert";
import { mutationGeneric } from "convex/server";
import { schema } from "../../src/convex/index.ts";
import type { MutationCtx } from "../../src/convex/lib/model.ts";
import { remember } from "../../src/convex/lib/memory/remember.ts";
import type { RememberArgs } from "../../src/convex/lib/memory/rememberArgs.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { axis, exchange, fact, NOW } from "./backend.ts";

interface Cost {
  ranges: number;
  reads: number;
  writes: number;
}

/** A context that counts what goes through its database. */
function counting(ctx: MutationCtx, cost: Cost): MutationCtx {
  const query = (table: string) =>
    wrap(ctx.db.query(table as "memories"), cost);
  const write =
    (name: "insert" | "patch" | "delete") => (...args: unknown[]) => {
      cost.writes++;
      return (ctx.db[name] as (...args: unknown[]) => unknown)(...args);
    };
  const db = {
    query,
    get: (id: never) => {
      cost.reads++;
      return ctx.db.get(id);
    },
    insert: write("insert"),
    patch: write("patch"),
    delete: write("delete"),
  };
  return { ...ctx, db } as unknown as MutationCtx;
}

function wrap<Query extends object>(query: Query, cost: Cost): Query {
  return new Proxy(query, {
    get(target, name) {
      const member = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (name === "withIndex") cost.ranges++;
        const result = member.apply(target, args);
        if (!(result instanceof Promise)) return wrap(result, cost);
        return result.then((value) => {
          if (Array.isArray(value)) cost.reads += value.length;
          else if (value !== null) cost.reads++;
          return value;
        });
      };
    },
  });
}

async function costs(calls: Record<string, unknown>[]): Promise<Cost[]> {
  const found: Cost[] = [];
  const engine = openEngine({
    schema,
    modules: {
      counted: {
        run: mutationGeneric(async (ctx, args) => {
          const cost = { ranges: 0, reads: 0, writes: 0 };
          const scope = {
            tenantId: undefined,
            organizationId: undefined,
            now: NOW,
          };
          await remember(
            counting(ctx as MutationCtx, cost),
            scope,
            args as unknown as RememberArgs,
          );
          found.push(cost);
          return null;
        }),
      },
    },
    store: openMemoryStore(),
  });
  try {
    for (const call of calls) await engine.mutation("counted:run", call);
  } finally {
    await engine.close();
  }
  return found;
}

function withEmbeddings(args: Record<string, unknown>) {
  const memories = args.memories as { embedding?: number[] }[];
  for (const memory of memories) memory.embedding = axis(0);
  return args;
}

Deno.test("one exchange reads and writes little, however long the conversation", async () => {
  const base = NOW - 86_400_000;
  const order = [...Array.from({ length: 30 }, (_, n) => n * 2), 31, 33];
  const found = await costs(
    order.map((n) => withEmbeddings(exchange({ n, base }))),
  );
  assertEquals(found[0], { ranges: 34, reads: 2, writes: 37 });
  assertEquals(found[29], { ranges: 19, reads: 15, writes: 19 });
  for (const cost of found) {
    assert(cost.ranges <= 34 && cost.reads <= 39 && cost.writes <= 39);
  }
});

Deno.test("a fact adds a bounded part", async () => {
  const [without, plain, revised, replacing] = await costs([
    exchange({ n: 1 }),
    exchange({ n: 2, facts: [fact("f1")], factMode: "plain" }),
    exchange({
      n: 3,
      facts: [
        fact("f2", {
          fact: "Ann lives in Rome",
          predicate: "lives in",
          object: "Rome",
          embedding: axis(1),
        }),
      ],
    }),
    exchange({
      n: 4,
      facts: [
        fact("f3", {
          fact: "Ann lives in Oslo",
          predicate: "lives in",
          object: "Oslo",
          embedding: axis(2),
        }),
      ],
    }),
  ]);
  assert(without !== undefined);
  // The first fact of a type takes two ranges more.
  assertEquals(plain!.ranges, 20 + 5);
  assertEquals(plain!.writes, 15 + 5);
  assert(revised!.ranges - 19 <= 9 && revised!.writes - 15 <= 7);
  assert(replacing!.ranges - 19 <= 10 && replacing!.writes - 15 <= 12);
});
