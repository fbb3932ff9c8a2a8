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
  type DeploymentAdminOptions,
  jwtVerifier,
} from "../../src/server/mod.ts";
import type { SyncStore } from "../../src/store/types.ts";
import type { Backend, LoadedFunctions } from "./load_functions.ts";

/** What stays the same whatever functions are served. */
export interface DeploymentOptions {
  /** Opens where the data lives, each time that functions begin to be served. */
  openStore(): SyncStore;
  /** Where clients reach it. */
  url: string;
  /** Where HTTP actions answer. */
  siteUrl: string;
  /** Key of the admin. */
  adminKey: string | undefined;
  /** Whether clients learn that a function failed, and no more. */
  production: boolean;
  /** What admins may do beside. */
  admin: Pick<DeploymentAdminOptions, "environment" | "push">;
}

/** An engine and its server, whose functions can be put in the place of by others while it answers. */
export class Deployment {
  readonly #options: DeploymentOptions;
  #running: Running | undefined;
  #changing: Promise<unknown> = Promise.resolve();

  /** Takes what stays; nothing is served yet. */
  constructor(options: DeploymentOptions) {
    this.#options = options;
  }

  /** Answers a request of a client. */
  answer(
    request: Request,
    info: Deno.ServeHandlerInfo,
  ): Response | Promise<Response> {
    return this.#running?.answer(request, info) ?? notYet();
  }

  /** Answers a request of an HTTP action. */
  answerSite(request: Request, ip: string): Response | Promise<Response> {
    return this.#running?.server.handleSite(request, { ip }) ?? notYet();
  }

  /**
   * Serves functions from now on. Calls under way end first, and clients connect anew. Rejects when the data contradicts
   * the schema; what was served before is then served still.
   */
  serve(functions: LoadedFunctions): Promise<void> {
    const change = this.#changing.then(() => this.#change(functions));
    this.#changing = change.catch(() => {});
    return change;
  }

  /** Serves nothing any more, and closes the data. */
  async close(): Promise<void> {
    await this.#changing;
    await this.#stop();
  }

  async #change(functions: LoadedFunctions): Promise<void> {
    const before = this.#running;
    await this.#stop();
    try {
      this.#running = this.#start(functions);
    } catch (error) {
      if (before) this.#running = this.#start(before.functions);
      throw error;
    }
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    running.server.close();
    await running.engine.close();
  }

  #start(functions: LoadedFunctions): Running {
    const { url, siteUrl, adminKey, production } = this.#options;
    const { modules, components, schema, httpPrefix, authConfig } = functions;
    const admin = new DeploymentAdmin({
      modules,
      components,
      url,
      siteUrl,
      ...this.#options.admin,
    });
    const add = (backend: Backend, path: string) => ({
      ...backend,
      modules: { ...backend.modules, ...admin.functions(path) },
    });
    const engine = openEngine({
      modules: add(functions, "").modules,
      schema: schema as SchemaLike | undefined,
      components: Object.fromEntries(
        Object.entries(components).map((
          [path, backend],
        ) => [path, add(backend, path) as EngineComponent]),
      ),
      ...(httpPrefix !== undefined && { httpPrefix }),
      store: this.#options.openStore(),
      timers,
      watchdog: timers,
      url,
      log: (level, message) => console.error(`${level}: ${message}`),
    });
    const server = createConvexServer(engine, {
      admin,
      verifyToken: authConfig === undefined
        ? undefined
        : jwtVerifier(authConfig as AuthConfig),
      adminKey,
      redactErrors: production,
    });
    return { functions, engine, server, answer: denoHandler(server) };
  }
}

/** What is served at present. */
interface Running {
  functions: LoadedFunctions;
  engine: Engine;
  server: ConvexServer;
  answer: ReturnType<typeof denoHandler>;
}

const timers = {
  set: (delayMs: number, callback: () => void) => setTimeout(callback, delayMs),
  clear: (timer: unknown) => clearTimeout(timer as number),
};

function notYet(): Response {
  return new Response("The data is being opened.", { status: 503 });
}
