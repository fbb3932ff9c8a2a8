import { assertEquals, assertRejects } from "@std/assert";
import { mutationGeneric, queryGeneric } from "convex/server";
import { schema } from "../../src/convex/index.ts";
import {
  counterKey,
  counterKeys,
  readCounter,
  readCounters,
  Tally,
} from "../../src/convex/lib/counters.ts";
import type { MutationCtx, QueryCtx } from "../../src/convex/lib/model.ts";
import { type IndexRange, walk } from "../../src/convex/lib/paging/walk.ts";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";

const functions = {
  /** Agents of one registration time, so that only their order of creation distinguishes them. */
  put: mutationGeneric(async (ctx, { ids, at }) => {
    for (const agentId of ids as string[]) {
      await ctx.db.insert("agents", {
        agentId,
        name: agentId,
        status: "active",
        registeredAt: at,
        updatedAt: at,
      });
    }
    return null;
  }),
  read: queryGeneric(async (ctx, { order, cursor, size }) => {
    const range = (status: string): IndexRange<"agents"> => ({
      table: "agents",
      index: "by_tenant_status",
      equals: [["tenantId", undefined], ["status", status]],
      by: "registeredAt",
      order: order as "asc" | "desc",
    });
    const ids: string[] = [];
    let next = cursor as string | undefined;
    const ranges = [range("active"), range("inactive"), range("active")];
    for await (const found of walk(ctx as QueryCtx, ranges, next)) {
      ids.push(found.row.agentId);
      next = found.cursor;
      if (ids.length === size) break;
    }
    return { ids, ...(next !== undefined && { cursor: next }) };
  }),
  tally: mutationGeneric(async (ctx, { seed, by }) => {
    const tally = new Tally();
    for (const key of counterKeys("rows", { a: "1", b: "2", c: undefined })) {
      tally.add("group", key, by as number);
    }
    await tally.write(ctx as MutationCtx, seed as string);
    return (await ctx.db.query("counters").collect()).length;
  }),
  counted: queryGeneric(async (ctx) => [
    await readCounter(ctx as QueryCtx, "group", counterKey("rows")),
    await readCounter(ctx as QueryCtx, "group", counterKey("rows", { b: "2" })),
    await readCounter(ctx as QueryCtx, "group", counterKey("rows", { b: "3" })),
    (await readCounters(ctx as QueryCtx, "group", "rows?")).values.size,
  ]),
};

async function withEngine(run: (engine: Engine) => Promise<void>) {
  const engine = openEngine({
    schema,
    modules: { functions },
    store: openMemoryStore(),
  });
  try {
    await run(engine);
  } finally {
    await engine.close();
  }
}

Deno.test("a walk in steps of any size reads every row of every range once, in order", () =>
  withEngine(async (engine) => {
    await engine.mutation("functions:put", { ids: ["a", "b", "c"], at: 1 });
    await engine.mutation("functions:put", { ids: ["d", "e"], at: 2 });
    for (const order of ["asc", "desc"]) {
      const once = order === "asc"
        ? ["a", "b", "c", "d", "e"]
        : ["e", "d", "c", "b", "a"];
      for (const size of [1, 2, 3, 5, 20]) {
        const ids: string[] = [];
        let cursor: string | undefined;
        for (;;) {
          const step = await engine.query("functions:read", {
            order,
            size,
            ...(cursor !== undefined && { cursor }),
          }) as { ids: string[]; cursor?: string };
          if (step.ids.length === 0) break;
          ids.push(...step.ids);
          cursor = step.cursor;
        }
        assertEquals(ids, [...once, ...once], `${order}, steps of ${size}`);
      }
    }
  }));

Deno.test("a walk refuses a cursor that it did not make", () =>
  withEngine(async (engine) => {
    for (const cursor of ["", "{}", "[0,1]", "[0,null,1]", "[9,1,1]"]) {
      await assertRejects(
        () => engine.query("functions:read", { order: "asc", size: 1, cursor }),
        Error,
        "INVALID_CURSOR",
      );
    }
  }));

Deno.test("counters add up over their shards, and leave no row behind at zero", () =>
  withEngine(async (engine) => {
    const tally = (seed: string, by: number) =>
      engine.mutation("functions:tally", { seed, by });
    await tally("one", 2);
    await tally("another", 3);
    await tally("third", 1);
    assertEquals(await engine.query("functions:counted", {}), [6, 6, 0, 3]);
    await tally("another", -3);
    assertEquals(await engine.query("functions:counted", {}), [3, 3, 0, 3]);
    await tally("one", -2);
    assertEquals(await tally("third", -1), 0);
    assertEquals(await engine.query("functions:counted", {}), [0, 0, 0, 0]);
  }));
