/** An engine that is given where a client is asked for. */
import { assertEquals } from "@std/assert";
import { AsyncConvexClient, Cortex } from "../../mod.ts";
import { modules, schema } from "../../src/convex/index.ts";
import { openEngine } from "../../src/embedded/mod.ts";

const pens = { namespace: "stock", key: "pens" };

Deno.test("a client can be made over an engine", async () => {
  await using engine = openEngine({ schema, modules });
  const client = new AsyncConvexClient(engine);
  await client.mutation("mutable:set", { ...pens, value: 3 });
  const row = await client.query("mutable:get", pens) as { value: number };
  assertEquals(row.value, 3);
});

Deno.test("a Cortex can be made over an engine", async () => {
  await using engine = openEngine({ schema, modules });
  const cortex = new Cortex({ client: engine });
  await cortex.mutable.set("stock", "pens", 3);
  const twice = { idempotencyKey: "one" };
  for (const by of [1, 1]) {
    await cortex.mutable.increment("stock", "pens", by, twice);
  }
  assertEquals(await cortex.mutable.get("stock", "pens"), 4);
});

Deno.test("an idempotency key given to an engine is sent as the argument", async () => {
  await using engine = openEngine({ schema, modules });
  const add = () =>
    engine.mutation("mutable:set", { ...pens, value: 1 }, {
      idempotencyKey: "k",
    } as never);
  await add();
  await engine.mutation("mutable:set", { ...pens, value: 2 });
  await add();
  const row = await engine.query("mutable:get", pens) as { value: number };
  assertEquals(row.value, 2);
});
