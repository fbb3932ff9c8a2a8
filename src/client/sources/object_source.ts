import { ClientError } from "../../errors.ts";
import { isSyncConvexClient } from "../check.ts";
import { shown } from "../shown.ts";
import type {
  ClientSource,
  ConvexClientLike,
  SyncConvexClient,
} from "../types.ts";

/**
 * A source over a client object that lives on this thread, Convex's own clients included. What it throws becomes a
 * rejection, what it returns a promise; if it blocks, this thread blocks. Closing the source calls the object's
 * `close`, if it has one. Where the object has `onUpdate`, `setAuth` or `consistentQuery`, so has the client.
 *
 * Throws `ClientError` `INVALID_ARGUMENT` when the object lacks `query`, `mutation` or `action`.
 */
export function objectSource(
  client: SyncConvexClient | ConvexClientLike,
): ClientSource {
  if (!isSyncConvexClient(client)) {
    throw new ClientError(
      "INVALID_ARGUMENT",
      `client must have the methods query, mutation and action; got ${
        shown(client)
      }`,
    );
  }
  return {
    open: async () =>
      new (await import("./object_connection.ts")).ObjectConnection(client),
  };
}
