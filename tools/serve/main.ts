/**
 * Serves functions as a Convex deployment. `deno task serve --help`
 */
import { modules, schema } from "../../src/convex/index.ts";
import {
  type Engine,
  type EngineComponent,
  openEngine,
  type SchemaLike,
} from "../../src/engine/engine.ts";
import {
  type AuthConfig,
  type ConvexServer,
  createConvexServer,
  denoHandler,
  DeploymentAdmin,
  jwtVerifier,
} from "../../src/server/mod.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import { parseArguments, type ServeArguments, usage } from "./arguments.ts";
import { openEnvironmentFile } from "./environment_file.ts";
import {
  type Backend,
  type LoadedFunctions,
  loadFunctions,
} from "./load_functions.ts";

/** How long clients are waited for at the end, in ms. */
const SHUTDOWN_MS = 3000;

async function main(args: readonly string[]): Promise<void> {
  const options = parseArguments(args);
  if (options.help) return console.log(usage);
  const { host, port, sitePort, db } = options;
  let server: ConvexServer | undefined;
  let engine: Engine | undefined;
  let answer: ReturnType<typeof denoHandler> | undefined;
  const notYet = () =>
    new Response("The data is being opened.", { status: 503 });
  // The ports are taken first: functions are told of them, and the engine writes one into the URLs of files.
  const api = listen(
    host,
    port,
    (request, info) => answer?.(request, info) ?? notYet(),
  );
  const site = listenNear(api.addr.port, sitePort, host, (request, info) => {
    const { hostname: ip } = info.remoteAddr as Deno.NetAddr;
    return server?.handleSite(request, { ip }) ?? notYet();
  });
  try {
    const environment = options.envFile === undefined
      ? undefined
      : await openEnvironmentFile(options.envFile);
    const urls = { cloud: urlOf(host, api), site: urlOf(host, site) };
    const functions: LoadedFunctions = options.functions === undefined
      ? { modules, schema, authConfig: undefined, components: {} }
      : await loadFunctions(options.functions, urls);
    const { modules: app, components } = functions;
    const admin = new DeploymentAdmin({
      modules: app,
      components,
      url: urls.cloud,
      siteUrl: urls.site,
      ...(environment && { environment }),
    });
    engine = openBackend(withAdmin(functions, admin), options, urls.cloud);
    server = createConvexServer(engine, {
      admin,
      verifyToken: functions.authConfig === undefined
        ? undefined
        : jwtVerifier(functions.authConfig as AuthConfig),
      adminKey: await adminKey(options),
      redactErrors: options.production,
    });
    answer = denoHandler(server);
    console.log(
      `Serving ${
        options.functions ?? "Cortex's functions"
      } on ${urls.cloud}, HTTP actions on ${urls.site}, ${
        db === undefined ? "in memory" : `data in ${db}`
      }`,
    );
    await stopSignal();
  } finally {
    server?.close();
    // A client that does not hang up must not keep the data open.
    await Promise.race([
      Promise.all([api.shutdown(), site.shutdown()]),
      new Promise((done) => setTimeout(done, SHUTDOWN_MS)),
    ]);
    await engine?.close();
  }
}

type TcpServer = Deno.HttpServer<Deno.NetAddr>;

function listen(
  hostname: string,
  port: number,
  handler: Deno.ServeHandler<Deno.NetAddr>,
): TcpServer {
  return Deno.serve({ port, hostname, onListen: () => {} }, handler);
}

/** Listens on a port, or on the one after that of the API; where nobody asked for one, on a free one when it is taken. */
function listenNear(
  apiPort: number,
  port: number | undefined,
  host: string,
  handler: Deno.ServeHandler<Deno.NetAddr>,
): TcpServer {
  if (port !== undefined) return listen(host, port, handler);
  try {
    return listen(host, apiPort + 1, handler);
  } catch {
    return listen(host, 0, handler);
  }
}

function urlOf(host: string, { addr }: TcpServer): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${addr.port}`;
}

/** The functions, and beside them those for `npx convex`. */
function withAdmin(
  functions: LoadedFunctions,
  admin: DeploymentAdmin,
): LoadedFunctions {
  const add = (backend: Backend, path: string) => ({
    ...backend,
    modules: { ...backend.modules, ...admin.functions(path) },
  });
  const components = Object.fromEntries(
    Object.entries(functions.components).map((
      [path, backend],
    ) => [path, add(backend, path)]),
  );
  return { ...functions, ...add(functions, ""), components };
}

function openBackend(
  { modules, schema, components, httpPrefix }: LoadedFunctions,
  { db }: ServeArguments,
  url: string,
): Engine {
  const timers = {
    set: (delayMs: number, callback: () => void) =>
      setTimeout(callback, delayMs),
    clear: (timer: unknown) => clearTimeout(timer as number),
  };
  return openEngine({
    modules,
    schema: schema as SchemaLike | undefined,
    components: components as { [path: string]: EngineComponent },
    ...(httpPrefix !== undefined && { httpPrefix }),
    store: db === undefined ? openMemoryStore() : openSqliteStore({ path: db }),
    timers,
    watchdog: timers,
    url,
    log: (level, message) => console.error(`${level}: ${message}`),
  });
}

async function adminKey(
  { adminKeyFile }: ServeArguments,
): Promise<string | undefined> {
  if (adminKeyFile === undefined) return undefined;
  return (await Deno.readTextFile(adminKeyFile)).trim();
}

/** Resolves when the process is asked to end. */
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
