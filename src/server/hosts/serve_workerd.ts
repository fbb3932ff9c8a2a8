import { checkServer } from "../check_options.ts";
import type { ConvexServer } from "../server.ts";
import { serveWebSocket, type StandardWebSocket } from "./web_socket.ts";

/** Workerd's `WebSocketPair`: the client's end and ours. */
interface WebSocketPair {
  0: StandardWebSocket;
  1: StandardWebSocket & { accept(): void };
}

/**
 * Returns a `fetch` handler for workerd: for a Worker, or for the Durable Object that holds the engine.
 *
 * The sockets live as long as the object is in memory; a client whose object was evicted reconnects and continues.
 *
 * @throws {TypeError} What is given is no server of `createConvexServer`.
 *
 * @example
 * ```ts
 * import { openEngine } from "@cortex/memory/embedded";
 * import { createConvexServer, workerdHandler } from "@cortex/memory/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = openEngine({ modules: {} });
 * const handler = workerdHandler(createConvexServer(engine));
 * // In the worker: export default { fetch: handler };
 * const response = await handler(new Request("http://localhost/version"));
 * assertEquals(response.status, 200);
 * ```
 */
export function workerdHandler(
  server: ConvexServer,
): (request: Request) => Response | Promise<Response> {
  checkServer("workerdHandler", server);
  const { WebSocketPair } = globalThis as unknown as {
    WebSocketPair: new () => WebSocketPair;
  };
  return (request) => {
    const ip = request.headers.get("cf-connecting-ip") ?? undefined;
    if (!server.wantsSync(request)) return server.handle(request, { ip });
    const { 0: client, 1: own } = new WebSocketPair();
    own.accept();
    const userAgent = request.headers.get("user-agent");
    serveWebSocket(server, request.url, own, { ip, userAgent });
    const init: ResponseInit & { webSocket: StandardWebSocket } = {
      status: 101,
      webSocket: client,
    };
    return new Response(null, init);
  };
}
