import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { httpSource } from "../../src/client/http/http_source.ts";
import { moduleSource } from "../../src/client/sources/module_source.ts";
import type { ClientSource } from "../../src/client/types.ts";
import type { ExecutorKind } from "../../src/executor/types.ts";
import { createConvexServer } from "../../src/server/server.ts";
import { availableKinds } from "../../src/executor/hosts/detect.ts";
import {
  clientContract,
  type ClientSubject,
} from "../../src/testing/client/client_contract.ts";
import { clientOptionsContract } from "../../src/testing/client/client_options_contract.ts";
import { embeddedClientContract } from "../../src/testing/client/embedded_client_contract.ts";
import { httpBatchContract } from "../../src/testing/client/http_batch_contract.ts";
import {
  httpClientContract,
  type HttpSubject,
} from "../../src/testing/client/http_client_contract.ts";
import { httpFlowContract } from "../../src/testing/client/http_flow_contract.ts";
import { httpOrderContract } from "../../src/testing/client/http_order_contract.ts";
import { httpHostileContract } from "../../src/testing/client/http_hostile_contract.ts";
import { httpIdentityContract } from "../../src/testing/client/http_identity_contract.ts";
import { httpLimitContract } from "../../src/testing/client/http_limit_contract.ts";
import { httpRefusalContract } from "../../src/testing/client/http_refusal_contract.ts";
import { httpRetryContract } from "../../src/testing/client/http_retry_contract.ts";
import { httpSnapshotContract } from "../../src/testing/client/http_snapshot_contract.ts";
import { boundContract } from "../../src/testing/client/bound_contract.ts";
import { liveScriptContract } from "../../src/testing/client/live_script_contract.ts";
import { liveOrderContract } from "../../src/testing/client/live_order_contract.ts";
import { liveSwitchContract } from "../../src/testing/client/live_switch_contract.ts";
import { success } from "../../src/testing/client/http_fake.ts";
import type { ContractCase } from "../../src/testing/types.ts";
import { clientModuleUrl, createClient } from "../fixtures/client_backend.ts";
import { openClientEngine } from "../support/client_engine.ts";
import { canListen, startLoopbackServer } from "../support/loopback_server.ts";
import { turnOfHost } from "../support/turn_of_host.ts";

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
      const handler = createConvexServer(engine).handle;
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
          const server = await startLoopbackServer(
            createConvexServer(engine).handle,
          );
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

const WARM_UP = "warm:up";

const httpContracts = [
  httpClientContract,
  httpHostileContract,
  httpBatchContract,
  httpRetryContract,
  httpFlowContract,
  httpSnapshotContract,
  httpOrderContract,
  httpIdentityContract,
  httpLimitContract,
  httpRefusalContract,
];

const DECODED_IN_A_WORKER = ", decoded in a worker";
const MADE_IN_A_WORKER = ", made in a worker";

/** How requests reach the fake deployment, and where they are made and answers decoded. */
const httpSubjects: { [title: string]: HttpSubject } = {
  "": {
    open: ({ fetch }, options) =>
      AsyncConvexClient.http("https://x.convex.cloud/", { fetch, ...options }),
  },
  [DECODED_IN_A_WORKER]: {
    open: ({ fetch }, options) =>
      AsyncConvexClient.http("https://x.convex.cloud/", {
        fetch,
        workers: "always",
        ...options,
      }),
  },
};

/**
 * Cases of what only a `fetch` that is given can do: errors of its own, a look at its options or at the very moment, a
 * first request, an answer without an end. Nor
 * those of flow, which open and shut the deployment between two steps of this thread, and hundreds of requests.
 */
const NOT_OVER_A_SOCKET =
  /no more than maxAnswerBytes|on a connection of its own|origin that cannot be|follows no redirection|after a refused connection|no more requests|whatever its length|given up|gave up$|started together by few|requests at once|budget of retries/;

if (canListen()) {
  httpSubjects[MADE_IN_A_WORKER] = {
    async open({ fetch }, options) {
      const server = await startLoopbackServer(
        async (request) => {
          const { url, headers, signal } = request;
          const body = await request.text();
          if (body.includes(WARM_UP)) return success(null);
          const init = { headers: Object.fromEntries(headers), body, signal };
          return await fetch(url, init);
        },
        { onThrow: "hang up" },
      );
      const { hooks, timeoutMs, ...rest } = options;
      const connection = await httpSource(server.url, {
        ...rest,
        auth: undefined,
        workers: "always",
      }).open({
        onRetry: (event) => hooks?.onRetry?.(event),
        onStateChange: () => hooks?.onStateChange?.(client.connectionState()),
      });
      // The time that a worker takes to start is not what the cases are about.
      const trace = { name: WARM_UP, attempts: 0 };
      await connection.call({ kind: "action", name: WARM_UP, args: {} }, {
        trace,
      });
      if (options.auth !== undefined) connection.setAuth?.(options.auth);
      const close = connection.close.bind(connection);
      connection.close = async () => {
        await close();
        await server.close();
      };
      const client = new AsyncConvexClient({ open: () => connection }, {
        hooks,
        timeoutMs,
      });
      return client;
    },
  };
}

/** Contracts whose cases are also made in a worker. */
const MADE_CONTRACTS: readonly (() => ContractCase<HttpSubject>[])[] = [
  httpClientContract,
  httpHostileContract,
  httpBatchContract,
  httpRetryContract,
];

/**
 * Binds each case to this thread, and to a worker: on Deno to one of both ways to use one, as on every other host, for
 * to start it takes longer than the case. Cases and hosts take turns, as with the places of the facade.
 */
function bindToHttp(
  contract: () => ContractCase<HttpSubject>[],
): ContractCase<void>[] {
  const { turn, tries } = turnOfHost();
  // A case may keep count of its requests, so each place has one of its own.
  return Object.entries(httpSubjects).flatMap(([title, subject]) =>
    contract().flatMap(({ name, run }, index) => {
      const isMade = canListen() && MADE_CONTRACTS.includes(contract) &&
        !NOT_OVER_A_SOCKET.test(name);
      // Of four hosts in turn, one decodes in a worker and one makes requests there.
      const turnOfCase = (index + turn) % 4;
      const isWorkersTurn = tries !== "one" || turnOfCase % 2 === 1;
      const isMadesTurn = isMade && turnOfCase >= 2;
      const isHere = title === "" || tries === "all" && isMade ||
        isWorkersTurn && isMadesTurn === (title === MADE_IN_A_WORKER);
      return isHere ? [{ name: name + title, run: () => run(subject) }] : [];
    })
  );
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
  ...boundContract,
  ...liveScriptContract,
  ...liveOrderContract,
  ...liveSwitchContract,
  ...httpContracts.flatMap(bindToHttp),
];
