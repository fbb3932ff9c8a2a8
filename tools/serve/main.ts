/**
 * Serves functions as a Convex deployment. `deno task serve --help`
 */
import { modules, schema } from "../../src/convex/index.ts";
import { openEngine } from "../../src/engine/engine.ts";
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

async function main(args: readonly string[]): Promise<void> {
  const options = parseArguments(args);
  if (options.help) return console.log(usage);
  const functions: LoadedFunctions = options.functions === undefined
    ? { modules, schema, authConfig: undefined }
    : await loadFunctions(options.functions);
  const engine = openEngine({
    modules: functions.modules,
    schema: functions.schema as { export(): string } | undefined,
    store: options.db === undefined
      ? openMemoryStore()
      : openSqliteStore({ path: options.db }),
    log: (level, message) => console.error(`${level}: ${message}`),
  });
  const server = createConvexServer(engine, {
    verifyToken: functions.authConfig === undefined
      ? undefined
      : jwtVerifier(functions.authConfig as AuthConfig),
    adminKey: await adminKey(options),
  });
  const http = Deno.serve({
    port: options.port,
    hostname: options.host,
    onListen: ({ hostname, port }) =>
      console.log(
        `Serving ${options.functions ?? "Cortex's functions"} on http://${
          hostname.includes(":") ? `[${hostname}]` : hostname
        }:${port}, ${
          options.db === undefined ? "in memory" : `data in ${options.db}`
        }`,
      ),
  }, denoHandler(server));
  await stopSignal();
  server.close();
  await http.shutdown();
  await engine.close();
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
  } catch (error) {
    console.error(`serve: ${(error as Error).message}`);
    Deno.exit(1);
  }
}
