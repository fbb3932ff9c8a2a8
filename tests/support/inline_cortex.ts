import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { embeddedSource } from "../../src/client/sources/embedded_source.ts";
import { Cortex } from "../../src/cortex/cortex.ts";

/** A client of a backend in memory, on this thread. */
export function inlineClient(): AsyncConvexClient {
  return new AsyncConvexClient(embeddedSource({ kinds: ["inline"] }));
}

/** Registers a test that has such a backend. */
export function inlineTest(
  name: string,
  run: (cortex: Cortex, client: AsyncConvexClient) => Promise<void>,
): void {
  Deno.test(name, async () => {
    await using client = inlineClient();
    await using cortex = new Cortex({ client });
    await run(cortex, client);
  });
}
