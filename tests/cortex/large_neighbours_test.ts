/** Memories that are deleted after, or between, others as large as one call of the backend may read. */
import { assertEquals } from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { embeddedSource } from "../../src/client/sources/embedded_source.ts";
import { Cortex } from "../../src/cortex/cortex.ts";

const SPACE = "space";
const LARGE = "x".repeat(950_000);
const TIME = 1_700_000_000_000;

for (const api of ["vector", "memory"] as const) {
  for (const [others, versions] of [[4, 1], [3, 3]] as const) {
    Deno.test(`${api}.deleteMany() deletes ${others} large memories, and one of ${versions} versions from among large ones of the same time`, async () => {
      await using client = new AsyncConvexClient(
        embeddedSource({ kinds: ["inline"] }),
      );
      await using cortex = new Cortex({ client });
      const store = async (
        memoryId: string,
        userId: string,
        timestamp?: number,
      ) => {
        await cortex.vector.store(SPACE, {
          memoryId,
          content: "A note",
          contentType: "raw",
          userId,
          source: { type: "conversation", ...timestamp && { timestamp } },
          ...timestamp && {
            conversationRef: { conversationId: "conv", messageIds: [memoryId] },
          },
          metadata: { importance: 50, tags: [] },
        });
      };
      const update = async (memoryId: string, version = 0) => {
        const content = `Words ${version} of ${memoryId} ${LARGE}`;
        await cortex.vector.update(SPACE, memoryId, { content });
      };
      for (let at = 0; at < others; at++) await store(`alone-${at}`, "ann");
      for (let at = 0; at < 15; at++) {
        await store(`m-${at}`, at === 0 ? "ann" : "bob", TIME + +(at > 11));
      }
      for (let at = 0; at < others; at++) await update(`alone-${at}`);
      for (let at = 0; at < 15; at++) await update(`m-${at}`);
      for (let version = 1; version < versions; version++) {
        await update("m-0", version);
      }
      const { deleted } = await cortex[api].deleteMany({
        memorySpaceId: SPACE,
        userId: "ann",
      });
      assertEquals(deleted, others + 1);
      assertEquals(await cortex.vector.count({ memorySpaceId: SPACE }), 14);
    });
  }
}
