/**
 * Serves functions as a Convex deployment. `deno task serve --help`
 */
import process from "node:process";
import type { DeploymentEnvironment } from "../../src/server/mod.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import type { SyncStore } from "../../src/store/types.ts";
import { parseArguments, type ServeArguments, usage } from "./arguments.ts";
import { allowBodilessResponses } from "./bodiless_responses.ts";
import { cortexFunctions } from "./cortex_functions.ts";
import { Deployment } from "./deployment.ts";
import { openEnvironmentFile } from "./environment_file.ts";
import { loadFunctions, type Site } from "./load_functions.ts";
import {
  forwardedFor,
  listen,
  listenNear,
  type ServeInfo,
  type TcpServer,
  urlOf,
} from "./listeners.ts";
import { offerAsyncLocalStorage } from "./offered_globals.ts";
import { PushReceiver, servesFolder } from "./push_receiver.ts";
import { listenForRejections } from "./rejections.ts";

/** Longest wait for clients at the end, in ms. */
const SHUTDOWN_MS = 3000;

async function main(args: readonly string[]): Promise<void> {
  const options = parseArguments(args);
  if (options.help) return console.log(usage);
  const { host, port, sitePort, push } = options;
  // As on Convex, whatever the developer's time zone. The language must be set from outside, which the task does.
  process.env.TZ = "UTC";
  const rejections = listenForRejections();
  allowBodilessResponses();
  offerAsyncLocalStorage();
  let deployment: Deployment | undefined;
  const made = Promise.withResolvers<Deployment>();
  const from = ({ headers }: Request, { remoteAddr }: ServeInfo): string =>
    options.trustProxy && forwardedFor(headers) || remoteAddr.hostname;
  // Listens first, because functions see the ports and the URLs of files contain one.
  const api = listen(
    host,
    port,
    async (request, info) =>
      (await made.promise).answer(request, from(request, info)),
  );
  const site = listenNear(
    api.addr.port,
    sitePort,
    host,
    async (request, info) =>
      (await made.promise).answerSite(request, from(request, info)),
  );
  try {
    const environment = await variablesOf(options);
    const own = { cloud: urlOf(host, api), site: urlOf(host, site) };
    const { url: cloud = own.cloud, siteUrl = own.site } = options;
    const urls = { cloud, site: siteUrl };
    const receiver = push === undefined ? undefined : new PushReceiver(
      push,
      urls,
      (functions) => deployment!.serve(functions),
    );
    deployment = new Deployment({
      openStore: storeOpener(options),
      url: urls.cloud,
      siteUrl: urls.site,
      adminKey: await adminKey(options),
      production: options.production,
      rejections,
      admin: {
        ...(environment && { environment }),
        push: receiver ?? servesFolder,
      },
    });
    made.resolve(deployment);
    await deployment.serve(
      receiver
        ? await receiver.latest()
        : options.functions === undefined
        ? await cortexFunctions(urls)
        : await loadFunctions(options.functions, urls),
    );
    console.log(servingText(options, own));
    await stopSignal();
  } finally {
    await shutDown(deployment, [api, site]);
  }
}

/** The line that says what is served and where. */
function servingText(
  { push, functions = "Cortex's functions", db }: ServeArguments,
  { cloud, site }: Site,
): string {
  const what = push === undefined
    ? functions
    : "what `npx convex dev` and `deploy` push";
  const data = db === undefined ? "in memory" : `data in ${db}`;
  return `Serving ${what} on ${cloud}, HTTP actions on ${site}, ${data}`;
}

/** The variables in the environment file, if there is one. Functions then see these instead of the process's own. */
async function variablesOf(
  { envFile, push }: ServeArguments,
): Promise<DeploymentEnvironment | undefined> {
  const file = envFile ?? (push && `${push}.env`);
  if (file === undefined) return undefined;
  // Replaces only the object. The real variables stay, as the host's `fetch` may need those of a proxy.
  process.env = {};
  return await openEnvironmentFile(file, () => {
    if (envFile === undefined) return;
    console.warn(
      `serve: there is no ${file}, so no variables are set; \`npx convex env set\` makes it`,
    );
  });
}

async function shutDown(
  deployment: Deployment | undefined,
  servers: readonly TcpServer[],
): Promise<void> {
  const closing = deployment?.close();
  // A client that does not disconnect must not keep the store open.
  await Promise.race([
    Promise.all(servers.map((server) => server.shutdown())),
    new Promise((done) => setTimeout(done, SHUTDOWN_MS)),
  ]);
  await closing;
}

/** Returns a function that opens the store. A store in memory is kept when the functions are replaced. */
function storeOpener({ db, push }: ServeArguments): () => SyncStore {
  if (db !== undefined) return () => openSqliteStore({ path: db });
  if (push === undefined) return openMemoryStore;
  const store = openMemoryStore();
  return () => ({
    capabilities: store.capabilities,
    get: (key) => store.get(key),
    scan: (range) => store.scan(range),
    write: (ops) => store.write(ops),
    flush: () => store.flush(),
    close: () => {},
  });
}

async function adminKey(
  { adminKeyFile }: ServeArguments,
): Promise<string | undefined> {
  if (adminKeyFile === undefined) return undefined;
  return (await Deno.readTextFile(adminKeyFile)).trim();
}

/** Resolves when the process receives a signal to end. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const signals = Deno.build.os === "windows"
      ? ["SIGINT", "SIGBREAK"] as const
      : ["SIGINT", "SIGTERM"] as const;
    const stop = () => {
      for (const signal of signals) Deno.removeSignalListener(signal, stop);
      resolve();
    };
    for (const signal of signals) Deno.addSignalListener(signal, stop);
  });
}

if (import.meta.main) {
  try {
    await main(Deno.args);
    Deno.exit(0);
  } catch (error) {
    console.error(`serve: ${(error as Error).message}`);
    Deno.exit(1);
  }
}
