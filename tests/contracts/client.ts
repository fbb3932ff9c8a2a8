import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { httpSource } from "../../src/client/http_source.ts";
import { moduleSource } from "../../src/client/module_source.ts";
import type { ClientSource } from "../../src/client/types.ts";
import type { ExecutorKind } from "../../src/executor/types.ts";
import { createHttpHandler } from "../../src/server/handler.ts";
import { availableKinds } from "../../src/executor/detect.ts";
import {
  clientContract,
  type ClientSubject,
} from "../../src/testing/client_contract.ts";
import { clientOptionsContract } from "../../src/testing/client_options_contract.ts";
import { embeddedClientContract } from "../../src/testing/embedded_client_contract.ts";
import { httpBatchContract } from "../../src/testing/http_batch_contract.ts";
import { httpClientContract } from "../../src/testing/http_client_contract.ts";
import { httpFlowContract } from "../../src/testing/http_flow_contract.ts";
import { httpHostileContract } from "../../src/testing/http_hostile_contract.ts";
import { httpRetryContract } from "../../src/testing/http_retry_contract.ts";
import type { ContractCase } from "../../src/testing/types.ts";
import { clientModuleUrl, createClient } from "../fixtures/client_backend.ts";
import { openClientEngine } from "../support/client_engine.ts";
import { canListen, startLoopbackServer } from "../support/loopback_server.ts";

/** A source that also ends what it was built on. */
function ending(
  source: ClientSource,
  end: () => Promise<void>,
): ClientSource {
  return {
    async open() {
      const connection = await source.open();
      return {
        call: (call, options) => connection.call(call, options),
        stats: () => connection.stats(),
        async close() {
          await connection.close();
          await end();
        },
      };
    },
  };
}

const subjects: { [name: string]: ClientSubject } = {
  "an object made by hand": {
    open: (options) => new AsyncConvexClient(createClient(), options),
  },
  "the engine on this thread": {
    open: (options) => new AsyncConvexClient(openClientEngine(), options),
  },
  "HTTP with a given fetch": {
    open(options) {
      const engine = openClientEngine();
      const handler = createHttpHandler(engine);
      const source = httpSource("http://convex.test", {
        fetch: (url, init) => handler(new Request(url, init)),
      });
      return new AsyncConvexClient(
        ending(source, () => engine.close()),
        options,
      );
    },
  },
};

if (canListen()) {
  subjects["HTTP over a socket"] = {
    open(options) {
      // Started with the first call: a client that is never used is never opened, so nothing would end the server.
      const source: ClientSource = {
        async open() {
          const engine = openClientEngine();
          const server = await startLoopbackServer(createHttpHandler(engine));
          return await ending(httpSource(server.url), async () => {
            await server.close();
            await engine.close();
          }).open();
        },
      };
      return new AsyncConvexClient(source, options);
    },
  };
}

const host = globalThis as {
  EdgeRuntime?: unknown;
  navigator?: { userAgent?: string };
};
const isWorkerd = host.navigator?.userAgent === "Cloudflare-Workers";
// workerd has a worker class that throws when it is constructed.
const kinds: ExecutorKind[] = isWorkerd ? ["inline"] : availableKinds();

// workerd and edge-runtime import nothing at run time, so a client cannot be built from a module there.
if (!isWorkerd && host.EdgeRuntime === undefined) {
  for (const kind of kinds) {
    subjects[`a module, ${kind}`] = {
      open: (options) =>
        new AsyncConvexClient(
          moduleSource(clientModuleUrl(), { kinds: [kind], blocking: false }),
          options,
        ),
    };
  }
}

/** Cases of this area for the host that runs them. */
export const cases: ContractCase<void>[] = [
  ...Object.entries(subjects).flatMap(([title, subject]) =>
    clientContract.map(({ name, run }) => ({
      name: `${title}: ${name}`,
      run: () => run(subject),
    }))
  ),
  ...kinds.flatMap((kind) =>
    embeddedClientContract.map(({ name, run }) => ({
      name: `${name}, ${kind}`,
      run: () => run(kind),
    }))
  ),
  ...clientOptionsContract,
  ...httpClientContract,
  ...httpHostileContract,
  ...httpBatchContract,
  ...httpRetryContract,
  ...httpFlowContract,
];
