/** Warnings for functions that end near their limits. */
import { assertEquals } from "@std/assert";
import {
  makeFunctionReference,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { type EngineLimits, openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";

const HELP =
  "Consider using smaller limits in your queries, paginating your queries, or using indexed queries with a selective index range expressions.";
const add = makeFunctionReference<"mutation">("a:add");

const modules = {
  a: {
    add: mutationGeneric(
      async (ctx, args: { count: number; text?: string }) => {
        console.log("mine");
        const text = args.text ?? "";
        for (let at = 0; at < args.count; at++) {
          await ctx.db.insert("notes", { text });
        }
      },
    ),
    read: queryGeneric(async (ctx, { count }: { count: number }) => {
      await ctx.db.query("notes").take(count);
    }),
    get: queryGeneric(async (ctx, { count }: { count: number }) => {
      for (let at = 0; at < count; at++) {
        await ctx.db.query("none").first();
      }
      throw new Error("after all");
    }),
    schedule: mutationGeneric(async (ctx, args: { count: number }) => {
      for (let at = 0; at < args.count; at++) {
        await ctx.scheduler.runAfter(1e6, add, { count: 1, text: "x" });
      }
    }),
    nested: mutationGeneric(async (ctx, args: { count: number }) => {
      await ctx.runMutation(add, args);
    }),
  },
};

/** The warnings of a call within these limits. */
async function warnings(
  limits: Partial<EngineLimits>,
  kind: "query" | "mutation",
  name: string,
  args: { count: number; text?: string },
): Promise<string[]> {
  const engine = openEngine({ modules, store: openMemoryStore(), limits });
  await engine.mutation("a:add", { count: 5, text: "12345678" });
  const lines: string[] = [];
  engine.observe!(({ logLines }) => lines.push(...logLines));
  await engine[kind](`a:${name}`, args).catch(() => {});
  await engine.close();
  const [mine, ...rest] = lines;
  return mine === "[LOG] 'mine'" ? rest : lines;
}

Deno.test("a function that has used more than four fifths of a limit is warned", async () => {
  const cases = [
    ["documentsRead", 5, "query", "read", "documents read", HELP],
    ["databaseQueries", 5, "query", "get", "reads", HELP],
    ["documentsWritten", 10, "mutation", "add", "writes"],
    ["documentsWritten", 10, "mutation", "nested", "writes"],
  ] as const;
  for (const [limit, bound, kind, name, what, help] of cases) {
    const limits = { [limit]: bound };
    const near = bound * 0.8;
    assertEquals(await warnings(limits, kind, name, { count: near }), []);
    assertEquals(await warnings(limits, kind, name, { count: near + 1 }), [
      `[WARN] Many ${what} in a single function execution (actual: ${
        near + 1
      }, limit: ${bound})${help ? `. ${help}` : ""}`,
    ]);
  }
});

Deno.test("warnings state bytes, and what was scheduled", async () => {
  const text = "x".repeat(900);
  assertEquals(
    await warnings({ bytesWritten: 1100 }, "mutation", "add", {
      count: 1,
      text,
    }),
    ["[WARN] Many bytes written in a single function execution (actual: 970 bytes, limit: 1100 bytes)"],
  );
  assertEquals(
    await warnings({ bytesRead: 450 }, "query", "read", { count: 5 }),
    [
      `[WARN] Many bytes read in a single function execution (actual: 390 bytes, limit: 450 bytes). ${HELP}`,
    ],
  );
  assertEquals(
    await warnings(
      { functionsScheduled: 10, scheduledFunctionArgsBytes: 250 },
      "mutation",
      "schedule",
      { count: 9 },
    ),
    [
      "[WARN] Many functions scheduled by this mutation (actual: 9, limit: 10)",
      "[WARN] Large total size of the arguments of scheduled functions from this mutation (actual: 225 bytes, limit: 250 bytes)",
    ],
  );
});
