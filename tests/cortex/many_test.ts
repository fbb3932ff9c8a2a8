/** Ten thousand exchanges at once (a share of them by default): nothing lost, nothing hung, batches bounded. */
import { assert, assertEquals } from "@std/assert";
import { Cortex } from "../../mod.ts";
import { modules, schema } from "../../src/convex/index.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { createConvexServer } from "../../src/server/server.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { startLoopbackServer } from "../support/loopback_server.ts";
import { testScale } from "../support/test_env.ts";

const CALLS = Math.ceil(10_000 * testScale());
const CONVERSATIONS = 50;
/**
 * Least average number of calls per batch when many wait: a batch has at most 64, and a conversation is not divided.
 */
const MIN_BATCH = 20;

async function rememberMany(cortex: Cortex): Promise<void> {
  const results = await Promise.all(
    Array.from({ length: CALLS }, (_, at) =>
      cortex.memory.remember({
        memorySpaceId: "space",
        conversationId: `conv-${at % CONVERSATIONS}`,
        agentId: "helper",
        userMessage: `Where is parcel${at}?`,
        agentResponse: `Parcel number ${at} lies in locker${at}.`,
      })),
  );
  assertEquals(
    results.filter(({ memories }) => memories.length === 2).length,
    CALLS,
  );
  for (let at = 0; at < CONVERSATIONS; at++) {
    const found = await cortex.conversations.get(`conv-${at}`);
    const asked = found!.messages.filter(({ role }) => role === "user")
      .map(({ content }) => content);
    const expected = Array.from(
      { length: Math.ceil((CALLS - at) / CONVERSATIONS) },
      (_, turn) => `Where is parcel${at + turn * CONVERSATIONS}?`,
    );
    assertEquals(asked, expected, `conv-${at} is in call order`);
  }
  const { items } = await cortex.memory.recall({
    memorySpaceId: "space",
    query: `locker${CALLS - 1}`,
  });
  assert(items[0]!.content.includes(`locker${CALLS - 1}.`));
}

Deno.test("thousands of remembers at once, embedded: all are there, in order", async () => {
  await using cortex = new Cortex();
  await rememberMany(cortex);
  assertEquals(cortex.stats().calls, CALLS + CONVERSATIONS + 1);
});

Deno.test("thousands of remembers at once, over HTTP: few requests of bounded size", async () => {
  const engine = openEngine({ schema, modules, store: openMemoryStore() });
  const handler = createConvexServer(engine).handle;
  let maxBytes = 0;
  await using server = await startLoopbackServer(async (request) => {
    const body = await request.text();
    maxBytes = Math.max(maxBytes, body.length);
    return await handler(new Request(request, { body }));
  });
  await using cortex = new Cortex({ convexUrl: server.url });
  await rememberMany(cortex);
  const writes = server.paths.filter((path) => path === "/api/mutation").length;
  assert(
    writes <= CALLS / MIN_BATCH + 1,
    `${writes} requests of ${CALLS} calls`,
  );
  assert(maxBytes < 4 * 1024 * 1024, `a request of ${maxBytes} bytes`);
  await engine.close();
});
