/** What is measured of this module: the path that talks to a deployment and has no engine. */
import { bundle, loadable, loaded } from "./measure.ts";

/** What only the embedded engine, blocking clients and workers load. */
const ENGINE = /embedded_source|module_source|backend\.gen|worker/;

/** Sizes in bytes, by gzip. */
export interface Sizes {
  /** `AsyncConvexClient` alone: what loads at once. */
  client: number;
  /** And what its first call loads. */
  clientCalling: number;
  /** `AsyncConvexClient` and `Cortex`: what loads at once. */
  facade: number;
  /** And what remember, recall and live queries load. */
  facadeRemembering: number;
  /** And every other module of the facade. */
  everything: number;
}

/** Bundles and measures. */
export async function measureOurs(): Promise<Sizes> {
  const client = await bundle('export { AsyncConvexClient } from "./mod.ts";');
  const facade = await bundle(
    'export { AsyncConvexClient, Cortex } from "./mod.ts";',
  );
  const calls = "src/client/http_connection.ts";
  return {
    client: loaded(client),
    clientCalling: loaded(client, [calls]),
    facade: loaded(facade),
    facadeRemembering: loaded(facade, [
      calls,
      "src/client/query_subscription.ts",
      "src/cortex/api_context.ts",
      "src/cortex/belief_revision.ts",
      "src/cortex/memory_api.ts",
    ]),
    everything: loadable(facade, ENGINE),
  };
}
