import { openEngine } from "../../src/engine/engine.ts";
import { createConvexServer, DeploymentAdmin } from "../../src/server/mod.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import {
  type RunningServer,
  serverContract,
} from "../../src/testing/server/server_contract.ts";
import type { ContractCase } from "../../src/testing/types.ts";
import { modules, schema } from "../fixtures/sync_backend.ts";
import { listen } from "../support/listen.ts";

async function start(): Promise<RunningServer> {
  const admin = new DeploymentAdmin({ modules });
  const engine = openEngine({
    // Convex hides this method from its types.
    schema: schema as unknown as { export(): string },
    modules: { ...modules, ...admin.functions() },
    store: openMemoryStore(),
  });
  const server = createConvexServer(engine, {
    adminKey: "admin|01",
    admin,
  });
  const { fetch, open, close } = await listen(server);
  return {
    fetch,
    open,
    closeConnections: () => server.close(),
    async close() {
      server.close();
      await close();
      await engine.close();
    },
  };
}

/** Cases of this area for the host that runs them. */
export const cases: ContractCase<void>[] = serverContract.map(
  ({ name, run }) => ({ name, run: () => run({ start }) }),
);
