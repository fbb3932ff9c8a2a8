import { assert, assertEquals } from "@std/assert";
import { Cortex } from "../../mod.ts";
import { modules, schema } from "../../src/convex/index.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { createConvexServer } from "../../src/server/server.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { callCount, exchange } from "../bench/gather/workload.ts";
import { startLoopbackServer } from "../support/loopback_server.ts";

Deno.test("a hundred remembers at once are at most four requests in three waves", async () => {
  const engine = openEngine({ schema, modules, store: openMemoryStore() });
  await using server = await startLoopbackServer(
    createConvexServer(engine).handle,
    {
      delayMs: 20,
    },
  );
  await using cortex = new Cortex({ convexUrl: server.url });
  const results = await Promise.all(
    Array.from(
      { length: callCount },
      (_, i) => cortex.memory.remember(exchange("gather", i)),
    ),
  );
  assert(
    server.requests <= 4,
    `${server.requests} requests: ${server.paths.join(" ")}`,
  );
  assert(server.waves <= 3, `${server.waves} waves`);
  assertEquals(results.length, callCount);

  // Order within a conversation is call order.
  for (let c = 0; c < 10; c++) {
    const conversation = await cortex.conversations.get(`gather-${c}`);
    const said = conversation!.messages.filter(({ role }) => role === "user")
      .map(({ content }) => content);
    assertEquals(
      said,
      Array.from(
        { length: 10 },
        (_, k) => exchange("gather", c + 10 * k).userMessage,
      ),
    );
  }
  await engine.close();
});
