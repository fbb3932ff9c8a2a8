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
import { failureLog } from "./failure_log.ts";
import { garbageCollector } from "./garbage_collector.ts";
import type { Backend, LoadedFunctions } from "./load_functions.ts";
import { servedEnvironment } from "./served_environment.ts";

/** What stays the same whatever functions are served. */
export interface DeploymentOptions {
  /** Opens where the data lives, each time that functions begin to be served. */
  openStore(): SyncStore;
  /** Where clients reach it. */
  url: string;
  /** Where HTTP actions answer. */
  siteUrl: string;
  /** How the host reports rejections; default: it deals with them itself. */
  rejections?: Rejections;
  /** Key of the admin. */
  adminKey: string | undefined;
  /** Whether clients learn that a function failed, and no more. */
  production: boolean;
  /** What admins may do beside. */
  admin: Pick<DeploymentAdminOptions, "environment" | "push">;
}

/** How long a request waits, in ms: not for ever, for it may come from a call that must end before others are served. */
const MAX_WAIT_MS = 10_000;
/** How long a file that cannot be opened again is left alone, in ms. */
const REOPEN_MS = 1000;
/** How long a request may take to be read before the engine closes, which lets calls that have reached it end. */
const ARRIVAL_MS = 100;

/** An engine and its server, whose functions can be put in the place of by others while it answers. */
export class Deployment {
  readonly #options: DeploymentOptions;
  #running: Running | undefined;
  #admin: DeploymentAdmin | undefined;
  #changing: Promise<unknown> = Promise.resolve();
  /** Resolves when something is served, or nothing will be; another one each time that it stops. */
  #settled: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #collectGarbage = garbageCollector();
  readonly #logFailure = failureLog(console.error);
  readonly #logJob = failureLog(console.error);
  readonly #answering: Set<Promise<Response>> = new Set();
  #isReopening = false;
  #isClosed = false;

  /** Takes what stays; nothing is served yet. */
  constructor(options: DeploymentOptions) {
    this.#options = options;
  }

  /**
   * Answers a request of a client, which has an address; one that comes while nothing is served waits for what will be.
   */
  answer(request: Request, ip: string): Promise<Response> {
    const info = { remoteAddr: { hostname: ip } };
    return this.#answer((running) => running.answer(request, info));
  }

  /** Answers a request of an HTTP action, which waits as others do. */
  answerSite(request: Request, ip: string): Promise<Response> {
    return this.#answer(({ server }) => server.handleSite(request, { ip }));
  }

  async #answer(
    by: (running: Running) => Response | Promise<Response>,
  ): Promise<Response> {
    if (!this.#running) await atMost(this.#settled.promise, MAX_WAIT_MS);
    if (!this.#running) return notYet();
    const answer = Promise.resolve(by(this.#running));
    this.#answering.add(answer);
    try {
      return await answer;
    } finally {
      this.#answering.delete(answer);
    }
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
    this.#isClosed = true;
    await this.#changing;
    await this.#stop();
    this.#settled.resolve();
  }

  async #change(functions: LoadedFunctions): Promise<void> {
    const before = this.#running;
    await this.#stop();
    try {
      this.#running = this.#start(functions);
    } catch (error) {
      if (before) this.#running = this.#start(before.functions);
      throw error;
    } finally {
      this.#settled.resolve();
    }
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    this.#settled = Promise.withResolvers();
    await atMost(Promise.allSettled(this.#answering), ARRIVAL_MS);
    running.server.close();
    await running.engine.close();
  }

  #start(functions: LoadedFunctions): Running {
    const { url, siteUrl, adminKey, production, rejections } = this.#options;
    const { modules, components, schema, httpPrefix, authConfig, placesOf } =
      functions;
    // Before the data is opened: it refuses what is no configuration.
    let verify = verifierOf(authConfig);
    const { environment } = this.#options.admin;
    const admin = new DeploymentAdmin({
      modules,
      components,
      url,
      siteUrl,
      previous: this.#admin,
      ...this.#options.admin,
      ...(environment && {
        environment: servedEnvironment(environment, functions, (config) => {
          verify = verifierOf(config);
        }),
      }),
    });
    this.#admin = admin;
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
      store: this.#openStore(functions),
      timers,
      watchdog: { ...timers, collectGarbage: this.#collectGarbage },
      ...(rejections && { rejections }),
      ...(placesOf && { placesOf }),
      url,
      log: (level, message) =>
        level === "error"
          ? this.#logJob(message)
          : console.error(`${level}: ${message}`),
    });
    const server = createConvexServer(engine, {
      admin,
      verifyToken: verify && ((token) => verify!(token)),
      adminKey,
      redactErrors: production,
      onError: this.#logFailure,
    });
    return { functions, engine, server, answer: denoHandler(server) };
  }

  /** Opens the data, and again when it stops, as a file does where a commit fails on a full disk: reads then go on. */
  #openStore(functions: LoadedFunctions): SyncStore {
    const store = this.#options.openStore();
    const flush = store.flush.bind(store);
    store.flush = () => {
      try {
        flush();
      } catch (error) {
        if (!this.#isReopening) this.#reopen(functions, error);
        throw error;
      }
    };
    return store;
  }

  #reopen(functions: LoadedFunctions, error: unknown): void {
    console.error(`error: ${(error as Error).message}`);
    this.#isReopening = !this.#isClosed;
    if (this.#isClosed) return;
    // A push may have come before it.
    const change = this.#changing.then(() =>
      this.#change(this.#running?.functions ?? functions)
    );
    this.#changing = change.then(
      () => {
        this.#isReopening = false;
      },
      (error) => {
        this.#isReopening = !this.#running;
        if (this.#running) return;
        setTimeout(() => this.#reopen(functions, error), REOPEN_MS);
      },
    );
  }
}

/** What is served at present. */
interface Running {
  functions: LoadedFunctions;
  engine: Engine;
  server: ConvexServer;
  answer: ReturnType<typeof denoHandler>;
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

function notYet(): Response {
  return new Response("The data is being opened.", { status: 503 });
}

/** Resolves when a promise does, or when the time is up. */
async function atMost(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
