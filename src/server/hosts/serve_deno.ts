import { checkServer } from "../check_names.ts";
import type { ConvexServer } from "../server.ts";
import { serveWebSocket, type StandardWebSocket } from "./web_socket.ts";

/** The part of `Deno` that is used. */
interface DenoLike {
  upgradeWebSocket(
    request: Request,
    options: { idleTimeout: number },
  ): { socket: StandardWebSocket; response: Response };
}

/** Silence after which a client is pinged, and given up when it does not answer, in seconds. */
const IDLE_TIMEOUT_S = 60;

/**
 * Returns a handler for `Deno.serve`, including the sync protocol; `server.handle` alone answers everything else.
 *
 * ```ts ignore -- it would listen
 * Deno.serve({ port: 3210, hostname: "127.0.0.1" }, denoHandler(server));
 * ```
 *
 * It watches for clients that hang up, whereupon Deno prints once how `--unstable-no-legacy-abort` changes
 * `request.signal`. With or without that flag, the answers are the same.
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
    // Read now: the request is over when it is upgraded.
    const { url, headers } = request;
    const userAgent = headers.get("user-agent");
    const { socket, response } = Deno.upgradeWebSocket(request, {
      idleTimeout: IDLE_TIMEOUT_S,
    });
    serveWebSocket(server, url, socket, { ip, userAgent });
    return response;
  };
}
