import type { DeploymentAdmin } from "../../src/server/mod.ts";
import type { SyncStore } from "../../src/store/types.ts";
import { failureLog } from "./failure_log.ts";
import { garbageCollector } from "./garbage_collector.ts";
import type { LoadedFunctions } from "./load_functions.ts";
import {
  type DeploymentOptions,
  type Running,
  startServing,
} from "./start_serving.ts";

/** Longest wait of a request for functions, in ms. It must end: a running call may have made it, and is waited for. */
const MAX_WAIT_MS = 10_000;
/** Delay before a file that could not be reopened is tried again, in ms. */
const REOPEN_MS = 1000;
/** Time for requests to reach the engine before it is closed, in ms. Calls that have reached it are waited for. */
const ARRIVAL_MS = 100;

/** An engine and its server, whose functions can be replaced while it runs. */
export class Deployment {
  readonly #options: DeploymentOptions;
  #running: Running | undefined;
  #admin: DeploymentAdmin | undefined;
  #changing: Promise<unknown> = Promise.resolve();
  /** Resolves when functions are served, or never will be. Renewed each time that serving stops. */
  #settled: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #collectGarbage = garbageCollector();
  readonly #logFailure = failureLog(console.error);
  readonly #logJob = failureLog(console.error);
  readonly #answering: Set<Promise<Response>> = new Set();
  #isReopening = false;
  #isClosed = false;

  /** Serves nothing yet. */
  constructor(options: DeploymentOptions) {
    this.#options = options;
  }

  /**
   * Answers a request of a client with this address. If nothing is served at the moment, the request waits.
   */
  answer(request: Request, ip: string): Promise<Response> {
    const info = { remoteAddr: { hostname: ip } };
    return this.#answer((running) => running.answer(request, info));
  }

  /** Answers a request to an HTTP action. If nothing is served at the moment, it waits. */
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
   * Serves these functions from now on. Running calls finish first, and clients reconnect. Rejects if the data
   * contradicts the schema; the previous functions are then served again.
   */
  serve(functions: LoadedFunctions): Promise<void> {
    const change = this.#changing.then(() => this.#change(functions));
    this.#changing = change.catch(() => {});
    return change;
  }

  /** Stops serving and closes the store. */
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
    const running = startServing(functions, {
      options: this.#options,
      openStore: () => this.#openStore(functions),
      previous: this.#admin,
      collectGarbage: this.#collectGarbage,
      logFailure: this.#logFailure,
      logJob: this.#logJob,
    });
    this.#admin = running.admin;
    return running;
  }

  /** Opens the store. It stops when a commit fails, for example on a full disk, and is then reopened for reads. */
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
    // A push may have replaced the functions meanwhile.
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
