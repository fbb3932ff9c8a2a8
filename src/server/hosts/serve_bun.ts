import { checkServer } from "../check_options.ts";
import type { ConvexServer, SyncClient } from "../server.ts";
import type { SyncSocket } from "../sync/sync_services.ts";
import { FrameOutbox } from "./frame_outbox.ts";
import { notUpgraded } from "./web_socket.ts";

/** Data of a socket. */
export interface BunSocketData {
  /** URL of its request. */
  url: string;
  /** The client's `User-Agent`. */
  userAgent: string | null;
  /** The client's address. */
  ip: string | undefined;
  /** Its connection. */
  connection?: SyncClient;
  /** Its outgoing frames. */
  outbox?: BunOutbox;
}

/** Queues the outgoing frames of a socket. */
export interface BunOutbox extends SyncSocket {
  /** Call this when Bun has sent its buffer. */
  drained(): void;
}

/** The part of Bun's `Server` that is used. */
export interface BunServer {
  /** Upgrades a request to a WebSocket. */
  upgrade(request: Request, options: { data: unknown }): boolean;
  /** The sender's address. */
  requestIP?(request: Request): { address: string } | null;
}

/** The part of Bun's `ServerWebSocket` that is used. */
export interface BunSocket {
  /** Data passed to `upgrade`. */
  data: BunSocketData;
  /**
   * Sends a text frame. Returns -1 if Bun has buffered it, and 0 if it was dropped because over 16 MiB are buffered
   * already.
   */
  send(text: string): number;
  /** Begins the closing handshake. */
  close(code?: number, reason?: string): void;
  /** Closes the connection at once. */
  terminate(): void;
  /** Unsent bytes. */
  getBufferedAmount?(): number;
}

/** Handlers to spread into the options of `Bun.serve`. */
export interface BunHandlers {
  /** Answers requests, and upgrades those of the sync protocol. */
  fetch(
    request: Request,
    bun: BunServer,
  ): Response | Promise<Response> | undefined;
  /** Largest body that Bun accepts, in bytes. */
  maxRequestBodySize: number;
  /** Handlers of the sockets. */
  websocket: {
    /** Silence after which a client is disconnected, in seconds. Bun sends pings itself. */
    idleTimeout: number;
    /** Largest frame, in bytes. */
    maxPayloadLength: number;
    /** Handles a new socket. */
    open(socket: BunSocket): void;
    /** Handles a frame. */
    message(socket: BunSocket, frame: string | Uint8Array): void;
    /** Called when Bun has sent a socket's buffer. */
    drain(socket: BunSocket): void;
    /** Handles the end of a socket. */
    close(socket: BunSocket): void;
  };
}

const IDLE_TIMEOUT_S = 120;
/** Above every limit of the server, which answers longer bodies with an error, while Bun would just disconnect. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Returns handlers for `Bun.serve`, to be spread into its options. Bun pings the clients itself.
 *
 * @throws {TypeError} What is given is no server of `createConvexServer`.
 *
 * @example
 * ```ts
 * import { openEngine } from "@cortex/memory/embedded";
 * import { bunHandlers, createConvexServer } from "@cortex/memory/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = openEngine({ modules: {} });
 * const handlers = bunHandlers(createConvexServer(engine));
 * // On Bun: Bun.serve({ port: 3210, hostname: "127.0.0.1", ...handlers });
 * const bun = { upgrade: () => false }; // stands for what Bun.serve returns
 * const response = await handlers.fetch(new Request("http://127.0.0.1:3210/version"), bun);
 * assertEquals(response?.status, 200);
 * ```
 */
export function bunHandlers(server: ConvexServer): BunHandlers {
  checkServer("bunHandlers", server);
  return {
    fetch(request, bun) {
      const ip = bun.requestIP?.(request)?.address;
      if (!server.wantsSync(request)) return server.handle(request, { ip });
      const userAgent = request.headers.get("user-agent");
      const data: BunSocketData = { url: request.url, userAgent, ip };
      if (bun.upgrade(request, { data })) return undefined;
      return notUpgraded();
    },
    maxRequestBodySize: MAX_BYTES,
    websocket: {
      idleTimeout: IDLE_TIMEOUT_S,
      maxPayloadLength: MAX_BYTES,
      open(socket) {
        const outbox = new Outbox(socket);
        socket.data.outbox = outbox;
        socket.data.connection = server.connect(
          socket.data.url,
          outbox,
          socket.data,
        );
      },
      drain: (socket) => socket.data.outbox?.drained(),
      message: (socket, frame) => socket.data.connection?.receive(frame),
      close: (socket) => socket.data.connection?.closed(),
    },
  };
}

/**
 * Queues the outgoing frames of a socket. Bun drops frames once it has buffered 16 MiB, so at most one is left to Bun's
 * buffer, and the others wait here.
 */
class Outbox implements BunOutbox {
  readonly #socket: BunSocket;
  readonly #frames: FrameOutbox = new FrameOutbox((frame) => this.#pass(frame));

  constructor(socket: BunSocket) {
    this.#socket = socket;
  }

  send(text: string): void {
    this.#frames.send(text);
  }

  close(code: number, reason: string): void {
    this.#frames.afterwards(() => this.#socket.close(code, reason));
  }

  terminate(): void {
    this.#frames.clear();
    this.#socket.terminate();
  }

  bufferedBytes(): number {
    return this.#frames.length + (this.#socket.getBufferedAmount?.() ?? 0);
  }

  drained(): void {
    this.#frames.drained();
  }

  #pass(text: string): boolean {
    const sent = this.#socket.send(text);
    // The frame was dropped, and the client would wait for it for ever. Disconnected, it reconnects and asks again.
    if (sent === 0) this.#socket.terminate();
    return sent !== -1;
  }
}
