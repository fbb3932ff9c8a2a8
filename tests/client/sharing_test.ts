import { assertEquals } from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { fakeDeployment } from "../../src/testing/client/http_fake.ts";
import { pause } from "../../src/testing/support/pause.ts";

Deno.test("a query waits for no equal one of less priority", async () => {
  const answer = { status: "success", value: null };
  const { fetch, sent } = fakeDeployment(async ({ body }) => {
    await pause(10);
    return body.queries
      ? Response.json({ results: body.queries.map(() => answer) })
      : Response.json(answer);
  });
  await using client = AsyncConvexClient.http("https://x.test", {
    fetch,
    maxInFlight: 1,
  });
  const first = client.action("a:first");
  while (sent.length === 0) await pause(1);
  await Promise.all([
    first,
    client.query("a:same", {}, { priority: -1 }),
    client.action("a:other"),
    client.query("a:same", {}, { priority: 1 }),
    // These wait for that one.
    client.query("a:same", {}, { priority: 1 }),
    client.query("a:same"),
  ]);
  assertEquals(sent.map(({ body }) => body.path ?? body.queries?.length), [
    "a:first",
    2,
    "a:other",
  ]);
});
