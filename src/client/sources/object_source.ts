import { isSyncConvexClient, mustBe } from "../check.ts";
import type {
  ClientSource,
  ConvexClientLike,
  SyncConvexClient,
} from "../types.ts";

const A_CLIENT = "an object with query, mutation and action";

/**
 * A source over a client object on this thread, such as one of Convex's own clients. Calls reject with what the object
 * throws. If its methods block, they block this thread. Closing the source calls the object's `close`, if it has one.
 * The client supports `onUpdate`, `setAuth` and `consistentQuery` if the object does.
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

/** Returns a source as it is, and a source over a client object. Throws `INVALID_ARGUMENT` for anything else. */
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
