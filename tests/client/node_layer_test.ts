import { assertEquals } from "@std/assert";
import { AsyncConvexClient } from "../../mod.ts";

Deno.test("calls over HTTP leave alone `process`, for which Deno would load its Node layer", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      await request.body?.cancel();
      return Response.json({ status: "success", value: 1, logLines: [] });
    },
  );
  const before = Object.getOwnPropertyDescriptor(globalThis, "process")!;
  let count = 0;
  Object.defineProperty(globalThis, "process", {
    configurable: true,
    get() {
      count++;
      return undefined;
    },
  });
  try {
    await using client = AsyncConvexClient.http(
      `http://127.0.0.1:${server.addr.port}`,
    );
    const { signal } = new AbortController();
    for (const options of [{}, { signal }, { timeoutMs: 1000 }]) {
      assertEquals(await client.query("any:thing", {}, options), 1);
    }
  } finally {
    Object.defineProperty(globalThis, "process", before);
    await server.shutdown();
  }
  assertEquals(count, 0);
});
