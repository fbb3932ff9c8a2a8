import { shown } from "../at_once.ts";
import { Callers } from "./auth/callers.ts";
import { createApi, createSite, type Handle } from "./handler.ts";
import { HeldBytes } from "./held_bytes.ts";
import { HttpActions } from "./http/http_actions_api.ts";
import { MAX_BODY_BYTES } from "./http/request_body.ts";
import { failureReport } from "./failure_report.ts";
import { ResultTexts } from "./sync/result_texts.ts";
import type { ServedEngine } from "./served_engine.ts";
import {
  checkCount,
  checkMethod,
  checkTypes,
  type OptionTypes,
} from "./check_options.ts";
import { MAX_TIMER_MS } from "../engine/timers.ts";
import { ClientSessions } from "./sync/client_sessions.ts";
import { joinsChunks, syncVersion } from "./http/client_version.ts";
import { namesHost } from "./http/names_host.ts";
import { type ConvexServerOptions, SERVER_TYPES } from "./server_options.ts";
import { SyncConnection } from "./sync/sync_connection.ts";
import type { SyncLimits } from "./sync/sync_limits.ts";
import type { SyncSocket } from "./sync/sync_services.ts";
import type { SyncOrigin } from "./sync/sync_requests.ts";
import { UnreadBytes } from "./unread_bytes.ts";

/**
 * A connected client, as its adapter sees it.
 *
 * @example
 * ```ts
 * import { openEngine } from "@cortex/memory/embedded";
 * import { createConvexServer } from "@cortex/memory/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = openEngine({ modules: {} });
 * const server = createConvexServer(engine);
 * const codes: number[] = [];
 * const socket = { send: console.log, close: (code: number) => codes.push(code) };
 * const client = server.connect("ws://localhost/api/1.30.0/sync", socket);
 * client.receive("not a message of the protocol"); // a frame that came
 * assertEquals(codes.length, 1); // it was refused
 * client.closed(); // the socket has closed
 * server.close();
 * ```
 */
export interface SyncClient {
  /** Receives a frame from the client. */
  receive(frame: string | Uint8Array): void;
  /** Call this once the socket is closed. */
  closed(): void;
}

/**
 * Convex's HTTP API and sync protocol over an engine, for any host.
 *
 * @example
 * ```ts
 * import { openEngine } from "@cortex/memory/embedded";
 * import { createConvexServer } from "@cortex/memory/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = openEngine({ modules: {} });
 * const server = createConvexServer(engine);
 * const headers = { connection: "upgrade", upgrade: "websocket" };
 * const request = new Request("http://localhost/api/1.30.0/sync", { headers });
 * assertEquals(server.wantsSync(request), true);
 * // So the host upgrades it, and tells its socket's events to what this returns:
 * server.connect(request.url, { send: () => {}, close: () => {} });
 * assertEquals(server.connections, 1);
 * server.close();
 * ```
 */
export interface ConvexServer {
  /** Answers a request of the HTTP API, and of HTTP actions below `/http/`. Never rejects. */
  readonly handle: Handle;
  /**
   * Answers a request with an HTTP action, as a deployment's `.convex.site` does, for a port of its own. Never rejects.
   */
  readonly handleSite: Handle;
  /**
   * Returns whether a request wants to become a WebSocket of the sync protocol: the host then upgrades it and calls
   * `connect`.
   */
  wantsSync(request: Request): boolean;
  /** Serves a client over the socket into which a request for `url` was upgraded; `origin` is for `ctx.meta`. */
  connect(url: string, socket: SyncSocket, origin?: SyncOrigin): SyncClient;
  /** Number of open connections. */
  readonly connections: number;
  /** Closes all connections; the engine keeps running. */
  close(): void;
}

const defaultLimits: SyncLimits = {
  maxFrameLength: MAX_BODY_BYTES,
  maxQueries: 10_000,
  maxRequests: 1000,
  maxHeldBytes: 128 * 1024 * 1024,
  maxBufferedBytes: 8 * 1024 * 1024,
  pingMs: 15_000,
};

/** Limits that are not given, or undefined, have their defaults. */
function limitsOf(given: Partial<SyncLimits> = {}): SyncLimits {
  const limits = { ...defaultLimits };
  for (const name of Object.keys(limits) as (keyof SyncLimits)[]) {
    limits[name] = given[name] ?? limits[name];
  }
  return limits;
}

const MAX_HELD_BYTES = 512 * 1024 * 1024;
const MAX_UNREAD_BYTES = 512 * 1024 * 1024;

const LIMIT_TYPES: OptionTypes<SyncLimits> = {
  maxFrameLength: "number",
  maxQueries: "number",
  maxRequests: "number",
  maxHeldBytes: "number",
  maxBufferedBytes: "number",
  pingMs: "number",
};

/**
 * Serves an engine as Convex does: its HTTP API, stored files, HTTP actions below `/http/`, and the sync protocol. It
 * neither listens, which is up to the host's handler, nor closes the engine.
 *
 * Without `verifyToken`, every user token is rejected; without `adminKey`, every admin call. As on Convex, any web page
 * may call it, even on localhost, so functions must check their callers. Stored pages are served with an origin of their
 * own. It costs nothing until a client connects; a connection holds the results of the queries it watches.
 *
 * @throws {TypeError} The engine is invalid, the admin key is empty, or an option is unknown or wrong.
 *
 * @example
 * ```ts
 * import { openEngine } from "@cortex/memory/embedded";
 * import { createConvexServer } from "@cortex/memory/server";
 *
 * // `query({ … })` of `convex/server` makes such an object.
 * const hello = { isQuery: true, isPublic: true, _handler: () => "hello" };
 * const engine = openEngine({ modules: { "greet.ts": { hello } } });
 * const server = createConvexServer(engine);
 * // For real: `Deno.serve({ port: 3210, hostname: "127.0.0.1" }, denoHandler(server))`
 * const response = await server.handle(
 *   new Request("http://127.0.0.1:3210/api/query", {
 *     method: "POST",
 *     body: JSON.stringify({ path: "greet:hello", args: {} }),
 *   }),
 * );
 * const { value } = await response.json();
 * if (value !== "hello") throw new Error("no greeting");
 * server.close();
 * await engine.close();
 * ```
 */
export function createConvexServer(
  engine: ServedEngine,
  options: ConvexServerOptions = {},
): ConvexServer {
  if (typeof engine?.run !== "function") {
    throw new TypeError(
      `createConvexServer: the first argument must be an engine, got ${
        shown(engine)
      }`,
    );
  }
  checkTypes("createConvexServer", options, SERVER_TYPES);
  checkTypes("limits", options.limits ?? {}, LIMIT_TYPES);
  const limits = limitsOf(options.limits);
  checkCount("limits", "pingMs", limits.pingMs, MAX_TIMER_MS);
  const connections = new Set<SyncConnection>();
  const now = options.now ?? Date.now;
  const report = failureReport(options.onError);
  const callers = new Callers(options.verifyToken, options.adminKey, report);
  const { redactErrors = false } = options;
  options.admin?.attach(engine);
  const texts = new ResultTexts(redactErrors, report);
  const sessions = new ClientSessions();
  const held = new HeldBytes(options.maxHeldBytes ?? MAX_HELD_BYTES);
  const unread = new UnreadBytes(options.maxUnreadBytes ?? MAX_UNREAD_BYTES);
  const shared = { engine, callers, held, unread, redactErrors, report };
  const actions = new HttpActions(shared);
  return {
    handle: createApi({ ...shared, actions }, options),
    handleSite: createSite({ actions, report }),
    wantsSync(request) {
      checkMethod("wantsSync", "request", request, "arrayBuffer");
      return request.headers.get("upgrade")?.toLowerCase() === "websocket" &&
        namesHost(request) && syncVersion(request.url) !== undefined;
    },
    connect(url, socket, origin = {}) {
      checkMethod("connect", "socket", socket, "send");
      checkMethod("connect", "socket", socket, "close");
      const onClose = () => connections.delete(connection);
      const services = {
        ...shared,
        sessions,
        texts,
        now,
        limits,
        origin,
        joinsChunks: joinsChunks(syncVersion(url) ?? ""),
        onClose,
      };
      let connection: SyncConnection;
      try {
        connection = new SyncConnection(socket, services);
      } catch {
        // The engine is closed. The client may reconnect, as another one may be opened soon.
        socket.close(1012, "ServiceRestart");
        return { receive: () => {}, closed: () => {} };
      }
      connections.add(connection);
      return connection;
    },
    get connections() {
      return connections.size;
    },
    close() {
      for (const connection of [...connections]) connection.close();
      unread.close();
    },
  };
}
