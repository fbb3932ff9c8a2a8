/** A batch of queries is of one state, and holds no more of their results at once than a process has room for. */
import { assertEquals } from "@std/assert";
import { mutationGeneric, queryGeneric } from "convex/server";
import { openEngine } from "../../src/embedded/mod.ts";
import { createConvexServer } from "../../src/server/server.ts";
import { pause } from "../../src/testing/support/pause.ts";

let running = 0;
let mostRunning = 0;
const modules = {
  "rows.ts": {
    add: mutationGeneric({
      handler: async ({ db }) => void await db.insert("rows", {}),
    }),
    count: queryGeneric({
      handler: async ({ db }) => {
        mostRunning = Math.max(mostRunning, ++running);
        const rows = await db.query("rows").collect();
        running--;
        return rows.length;
      },
    }),
    long: queryGeneric({ handler: () => "x".repeat(15 << 20) }),
  },
};

/** Asks for one query many times. */
async function ask(path: string, count: number) {
  await using engine = openEngine({ modules });
  const { handle } = createConvexServer(engine);
  const queries = Array(count).fill({ path, args: {} });
  const write = async () => {
    for (let i = 0; i < 100; i++) await engine.run("mutation", "rows:add", {});
  };
  // The first is on its way when the batch begins, and comes before its queries.
  const writing = write();
  const response = await handle(
    new Request("http://127.0.0.1/api/query_batch", {
      method: "POST",
      body: JSON.stringify({ queries }),
    }),
  );
  await writing;
  return { status: response.status, json: await response.json() };
}

Deno.test("a long batch of queries runs few at once, all on the state in which it began", async () => {
  const { status, json } = await ask("rows:count", 400);
  assertEquals(status, 200);
  const values = json.results.map(({ value }: { value: number }) => value);
  assertEquals(values, Array(400).fill(values[0]));
  assertEquals(mostRunning <= 64, true, `${mostRunning} ran at once`);
});

Deno.test("a batch whose results are too long together is refused", async () => {
  const { status, json } = await ask("rows:long", 5);
  assertEquals([status, json], [413, {
    code: "BatchTooLarge",
    message:
      "The results of a batch must have at most 67108864 characters together",
  }]);
});

Deno.test("a batch is of one state when the module of a query is loaded for it", async () => {
  const { add, count } = modules["rows.ts"];
  const gate = Promise.withResolvers<{ count: unknown }>();
  await using engine = openEngine({
    modules: { "rows.ts": { add, count }, "late.ts": () => gate.promise },
  });
  const { handle } = createConvexServer(engine);
  const queries = ["rows:count", "late:count"].map((path) => ({
    path,
    args: {},
  }));
  const answering = handle(
    new Request("http://127.0.0.1/api/query_batch", {
      method: "POST",
      body: JSON.stringify({ queries }),
    }),
  );
  // The first query has run by then.
  await pause(5);
  await engine.run("mutation", "rows:add", {});
  gate.resolve({ count });
  const { results } = await (await answering).json();
  const values = results.map(({ value }: { value: number }) => value);
  assertEquals(values, [0, 0]);
});
