import {
  ClientError,
  ConvexError,
  isConvexError,
  isCortexError,
} from "../errors.ts";
import { shown } from "./shown.ts";
import type {
  Call,
  CallOptions,
  ClientSource,
  Connection,
  ConnectionStats,
  SyncConvexClient,
} from "./types.ts";

/** True for an object that has the three methods of a client. */
export function isSyncConvexClient(value: unknown): value is SyncConvexClient {
  const client = value as Partial<SyncConvexClient> | null | undefined;
  return typeof client?.query === "function" &&
    typeof client.mutation === "function" &&
    typeof client.action === "function";
}

/**
 * A source over a client object that lives on this thread, Convex's own clients included. What it throws becomes a
 * rejection, what it returns a promise; if it blocks, this thread blocks. Closing the source calls the object's
 * `close`, if it has one.
 *
 * Throws `ClientError` `INVALID_ARGUMENT` when the object lacks `query`, `mutation` or `action`.
 */
export function objectSource(client: SyncConvexClient): ClientSource {
  if (!isSyncConvexClient(client)) {
    throw new ClientError(
      "INVALID_ARGUMENT",
      `client must have the methods query, mutation and action; got ${
        shown(client)
      }`,
    );
  }
  return { open: () => new ObjectConnection(client) };
}

class ObjectConnection implements Connection {
  readonly #client: SyncConvexClient;
  #calls = 0;

  constructor(client: SyncConvexClient) {
    this.#client = client;
  }

  async call(call: Call, { signal }: CallOptions): Promise<unknown> {
    this.#calls++;
    try {
      return await runCall(this.#client, call, signal);
    } catch (error) {
      throw ownError(error);
    }
  }

  stats(): ConnectionStats {
    return { calls: this.#calls, requests: 0 };
  }

  async close(): Promise<void> {
    await this.#client.close?.();
  }
}

/** Runs one call on a client object: a value, or a promise of one, or a throw. */
export function runCall(
  client: SyncConvexClient,
  { kind, name, args }: Call,
  signal?: AbortSignal,
): unknown {
  const context = signal === undefined ? undefined : { signal };
  switch (kind) {
    case "query":
      return client.query(name, args, context);
    case "mutation":
      return client.mutation(name, args, context);
    case "action":
      return client.action(name, args, context);
  }
}

/** The `convex` package's `ConvexError` as ours, so that every source rejects with one class; others as they are. */
function ownError(error: unknown): unknown {
  if (!isConvexError(error) || isCortexError(error)) return error;
  return new ConvexError(error.data, { cause: error });
}
