/** The composition root of the facade: turns its options into a client. Opens nothing yet. */
import { deploymentUrl } from "../at_once.ts";
import { AsyncConvexClient } from "../client/async_convex_client.ts";
import { loadHttpConnection } from "../client/http/http_source.ts";
import type { EmbeddedSourceOptions } from "../client/sources/embedded_source.ts";
import type { ConvexClientLike } from "../client/types.ts";

/** The client that a `Cortex` makes for itself. */
export type CortexClient = AsyncConvexClient;

/** A client, and how to release it. */
export interface OpenedClient {
  client: ConvexClientLike;
  /** Counters, where the client keeps them. */
  stats?(): { requests: number };
  /** Loads what the first call needs, as far as possible without opening anything. */
  load?(): Promise<unknown>;
  /** Absent for a client that the application keeps. */
  close?(): Promise<void>;
}

/** What a client is made from: checked options of `new Cortex()`, whose type names the type above. */
interface Options extends EmbeddedSourceOptions {
  client?:
    | ConvexClientLike & Partial<Pick<AsyncConvexClient, "stats">>
    | undefined;
  convexUrl?: string | undefined;
  executorKinds?: EmbeddedSourceOptions["kinds"];
}

/** The backend's function that runs several calls of one request. */
const BATCH_FUNCTION = "batch:run";

/** Makes the client that checked options ask for. */
export function openClient(config: Options): OpenedClient {
  const {
    client: given,
    convexUrl,
    executorKinds: kinds,
    path,
    storage,
    durability,
    workerUrl,
  } = config;
  if (given) {
    const isCounting = typeof given.stats?.().requests === "number";
    return {
      client: given,
      stats: isCounting ? () => given.stats!() : undefined,
    };
  }
  if (convexUrl !== undefined) deploymentUrl(convexUrl, "convexUrl");
  const client = convexUrl === undefined
    ? AsyncConvexClient.embedded({
      path,
      storage,
      durability,
      kinds,
      workerUrl,
    })
    : new AsyncConvexClient(convexUrl, { batchFunction: BATCH_FUNCTION });
  return {
    client,
    stats: () => client.stats(),
    close: () => client.close(),
    load: convexUrl ? loadHttpConnection : undefined,
  };
}
