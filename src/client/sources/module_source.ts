import { ClientError, ExecutorError } from "../../errors.ts";
import { createExecutor } from "../../executor/executor.ts";
import type { ExecutorKind } from "../../executor/types.ts";
import {
  anAddress,
  anything,
  checkOptions,
  type OptionChecks,
  that,
} from "../check.ts";
import type { AsyncConvexClientOptions } from "../call_runner.ts";
import { ExecutorConnection } from "./executor_connection.ts";
import { ownError } from "./object_connection.ts";
import { shown } from "../../at_once.ts";
import type { Call, ClientSource, ConnectionCallOptions } from "../types.ts";

/** Options of {@link moduleSource}. */
export interface ModuleSourceOptions {
  /** Passed to the module's `createClient(config)` in each worker; must be cloneable. */
  config?: unknown;
  /**
   * True if the client's methods block their thread; a worker then runs one call at a time. Default true. If there is
   * only one client (`stateful`, or on this thread) and an aborted call goes on in it, the next call starts after 10 s,
   * so that a call that never ends does not block the others for ever.
   */
  blocking?: boolean | undefined;
  /**
   * True if the client holds state that later calls rely on. A single worker then keeps it from the first call until
   * the client is closed, and keeps the process alive; if it dies, its calls and all later ones reject with
   * `WORKER_LOST`. Default false: each worker has its own client, rebuilt after being idle, so a call may not find what
   * an earlier one left there.
   */
  stateful?: boolean | undefined;
  /**
   * Most workers, which for a blocking client is how many calls run at once. Default 16 if blocking and not stateful,
   * otherwise 1; only 1 if stateful.
   */
  maxWorkers?: number | undefined;
  /** Where calls may run, in order of preference. Default: workers if the host has them, else this thread. */
  kinds?: readonly ExecutorKind[] | undefined;
  /**
   * Module that starts a worker by `startModuleWorker` of `@cortex/memory/worker/client`, for a
   * Content-Security-Policy that forbids `data:` workers.
   */
  workerUrl?: string | URL | undefined;
}

/** The checks that are made here. `anything` is checked where the option is used. */
const CHECKS: OptionChecks<ModuleSourceOptions & AsyncConvexClientOptions> = {
  config: anything,
  blocking: that("a boolean", (value) => typeof value === "boolean"),
  stateful: anything,
  maxWorkers: anything,
  kinds: anything,
  workerUrl: anAddress,
  timeoutMs: anything,
  hooks: anything,
};

/** The executor's name for the object that contains the configuration, in paths of its errors. */
const INIT = "init.";
/** Calls that a worker holds at once when its client does not block. */
const CONCURRENCY = 256;

/**
 * A source whose client is built in workers by a module that exports `createClient(config)`, which returns (or
 * promises) an object with `query`, `mutation`, `action` and perhaps `close`. Where the host has no workers the module
 * is imported on this thread.
 *
 * Throws `ClientError` `INVALID_ARGUMENT` when the URL is not absolute, or when a stateful client is given several
 * workers. Calls reject with `MODULE_FAILED` when the module cannot be loaded or creates no client.
 */
export function moduleSource(
  url: string | URL,
  options: ModuleSourceOptions & AsyncConvexClientOptions = {},
  config?: unknown,
): ClientSource {
  checkOptions("AsyncConvexClient.fromModule", options, CHECKS);
  const { blocking = true, stateful = false } = options;
  const { kinds, workerUrl } = options;
  const { maxWorkers = blocking && !stateful ? 16 : 1 } = options;
  if (stateful && maxWorkers !== 1) {
    throw new ClientError(
      "INVALID_ARGUMENT",
      `maxWorkers must be 1 for a stateful client; got ${shown(maxWorkers)}`,
    );
  }
  const init = {
    url: absolute(url),
    config: config === undefined ? options.config : config,
  };
  const start = () =>
    createExecutor({
      worker: async () =>
        workerUrl !== undefined ? { url: workerUrl } : {
          code: (await import("./module_worker_from_task_setup.gen.ts"))
            .moduleWorkerCode,
        },
      inline: async () =>
        (await import("./module_handler.ts")).createModuleHandler,
      init,
      maxWorkers,
      stateful,
      concurrencyPerWorker: blocking ? 1 : CONCURRENCY,
      kinds,
    });
  return { open: () => new ModuleConnection(start, stateful) };
}

/** A connection to workers that import a module. */
class ModuleConnection extends ExecutorConnection {
  override async call(
    call: Call,
    options: ConnectionCallOptions,
  ): Promise<unknown> {
    try {
      return await super.call(call, options);
    } catch (error) {
      throw ownError(withOwnPath(error));
    }
  }
}

/** Removes `init.` from the error for a value that cannot be cloned: the caller knows it as `config`. */
function withOwnPath(error: unknown): unknown {
  const { code, message, data, cause } = error as ExecutorError;
  const path = (data as { path?: string } | undefined)?.path;
  if (code !== "NOT_CLONEABLE" || !path?.startsWith(INIT)) return error;
  return new ExecutorError(code, message.replace(INIT, ""), {
    data: { path: path.slice(INIT.length) },
    cause,
  });
}

function absolute(url: string | URL): string {
  try {
    return new URL(url).href;
  } catch {
    throw new ClientError(
      "INVALID_ARGUMENT",
      `url must be the absolute URL of a module, such as import.meta.resolve("./client.ts"); got ${
        shown(url)
      }`,
    );
  }
}
