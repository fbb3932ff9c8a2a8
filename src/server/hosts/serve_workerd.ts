import { checkServer } from "../check_names.ts";
import type { ConvexServer } from "../server.ts";
import { serveWebSocket, type StandardWebSocket } from "./web_socket.ts";

/** What workerd's `WebSocketPair` gives: the client's end and ours. */
interface WebSocketPair {
  0: StandardWebSocket;
  1: StandardWebSocket & { accept(): void };
}

/**
 * Returns a `fetch` handler for workerd: for a Worker, or for the Durable Object that holds the engine.
 *
 * The sockets live as long as the object is in memory; a client whose object was evicted reconnects and continues.
 *
 * ```ts ignore -- needs workerd
 * export class Backend extends DurableObject {
 *   #fetch = workerdHandler(createConvexServer(openEngine(…)));
 *   fetch(request: Request) {
 *     return this.#fetch(request);
 *   }
 * }
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
