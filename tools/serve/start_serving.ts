import {
  type Engine,
  type EngineComponent,
  openEngine,
  type Rejections,
  type SchemaLike,
} from "../../src/engine/engine.ts";
import {
  type AuthConfig,
  type ConvexServer,
  createConvexServer,
  denoHandler,
  DeploymentAdmin,
  type DeploymentAdminOptions,
  jwtVerifier,
  type VerifyToken,
} from "../../src/server/mod.ts";
import type { SyncStore } from "../../src/store/types.ts";
import type { FailureLog } from "./failure_log.ts";
import type { Backend, LoadedFunctions } from "./load_functions.ts";
import { servedEnvironment } from "./served_environment.ts";

/** Options of a deployment, whatever functions it serves. */
export interface DeploymentOptions {
  /** Opens the store; called each time the functions are replaced. */
  openStore(): SyncStore;
  /** URL at which clients reach it. */
  url: string;
  /** URL of HTTP actions. */
  siteUrl: string;
  /** Reports unhandled rejections. Default: they are left to the host. */
  rejections?: Rejections;
  /** The admin key. */
  adminKey: string | undefined;
  /** Whether error details are hidden from clients. */
  production: boolean;
  /** Further features for admins. */
  admin: Pick<DeploymentAdminOptions, "environment" | "push">;
}

/** The functions that are served, and what serves them. */
export interface Running {
  /** The functions. */
  functions: LoadedFunctions;
  /** Answers admins, with the log of functions. */
  admin: DeploymentAdmin;
  /** Runs them. */
  engine: Engine;
  /** Serves the engine. */
  server: ConvexServer;
  /** Answers requests. */
  answer: ReturnType<typeof denoHandler>;
}

/** What stays when functions are replaced. */
export interface ServingHost {
  /** Options of the deployment. */
  options: DeploymentOptions;
  /** Opens the store for these functions. */
  openStore(): SyncStore;
  /** The admin of the functions served before. */
  previous: DeploymentAdmin | undefined;
  /** Collects garbage at once. */
  collectGarbage: () => void;
  /** Logs failures of the server. */
  logFailure: FailureLog;
  /** Logs failures of the engine's own jobs, and of HTTP actions. */
  logJob: FailureLog;
}

/** Opens an engine with functions, and a server for it. Throws what is wrong with them before it opens the store. */
export function startServing(
  functions: LoadedFunctions,
  host: ServingHost,
): Running {
  const { options, collectGarbage, logFailure, logJob } = host;
  const { url, adminKey, production, rejections } = options;
  const { schema, httpPrefix, placesOf } = functions;
  const { admin, verifyToken } = adminOf(functions, host);
  const add = (backend: Backend, path: string) => ({
    ...backend,
    modules: { ...backend.modules, ...admin.functions(path) },
  });
  const engine = openEngine({
    modules: add(functions, "").modules,
    schema: schema as SchemaLike | undefined,
    components: Object.fromEntries(
      Object.entries(functions.components).map((
        [path, backend],
      ) => [path, add(backend, path) as EngineComponent]),
    ),
    ...(httpPrefix !== undefined && { httpPrefix }),
    store: host.openStore(),
    timers,
    watchdog: { ...timers, collectGarbage },
    ...(rejections && { rejections }),
    ...(placesOf && { placesOf }),
    url,
    log: (level, message) =>
      level === "error"
        ? logJob(message)
        : console.error(`${level}: ${message}`),
  });
  // Whoever calls them, such as another company's server, does not tell the author.
  engine.observe(({ kind, name, error }) => {
    if (kind === "httpAction" && error !== undefined) {
      logJob(error, `HTTP action ${name} failed: `);
    }
  });
  const server = createConvexServer(engine, {
    admin,
    verifyToken,
    adminKey,
    redactErrors: production,
    onError: logFailure,
  });
  return { functions, admin, engine, server, answer: denoHandler(server) };
}

/** The admin of functions, and the verifier of tokens, which changes with the environment variables. */
function adminOf(
  functions: LoadedFunctions,
  { options, previous }: ServingHost,
): { admin: DeploymentAdmin; verifyToken: VerifyToken | undefined } {
  const { url, siteUrl } = options;
  const { modules, components } = functions;
  const { environment } = options.admin;
  let verify = verifierOf(functions.authConfig);
  const admin = new DeploymentAdmin({
    modules,
    components,
    url,
    siteUrl,
    previous,
    ...options.admin,
    ...(environment && {
      environment: servedEnvironment(environment, functions, (config) => {
        verify = verifierOf(config);
      }),
    }),
  });
  return { admin, verifyToken: verify && ((token) => verify!(token)) };
}

function verifierOf(authConfig: unknown): VerifyToken | undefined {
  return authConfig === undefined
    ? undefined
    : jwtVerifier(authConfig as AuthConfig);
}

const timers = {
  set: (delayMs: number, callback: () => void) => setTimeout(callback, delayMs),
  clear: (timer: unknown) => clearTimeout(timer as number),
};
