import { checkMethod } from "../check_options.ts";
import { FrameOutbox } from "./frame_outbox.ts";
import type { ConvexServer } from "../server.ts";
import type { SyncOrigin } from "../sync/sync_requests.ts";
import type { SyncSocket } from "../sync/sync_services.ts";

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
/** Unsent bytes above which a socket gets no more frames. */
const HANDED_BYTES = 256 * 1024;
/** How long it takes until it is looked whether they have been sent, at first and at most, in ms. */
const MIN_LOOK_MS = 4;
const MAX_LOOK_MS = 250;

/** The answer to an upgrade request with wrong or missing headers. */
export function notUpgraded(): Response {
  return new Response("This request cannot become a WebSocket", {
    status: 400,
  });
}

/**
 * Serves a client over a standard WebSocket into which a request for `url` was upgraded. Call it in the same tick, or
 * frames may be lost.
 *
 * @param origin Where the client connects from, for `ctx.meta`. Default: unknown.
 * @throws {TypeError} An argument is something else.
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
  const socket = new Sender(webSocket);
  const connection = server.connect(url, socket, origin);
  webSocket.addEventListener(
    "message",
    ({ data }) =>
      connection.receive(typeof data === "string" ? data : new Uint8Array()),
  );
  const end = () => {
    socket.ended();
    connection.closed();
  };
  webSocket.addEventListener("close", end);
  webSocket.addEventListener("error", end);
}

/**
 * Sends the frames of a socket. A standard socket cannot be closed before it has sent what was given to it, so it gets
 * little at once, and the rest waits here.
 */
class Sender implements SyncSocket {
  readonly #webSocket: StandardWebSocket;
  readonly #frames: FrameOutbox = new FrameOutbox((frame) => this.#pass(frame));
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(webSocket: StandardWebSocket) {
    this.#webSocket = webSocket;
  }

  send(text: string): void {
    this.#frames.send(text);
  }

  close(code: number, reason: string): void {
    this.#frames.afterwards(() => this.#webSocket.close(code, reason));
  }

  terminate(): void {
    this.ended();
    this.#webSocket.close(1013, "UnreadMessages");
  }

  bufferedBytes(): number {
    return this.#frames.length + (this.#webSocket.bufferedAmount ?? 0);
  }

  /** The socket is closed. */
  ended(): void {
    clearTimeout(this.#timer);
    this.#frames.clear();
  }

  #pass(frame: string): boolean {
    // Dropping frames while the socket is not open loses nothing, as the server says nothing before the client.
    if (this.#webSocket.readyState === OPEN) this.#webSocket.send(frame);
    if (!this.#isFull()) return true;
    this.#look(MIN_LOOK_MS);
    return false;
  }

  #isFull(): boolean {
    return (this.#webSocket.bufferedAmount ?? 0) > HANDED_BYTES;
  }

  #look(afterMs: number): void {
    this.#timer = setTimeout(() => {
      if (!this.#isFull()) return this.#frames.drained();
      this.#look(Math.min(2 * afterMs, MAX_LOOK_MS));
    }, afterMs);
  }
}
