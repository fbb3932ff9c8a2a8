/** Connections that a host keeps open may all be dead, as after a restart of what is between it and a deployment. */
import { assertEquals } from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";

/** Connections that are open at the same time; more than a query has attempts. */
const CONNECTIONS = 8;
/** Longer than what a connection's buffers hold, so that the answer goes on after its headers. */
const LONG = "x".repeat(4 * 1024 * 1024);

Deno.test("a query is made again over a new connection, however many have died", async () => {
  await using server = listen();
  await using client = AsyncConvexClient.http(server.url, {
    retry: { minDelayMs: 1 },
    workers: "never",
  });
  const warm = Array.from(
    { length: CONNECTIONS },
    (_, index) => client.action("a:warm", { index }),
  );
  assertEquals(await Promise.all(warm), Array(CONNECTIONS).fill("warm"));
  server.answer = LONG;
  assertEquals(await client.query("a:long"), LONG);
  assertEquals(server.broken, 1);
});

/** Answers one request of each connection, the first ones once all are there; another breaks the connection. */
function listen() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const all = Promise.withResolvers<void>();
  const { port } = listener.addr as Deno.NetAddr;
  const open = new Set<Deno.Conn>();
  const server = {
    url: `http://127.0.0.1:${port}`,
    answer: "warm",
    /** Requests that broke their connection. */
    broken: 0,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) connection.close();
      await accepting;
    },
  };
  let opened = 0;
  const serve = async (connection: Deno.Conn) => {
    const request = new Uint8Array(4096);
    open.add(connection);
    await connection.read(request);
    if (++opened === CONNECTIONS) all.resolve();
    await all.promise;
    const body = JSON.stringify({ status: "success", value: server.answer });
    const head = [
      "HTTP/1.1 200 OK",
      "content-type: application/json",
      `content-length: ${body.length}`,
    ];
    const writer = connection.writable.getWriter();
    await writer.write(
      new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n${body}`),
    );
    writer.releaseLock();
    if (await connection.read(request)) server.broken++;
    open.delete(connection);
    connection.close();
  };
  const accepting = (async () => {
    const served: Promise<void>[] = [];
    for await (const connection of listener) {
      served.push(serve(connection).catch(() => {}));
    }
    await Promise.all(served);
  })();
  return server;
}
