import { checkMethod } from "../check_names.ts";
import type { ConvexServer } from "../server.ts";
import type { SyncOrigin } from "../sync/sync_requests.ts";

/** The part of a standard `WebSocket` that is used, as in Deno and workerd. */
export interface StandardWebSocket {
  /** Sends a text frame. */
  send(text: string): void;
  /** Begins the closing handshake. */
  close(code?: number, reason?: string): void;
  /** Unsent bytes. */
  readonly bufferedAmount?: number;
  /** 1: open. */
  readonly readyState: number;
  /** Adds a listener. */
  addEventListener(
    type: "message",
    listener: (event: { data: unknown }) => void,
  ): void;
  /** Adds a listener. */
  addEventListener(
    type: "close" | "error" | "open",
    listener: () => void,
  ): void;
}

const OPEN = 1;

/** The answer to an upgrade request with wrong or missing headers. */
export function notUpgraded(): Response {
  return new Response("This request cannot become a WebSocket", {
    status: 400,
  });
}

/**
 * Serves a client over a standard WebSocket into which a request for `url` was upgraded.
 *
 * @example
 * ```ts
 * import { openEngine } from "@cortex/memory/embedded";
 * import { createConvexServer, serveWebSocket } from "@cortex/memory/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = openEngine({ modules: {} });
 * const server = createConvexServer(engine);
 * // What your host made of the request, such as `Deno.upgradeWebSocket(request).socket`
 * const socket = { readyState: 1, send: () => {}, close: () => {}, addEventListener: () => {} };
 * serveWebSocket(server, "http://localhost/api/1.30.0/sync", socket);
 * assertEquals(server.connections, 1);
 * server.close();
 * ```
 */
export function serveWebSocket(
  server: ConvexServer,
  url: string,
  webSocket: StandardWebSocket,
  origin: SyncOrigin = {},
): void {
  checkMethod("serveWebSocket", "server", server, "connect");
  for (const method of ["addEventListener", "send", "close"]) {
    checkMethod("serveWebSocket", "webSocket", webSocket, method);
  }
  // Dropping frames while the socket is not open loses nothing, as the server says nothing before the client.
  const connection = server.connect(url, {
    send: (text) => {
      if (webSocket.readyState === OPEN) webSocket.send(text);
    },
    close: (code, reason) => webSocket.close(code, reason),
    bufferedBytes: () => webSocket.bufferedAmount ?? 0,
  }, origin);
  webSocket.addEventListener(
    "message",
    ({ data }) =>
      connection.receive(typeof data === "string" ? data : new Uint8Array()),
  );
  webSocket.addEventListener("close", () => connection.closed());
  webSocket.addEventListener("error", () => connection.closed());
}
