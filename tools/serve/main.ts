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
  createConvexServer,
  denoHandler,
  jwtVerifier,
} from "../../src/server/mod.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import { parseArguments, type ServeArguments, usage } from "./arguments.ts";
import { type LoadedFunctions, loadFunctions } from "./load_functions.ts";

/** How long clients are waited for at the end, in ms. */
const SHUTDOWN_MS = 3000;

async function main(args: readonly string[]): Promise<void> {
  const options = parseArguments(args);
  if (options.help) return console.log(usage);
  const functions: LoadedFunctions = options.functions === undefined
    ? { modules, schema, authConfig: undefined, components: {} }
    : await loadFunctions(options.functions);
  let handle: ReturnType<typeof denoHandler> = () =>
    new Response("The data is being opened.", { status: 503 });
  // The port is taken first: the engine writes it into the URLs of files.
  const http = Deno.serve({
    port: options.port,
    hostname: options.host,
    onListen: () => {},
  }, (request, info) => handle(request, info));
  try {
    const { host } = options;
    const url = `http://${
      host.includes(":") ? `[${host}]` : host
    }:${http.addr.port}`;
    const engine = openBackend(functions, options, url);
    const server = createConvexServer(engine, {
      verifyToken: functions.authConfig === undefined
        ? undefined
        : jwtVerifier(functions.authConfig as AuthConfig),
      adminKey: await adminKey(options),
      redactErrors: options.production,
    });
    handle = denoHandler(server);
    console.log(
      `Serving ${options.functions ?? "Cortex's functions"} on ${url}, ${
        options.db === undefined ? "in memory" : `data in ${options.db}`
      }`,
    );
    await stopSignal();
    server.close();
    // A client that does not hang up must not keep the data open.
    await Promise.race([
      http.shutdown(),
      new Promise((done) => setTimeout(done, SHUTDOWN_MS)),
    ]);
    await engine.close();
  } catch (error) {
    await http.shutdown();
    throw error;
  }
}

function openBackend(
  { modules, schema, components }: LoadedFunctions,
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
