/**
 * The embedded engine as a source: composition root of client, executor and the generated backend.
 *
 * @module
 */
import { ClientError, EngineError, isCortexError } from "../../errors.ts";
import { createExecutor } from "../../executor/executor.ts";
import type {
  CreateHandler,
  Executor,
  ExecutorKind,
} from "../../executor/types.ts";
import {
  anAddress,
  anObject,
  anything,
  checkOptions,
  oneOf,
  type OptionChecks,
} from "../check.ts";
import type { AsyncConvexClientOptions } from "../call_runner.ts";
import { follow } from "./embedded_watch.ts";
import { noAuth } from "./no_auth.ts";
import { argsSize, shown } from "../../at_once.ts";
import type {
  Call,
  ClientSource,
  Connection,
  ConnectionCallOptions,
  ConnectionStats,
  ObjectStorageLike,
  QueryObserver,
} from "../types.ts";

/** Options of {@link embeddedSource}. */
export interface EmbeddedSourceOptions {
  /** SQLite file, created if absent. Without it, data is kept in memory and gone when the client is closed. */
  path?: string | undefined;
  /** The storage of the Durable Object this runs in, instead of a file. The engine then runs on this thread. */
  storage?: ObjectStorageLike | undefined;
  /**
   * What a mutation waits for, with a `path`. `"full"` (default): the disk, so it survives a power failure. `"normal"`:
   * the operating system, so it survives the end of the process. `"off"`: as `"normal"`, but a power failure may damage
   * the file.
   */
  durability?: "full" | "normal" | "off" | undefined;
  /** Where the engine may run, in order of preference. Default: a worker if the host has one, else this thread. */
  kinds?: readonly ExecutorKind[] | undefined;
  /**
   * Module that starts the worker by `startEngineWorker` of `@cortex/memory/worker/engine`, for a
   * Content-Security-Policy that forbids `data:` workers.
   */
  workerUrl?: string | URL | undefined;
}

/** The checks that are made here. `anything` is checked where the option is used. */
const CHECKS: OptionChecks<EmbeddedSourceOptions & AsyncConvexClientOptions> = {
  path: anything,
  storage: anObject,
  durability: oneOf("full", "normal", "off"),
  kinds: anything,
  workerUrl: anAddress,
  timeoutMs: anything,
  hooks: anything,
};

/**
 * A source over the embedded engine, which runs Cortex's functions in one worker, or on this thread where the host has
 * no workers. The engine's code is loaded when the source is opened.
 *
 * If the engine cannot be opened, the waiting calls reject with the `StoreError` and the next call tries again. If a
 * commit fails, for example on a full disk, its mutations reject with `STORE_FULL` or `STORE_IO_FAILED`, and the file is
 * reopened. If the worker dies, the mutations and actions in flight reject. With a `path`, the queries in flight are run
 * again, in a new worker that reopens the file; in memory, they reject as well, and every later call rejects with
 * `EngineError` `ENGINE_LOST`.
 *
 * Throws `ClientError` `INVALID_ARGUMENT` when `path` is not a file name, or is combined with `storage`.
 */
export function embeddedSource(
  options: EmbeddedSourceOptions & AsyncConvexClientOptions = {},
): ClientSource {
  checkOptions("AsyncConvexClient.embedded", options, CHECKS);
  const { path, storage } = options;
  if (path !== undefined && (typeof path !== "string" || path === "")) {
    throw new ClientError(
      "INVALID_ARGUMENT",
      `path must be the name of a file; got ${shown(path)}`,
    );
  }
  if (storage !== undefined && path !== undefined) {
    throw new ClientError(
      "INVALID_ARGUMENT",
      "path and storage cannot be combined",
    );
  }
  return {
    open: () => new EmbeddedConnection(options),
  };
}

class EmbeddedConnection implements Connection {
  /** The engine runs mutations one by one, in the order in which they arrive. */
  readonly keepsBatchOrder = true;
  readonly setAuth: Connection["setAuth"] = noAuth(
    "it trusts its process; say who calls by the option auth of Cortex, or serve the engine, which verifies tokens then",
  );
  readonly #options: EmbeddedSourceOptions;
  #executor: Executor | undefined;
  /** Whether the executor's engine is known to be open. */
  #isBuilt = false;
  #lost: Error | undefined;
  /** Counters of executors that were lost. */
  #before: ConnectionStats = { calls: 0, requests: 0 };

  constructor(options: EmbeddedSourceOptions) {
    this.#options = options;
  }

  async call(
    call: Call,
    { signal, priority }: ConnectionCallOptions,
  ): Promise<unknown> {
    argsSize(call);
    const executor = this.#open();
    try {
      const value = await executor.run(call, { signal, priority });
      this.#isBuilt = true;
      return value;
    } catch (error) {
      if (!isLoss(error)) {
        await this.#forgetUnlessBuilt(executor, signal);
        throw error;
      }
      this.#drop(executor, error);
      if (call.kind !== "query" || this.#lost !== undefined) throw error;
      // A query can run twice, and the file contains every acknowledged write.
      signal?.throwIfAborted();
      return await this.#open().run(call, { signal });
    }
  }

  subscribe(call: Call, observer: QueryObserver): () => void {
    const giveUp = new AbortController();
    const { signal } = giveUp;
    const run = async () => {
      while (!signal.aborted) {
        const executor = this.#open();
        try {
          return await follow(executor, call, observer, signal);
        } catch (error) {
          if (!isLoss(error)) {
            await this.#forgetUnlessBuilt(executor, signal);
            throw error;
          }
          this.#drop(executor, error);
        }
      }
    };
    run().catch((error) => {
      if (!signal.aborted) observer.onError(error);
    });
    return () => giveUp.abort();
  }

  stats(): ConnectionStats {
    const { submitted = 0, messages = 0 } = this.#executor?.stats() ?? {};
    return {
      calls: this.#before.calls + submitted,
      requests: this.#before.requests + messages,
    };
  }

  async close(): Promise<void> {
    await this.#executor?.close();
  }

  #open(): Executor {
    if (this.#lost !== undefined) {
      throw new EngineError(
        "ENGINE_LOST",
        "The embedded engine's worker ended, and its data in memory is lost: make a new client, " +
          "or set path to keep data in a file",
        { cause: this.#lost },
      );
    }
    this.#executor ??= this.#start();
    return this.#executor;
  }

  #start(): Executor {
    const { path, storage, durability, workerUrl } = this.#options;
    const kinds = storage === undefined
      ? this.#options.kinds
      : ["inline" as const];
    const executor: Executor = createExecutor({
      worker: () =>
        workerUrl !== undefined
          ? { url: workerUrl }
          : { script: workerScript() },
      // A storage cannot be cloned, so it is passed directly.
      inline: async () => {
        const { createHandler } = await loadInline();
        return storage === undefined
          ? createHandler
          : () => createHandler({ storage });
      },
      init: path === undefined ? {} : { path, durability },
      stateful: true,
      kinds,
      onLost: (error) => this.#drop(executor, error),
    });
    return executor;
  }

  /** Forgets an executor whose engine could not be opened, so that the next call tries again. */
  async #forgetUnlessBuilt(
    executor: Executor,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (this.#isBuilt || signal?.aborted) return;
    try {
      await executor.warm();
      this.#isBuilt = true;
    } catch {
      if (this.#executor !== executor) return;
      this.#forget();
      executor.close({ force: true }).catch(() => {});
    }
  }

  /** Forgets an executor whose worker ended; called by the first caller that notices. */
  #drop(executor: Executor, error: Error): void {
    if (this.#executor !== executor) return;
    this.#forget();
    if (this.#options.path === undefined) this.#lost = error;
  }

  #forget(): void {
    this.#before = this.stats();
    this.#executor = undefined;
    this.#isBuilt = false;
  }
}

async function loadInline(): Promise<{ createHandler: CreateHandler }> {
  const { createHandler } = await import("../../embedded/inline_backend.ts");
  return { createHandler: createHandler as CreateHandler };
}

async function workerScript(): Promise<string> {
  const { backendScript } = await import(
    "../../embedded/backend_script_from_task_setup.gen.ts"
  );
  return backendScript;
}

/** True for the error of tasks whose worker died. */
function isLoss(error: unknown): error is Error {
  return isCortexError(error) && error.code === "WORKER_LOST";
}
