import { HttpConnection } from "./http_connection.ts";
import type { HttpSourceOptions } from "./http_options.ts";
import { sharedBy } from "./http_transport.ts";
import { hasInvocations, InvocationConnections } from "./invocations.ts";
import type { AuthTokens } from "../wire.ts";
import type { Connection, ConnectionHooks } from "../types.ts";

/** The connection of a client; takes options that were checked. */
export function openHttp(
  address: string,
  options: HttpSourceOptions,
  hooks: ConnectionHooks,
): Connection {
  const shared = sharedBy(options, hooks);
  const open = (auth: AuthTokens) =>
    new HttpConnection(address, options, hooks, { ...shared, auth });
  const { auth } = shared;
  return hasInvocations()
    ? new InvocationConnections(address, auth, open)
    : open(auth);
}
