import { unreachable } from "./http_answer.ts";
import { HttpConnection } from "./http_connection.ts";
import type { HttpSourceOptions } from "../http_options.ts";
import { sharedBy } from "./http_transport.ts";
import { AuthTokens } from "../wire.ts";
import type { Connection, ConnectionHooks } from "../types.ts";

const NO_HOOKS: ConnectionHooks = { onRetry() {}, onStateChange() {} };

/** The connection of a client; takes options that were checked. */
export async function openHttp(
  address: string,
  options: HttpSourceOptions,
  hooks: ConnectionHooks = NO_HOOKS,
): Promise<Connection> {
  const shared = sharedBy(options, hooks);
  const open = (auth: AuthTokens) =>
    new HttpConnection(address, options, hooks, { ...shared, auth });
  // Only Cloudflare's runtime has that class.
  if (!("WebSocketPair" in globalThis)) return open(shared.auth);
  const { InvocationConnections } = await import("./invocations.ts");
  return new InvocationConnections({
    open: () => open(shared.auth.fork()),
    become(auth, onChange) {
      shared.auth.mute();
      return shared.auth = new AuthTokens(auth, onChange);
    },
    outside: (error) => unreachable(address, error, undefined),
  });
}
