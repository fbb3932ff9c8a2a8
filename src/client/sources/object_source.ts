import { isSyncConvexClient, mustBe } from "../check.ts";
import type {
  ClientSource,
  ConvexClientLike,
  SyncConvexClient,
} from "../types.ts";

const A_CLIENT = "an object with query, mutation and action";

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
    throw mustBe("client", A_CLIENT, client);
  }
  return {
    open: async () =>
      new (await import("./object_connection.ts")).ObjectConnection(client),
  };
}

/** The source itself, or that of a client. Throws `INVALID_ARGUMENT` for anything else. */
export function anySource(source: unknown): ClientSource {
  if (typeof (source as Partial<ClientSource> | null)?.open === "function") {
    return source as ClientSource;
  }
  if (isSyncConvexClient(source)) return objectSource(source);
  throw mustBe(
    "source",
    `a deployment's URL, a source, or ${A_CLIENT}`,
    source,
  );
}
