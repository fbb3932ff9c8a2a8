/** Memories of so many messages that what surrounds them is in more index ranges than one call of the backend reads. */
import { assert, assertEquals } from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { embeddedSource } from "../../src/client/sources/embedded_source.ts";
import { Cortex } from "../../src/cortex/cortex.ts";

Deno.test("memories of twenty messages each are searched, recalled and listed with them", async () => {
  await using client = new AsyncConvexClient(
    embeddedSource({ kinds: ["inline"] }),
  );
  await using cortex = new Cortex({ client });
  const memorySpaceId = "space";
  const conversationId = "conv";
  await cortex.conversations.create({
    conversationId,
    memorySpaceId,
    type: "user-agent",
    participants: { userId: "ann", agentId: "bot" },
  });
  const messageIds = Array.from({ length: 20 }, (_, at) => `m-${at}`);
  for (const id of messageIds) {
    const message = { id, role: "user", content: "Hello" } as const;
    await cortex.conversations.addMessage({ conversationId, message });
  }
  await Promise.all(
    Array.from({ length: 300 }, (_, at) =>
      cortex.vector.store(memorySpaceId, {
        content: `Apples are on shelf ${at}`,
        contentType: "summarized",
        source: { type: "system" },
        conversationRef: { conversationId, messageIds },
        metadata: { importance: 50, tags: [] },
      })),
  );
  const hits = await cortex.memory.search(memorySpaceId, "apples", {
    enrichConversation: true,
    limit: 300,
  });
  assertEquals(hits.length, 300);
  for (const { sourceMessages } of hits.slice(0, 40)) {
    assertEquals(sourceMessages?.length, 20);
  }
  const { items } = await cortex.memory.recall({
    memorySpaceId,
    query: "apples",
    limit: 300,
    includeConversation: true,
  });
  assert(items.length > 100);
  const list = { memorySpaceId, enrichFacts: true, limit: 300 } as const;
  assertEquals((await cortex.memory.list(list)).length, 300);
});
