import { checkServer } from "../check_names.ts";
import type { ConvexServer, SyncClient } from "../server.ts";
import type { SyncSocket } from "../sync/sync_services.ts";
import { notUpgraded } from "./web_socket.ts";

/** What the request of a socket has said. */
export interface BunSocketData {
  /** Its URL. */
  url: string;
  /** What the client said of itself. */
  userAgent: string | null;
  /** The address that it connected from. */
  ip: string | undefined;
  /** What serves it. */
  connection?: SyncClient;
  /** Frames that wait until Bun has sent what it holds. */
  outbox?: BunOutbox;
}

/** What keeps the frames of a socket in their order. */
export interface BunOutbox extends SyncSocket {
  /** Told that Bun has sent what it held. */
  drained(): void;
}

/** The part of Bun's `Server` that is used. */
export interface BunServer {
  /** Makes a WebSocket of a request. */
  upgrade(request: Request, options: { data: unknown }): boolean;
  /** Where a request came from. */
  requestIP?(request: Request): { address: string } | null;
}

/** The part of Bun's `ServerWebSocket` that is used. */
export interface BunSocket {
  /** What the upgrade gave it. */
  data: BunSocketData;
  /** Sends a text frame; -1: it waits in Bun's memory, 0: it was dropped, as over 16 MiB wait there already. */
  send(text: string): number;
  /** Begins the closing handshake. */
  close(code?: number, reason?: string): void;
  /** Hangs up. */
  terminate(): void;
  /** Bytes that wait to be sent. */
  getBufferedAmount?(): number;
}

/** Handlers to spread into the options of `Bun.serve`. */
export interface BunHandlers {
  /** Answers requests, and has Bun upgrade those of the sync protocol. */
  fetch(
    request: Request,
    bun: BunServer,
  ): Response | Promise<Response> | undefined;
  /** Largest body that Bun lets in, in bytes. */
  maxRequestBodySize: number;
  /** Handlers of the sockets. */
  websocket: {
    /** Silence after which a client is given up, in seconds; Bun pings on its own. */
    idleTimeout: number;
    /** Largest frame, in bytes. */
    maxPayloadLength: number;
    /** Takes a new socket. */
    open(socket: BunSocket): void;
    /** Takes a frame. */
    message(socket: BunSocket, frame: string | Uint8Array): void;
    /** Told that what Bun holds of a socket is sent. */
    drain(socket: BunSocket): void;
    /** Takes the end of a socket. */
    close(socket: BunSocket): void;
  };
}

const IDLE_TIMEOUT_S = 120;
/** Above every bound of the server, which says what is wrong with longer bodies, where Bun would only hang up. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Returns handlers for `Bun.serve`.
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
 * The frames of a socket, in their order. Bun drops what would wait beside 16 MiB, so one frame waits there, and the
 * others here.
 */
class Outbox implements BunOutbox {
  readonly #socket: BunSocket;
  #isBlocked = false;
  #frames: string[] = [];
  #bytes = 0;
  /** How the socket is closed once they are sent. */
  #end: [code: number, reason: string] | undefined;

  constructor(socket: BunSocket) {
    this.#socket = socket;
  }

  send(text: string): void {
    if (!this.#isBlocked) return this.#pass(text);
    this.#frames.push(text);
    this.#bytes += text.length;
  }

  close(code: number, reason: string): void {
    if (!this.#isBlocked) return this.#socket.close(code, reason);
    this.#end = [code, reason];
  }

  bufferedBytes(): number {
    return this.#bytes + (this.#socket.getBufferedAmount?.() ?? 0);
  }

  drained(): void {
    this.#isBlocked = false;
    while (!this.#isBlocked) {
      const text = this.#frames.shift();
      if (text === undefined) break;
      this.#bytes -= text.length;
      this.#pass(text);
    }
    if (!this.#isBlocked && this.#end) this.#socket.close(...this.#end);
  }

  #pass(text: string): void {
    const sent = this.#socket.send(text);
    this.#isBlocked = sent === -1;
    // A client that misses a frame would wait for it for ever: it comes again, and asks again.
    if (sent === 0) this.#socket.terminate();
  }
}
