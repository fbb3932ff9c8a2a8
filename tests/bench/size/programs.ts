/** What is measured of this module: the path that talks to a deployment and has no engine. */
import { bundle, loadable, loaded } from "./measure.ts";

/**
 * What a program never loads that talks to a deployment from an edge host: the embedded engine, clients of the
 * application's, and workers, which such a host does not have.
 */
const ELSEWHERE =
  /embedded_source|module_source|object_connection|backend|worker/;

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
  /** And every other module of the facade: all chunks together. */
  everything: number;
}

/** Bundles and measures. */
export async function measureOurs(): Promise<Sizes> {
  const client = await bundle('export { AsyncConvexClient } from "./mod.ts";');
  const facade = await bundle(
    'export { AsyncConvexClient, Cortex } from "./mod.ts";',
  );
  const calls = "src/client/http/open_http.ts";
  return {
    client: loaded(client),
    clientCalling: loaded(client, [calls]),
    facade: loaded(facade),
    facadeRemembering: loaded(facade, [
      calls,
      "src/client/live/live.ts",
      "src/cortex/memory_apis.ts",
    ]),
    everything: loadable(facade, ELSEWHERE),
  };
}
