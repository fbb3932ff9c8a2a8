import {
  answerNodeRequest,
  type NodeRequest,
  type NodeResponse,
} from "./node_http.ts";
import { checkMethod, checkServer } from "../check_options.ts";
import type { ConvexServer } from "../server.ts";
import type { SyncOrigin } from "../sync/sync_requests.ts";

/** The part of `http.Server` of `node:http` that is used. */
export interface NodeServer {
  /** Adds a listener for requests. */
  on(
    event: "request",
    listener: (request: NodeRequest, response: NodeResponse) => void,
  ): unknown;
  /** Adds a listener for upgrade requests. */
  on(
    event: "upgrade",
    listener: (
      request: NodeRequest,
      socket: NodeSocket,
      head: Uint8Array,
    ) => void,
  ): unknown;
  /** Whether a request gets an `upgrade` event, instead of a `request` event. Node 20 may not have it. */
  shouldUpgradeCallback?(request: NodeRequest): boolean;
}

/** The part of a `net.Socket` that is used. */
export interface NodeSocket {
  /** Writes the last bytes, and calls `done` when they are flushed. */
  end(text: string, done: () => void): unknown;
  /** Closes the connection at once. */
  destroy(): unknown;
  /** Adds a listener. */
  on(event: "error", listener: () => void): unknown;
}

/** The part of a `WebSocket` of the package `ws` that is used. */
export interface WsSocket {
  /** Sends a text frame. */
  send(text: string): void;
  /** Begins the closing handshake. */
  close(code?: number, reason?: string): void;
  /** Closes the connection at once. */
  terminate(): void;
  /** Sends a ping. */
  ping(): void;
  /** Unsent bytes. */
  readonly bufferedAmount: number;
  /** 1: open. */
  readonly readyState: number;
  /** Adds a listener. */
  on(
    event: "message",
    listener: (data: { toString(): string }, isBinary: boolean) => void,
  ): unknown;
  /** Adds a listener. */
  on(event: "close" | "error" | "pong", listener: () => void): unknown;
}

/** The part of a `WebSocketServer` of the package `ws` that is used. */
export interface WsServer {
  /** Upgrades a request to a WebSocket. */
  handleUpgrade(
    request: never,
    socket: never,
    head: never,
    done: (socket: WsSocket) => void,
  ): void;
}

const OPEN = 1;
const PING_MS = 5000;
/** Silence after which a client is disconnected, in ms. */
const MAX_SILENCE_MS = 120_000;

/**
 * Serves on your `node:http` server and your `WebSocketServer` of the package `ws`. Choosing the port, and closing
 * both, is up to you. Clients are pinged every 5 s, and disconnected after two minutes of silence.
 *
 * @throws {TypeError} An argument is something else.
 *
 * @example
 * ```ts
 * import { once } from "node:events";
 * import { createServer } from "node:http";
 * import { WebSocketServer } from "ws";
 * import { openEngine } from "@cortex/memory/embedded";
 * import { createConvexServer, serveNode } from "@cortex/memory/server";
 *
 * const server = createConvexServer(openEngine({ modules: {} }));
 * const http = createServer();
 * serveNode(server, http, new WebSocketServer({ noServer: true, maxPayload: 32 * 1024 * 1024 }));
 * await once(http.listen(0, "127.0.0.1"), "listening"); // or a port of your choice
 * http.close();
 * ```
 */
export function serveNode(
  server: ConvexServer,
  http: NodeServer,
  webSockets: WsServer,
): void {
  checkServer("serveNode", server);
  checkMethod("serveNode", "http", http, "on");
  checkMethod("serveNode", "webSockets", webSockets, "handleUpgrade");
  http.on("request", (request, response) => {
    answerNodeRequest(request, response, server.handle);
  });
  upgradeWebSocketsOnly(http);
  http.on("upgrade", (request, socket, head) => {
    // Without a listener, a client that disconnects during the handshake would end the process.
    socket.on("error", () => socket.destroy());
    const url = `http://localhost${request.url ?? "/"}`;
    const isSync = URL.canParse(url) &&
      server.wantsSync(
        new Request(url, { headers: { upgrade: "websocket" } }),
      );
    if (!isSync) {
      // Otherwise the client could keep its half of the connection open.
      socket.end(
        "HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n",
        () => socket.destroy(),
      );
      return;
    }
    webSockets.handleUpgrade(
      request as never,
      socket as never,
      head as never,
      (webSocket) =>
        serveSocket(server, url, webSocket, {
          ip: request.socket?.remoteAddress,
          userAgent: request.headers["user-agent"]?.toString(),
        }),
    );
  });
}

/**
 * Answers requests that offer another protocol by HTTP/1.1, as the offer may be ignored: clients in Java offer HTTP/2
 * (`h2c`) with their first request.
 */
function upgradeWebSocketsOnly(http: NodeServer): void {
  const before = http.shouldUpgradeCallback;
  if (before === undefined) return;
  http.shouldUpgradeCallback = (request) =>
    /websocket/i.test(request.headers.upgrade?.toString() ?? "") &&
    before.call(http, request);
}

function serveSocket(
  server: ConvexServer,
  url: string,
  webSocket: WsSocket,
  origin: SyncOrigin,
): void {
  let heardMs = Date.now();
  const connection = server.connect(url, {
    send: (text) => {
      if (webSocket.readyState === OPEN) webSocket.send(text);
    },
    close: (code, reason) => webSocket.close(code, reason),
    terminate: () => webSocket.terminate(),
    bufferedBytes: () => webSocket.bufferedAmount,
  }, origin);
  const pinger = setInterval(() => {
    if (Date.now() - heardMs > MAX_SILENCE_MS) webSocket.terminate();
    else if (webSocket.readyState === OPEN) webSocket.ping();
  }, PING_MS);
  const end = () => {
    clearInterval(pinger);
    connection.closed();
  };
  webSocket.on("message", (data, isBinary) => {
    heardMs = Date.now();
    connection.receive(isBinary ? new Uint8Array() : data.toString());
  });
  webSocket.on("pong", () => heardMs = Date.now());
  webSocket.on("close", end);
  // Without a listener, an error would end the process. It is followed by `close`.
  webSocket.on("error", end);
}
