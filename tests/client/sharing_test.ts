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

Deno.test("a query shares no request that left before another was answered", async () => {
  let value = 1;
  const held = Promise.withResolvers<void>();
  const { fetch, sent } = fakeDeployment(async ({ endpoint, body }) => {
    const answer = { status: "success", value };
    // Its state is read now, though it comes late.
    if (body?.path === "a:list" && value === 1) await held.promise;
    return Response.json(
      endpoint.endsWith("batch")
        ? { results: [answer] }
        : { ...answer, ts: "AAAAAAAAAAA=" },
    );
  });
  const newer = {
    query: (client: AsyncConvexClient) => client.query("a:count"),
    queryBatch: (client: AsyncConvexClient) =>
      client.queryBatch([{ ref: "a:count" }]),
    consistentQuery: (client: AsyncConvexClient) =>
      client.consistentQuery("a:count"),
  };
  const shown = await Promise.all(
    Object.entries(newer).map(async ([name, ask]) => {
      await using client = AsyncConvexClient.http("https://x.test", { fetch });
      const first = client.query("a:list");
      while (sent.filter(({ body }) => body?.path === "a:list").length < 3) {
        await pause(1);
      }
      value = 2; // written by somebody else
      await ask(client);
      const late = client.query("a:list");
      await pause(5);
      held.resolve();
      return [name, await first, await late];
    }),
  );
  assertEquals(shown, Object.keys(newer).map((name) => [name, 1, 2]));
});
