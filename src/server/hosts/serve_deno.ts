import { checkServer } from "../check_options.ts";
import type { ConvexServer } from "../server.ts";
import {
  notUpgraded,
  serveWebSocket,
  type StandardWebSocket,
} from "./web_socket.ts";

/** The part of `Deno` that is used. */
interface DenoLike {
  upgradeWebSocket(
    request: Request,
    options: { idleTimeout: number },
  ): { socket: StandardWebSocket; response: Response };
}

/** A refused client is disconnected once it has been silent for `QUIET_MS`, or at the latest after `MAX_NOISE_MS`. */
const QUIET_MS = 100;
const MAX_NOISE_MS = 2000;
/** Close codes of refusals. */
const REFUSALS = [1003, 1008, 1009, 1011, 1013];
/** Silence after which a client is pinged, and disconnected if it does not answer, in seconds. */
const IDLE_TIMEOUT_S = 60;

/**
 * Returns a handler for `Deno.serve`, including the sync protocol; `server.handle` alone answers everything else.
 *
 * It listens to `request.signal`, to notice clients that disconnect, so Deno prints once how
 * `--unstable-no-legacy-abort` changes that signal. Answers are the same with or without that flag.
 *
 * Deno keeps a message that comes in fragments whatever its length until the last one has come, and does not close the
 * connection of a client that reads nothing. So where strangers can connect, put a proxy in front that limits both.
 * From 2.8.3 to 2.9.5, it stops reading a request once the answer has begun: an HTTP action that sends a long body back
 * while it still arrives never ends.
 * Deno itself answers 400 to a request with a body that offers HTTP/2 (`Upgrade: h2c`, as Java's client does unless told
 * otherwise).
 *
 * @throws {TypeError} What is given is no server of `createConvexServer`.
 *
 * @example
 * ```ts
 * import { AsyncConvexClient } from "@cortex/memory";
 * import { openEngine } from "@cortex/memory/embedded";
 * import { createConvexServer, denoHandler } from "@cortex/memory/server";
 * import { assertEquals } from "@std/assert";
 * import { queryGeneric } from "convex/server";
 *
 * const hello = queryGeneric(() => "hello");
 * await using engine = openEngine({ modules: { "greet.ts": { hello } } });
 * const server = createConvexServer(engine);
 * const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
 * await using http = Deno.serve(options, denoHandler(server));
 * await using client = new AsyncConvexClient(`http://127.0.0.1:${http.addr.port}`);
 * assertEquals(await client.query("greet:hello"), "hello");
 * ```
 */
export function denoHandler(
  server: ConvexServer,
): (
  request: Request,
  info?: { remoteAddr?: object },
) => Response | Promise<Response> {
  checkServer("denoHandler", server);
  const { Deno } = globalThis as unknown as { Deno: DenoLike };
  return (request, { remoteAddr } = {}) => {
    const { hostname: ip } = remoteAddr as { hostname?: string } ?? {};
    if (!server.wantsSync(request)) return server.handle(request, { ip });
    // Read now, as an upgraded request cannot be read.
    const { url, headers } = request;
    const userAgent = headers.get("user-agent");
    let upgraded: ReturnType<DenoLike["upgradeWebSocket"]>;
    try {
      const idleTimeout = IDLE_TIMEOUT_S;
      upgraded = Deno.upgradeWebSocket(request, { idleTimeout });
    } catch {
      // Headers are missing. If this error reached Deno, it would log each such request with a stack trace.
      return notUpgraded();
    }
    const socket = closingInSilence(upgraded.socket);
    serveWebSocket(server, url, socket, { ip, userAgent });
    return upgraded.response;
  };
}

/**
 * A socket whose `close` waits until a refused client is silent. Deno resets the connection if the client still sends
 * when the closing handshake begins, and then the client would not get the close code.
 */
function closingInSilence(socket: StandardWebSocket): StandardWebSocket {
  let frames = 0;
  socket.addEventListener("message", () => frames++);
  const close = (code?: number, reason?: string) => {
    const untilMs = performance.now() + MAX_NOISE_MS;
    const check = (before: number) => {
      if (frames === before || performance.now() > untilMs) {
        return socket.close(code, reason);
      }
      const now = frames;
      setTimeout(() => check(now), QUIET_MS);
    };
    check(REFUSALS.includes(code!) ? -1 : frames);
  };
  return {
    send: (text) => socket.send(text),
    close,
    get bufferedAmount() {
      return socket.bufferedAmount ?? 0;
    },
    get readyState() {
      return socket.readyState;
    },
    addEventListener: (type: string, listener: never) =>
      socket.addEventListener(type as "close", listener),
  };
}
