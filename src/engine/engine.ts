/**
 * The embedded Convex engine: runs unmodified Convex functions over a synchronous store.
 *
 * @module
 */

import {
  ConvexError,
  EngineError,
  isConvexError,
  isCortexError,
} from "../errors.ts";
import type { SyncStore } from "../store/types.ts";
import { copyValue } from "../values/copy.ts";
import type { Value } from "../values/types.ts";
import { Calls } from "./calls.ts";
import type { Catalog } from "./catalog.ts";
import {
  type FunctionModules,
  FunctionRegistry,
  type FunctionType,
} from "./functions.ts";
import { IdSource } from "./ids.ts";
import { type EngineLimits, resolveLimits } from "./limits.ts";
import { openCatalog } from "./open_catalog.ts";
import { SerialQueue } from "./queue.ts";
import { readSchema, type SchemaLike } from "./schema.ts";
import { SearchCaches } from "./search_caches.ts";
import type { PageJournal } from "./transaction.ts";

export type { FunctionModules } from "./functions.ts";
export type { EngineLimits } from "./limits.ts";
export type { PageJournal } from "./transaction.ts";
export type { SchemaLike } from "./schema.ts";

/** Named arguments of a function. */
export type FunctionArgs = { [name: string]: unknown };

/** What an engine is made of. */
export interface EngineOptions {
  /** The result of `defineSchema`. Without it every table and every document is allowed, and there are no indexes. */
  schema?: SchemaLike;
  /** The functions: module path (`"memory"`, `"folder/file"`) to its exports. */
  modules: FunctionModules;
  /** Where the data lives. The engine owns it from now on and closes it. */
  store: SyncStore;
  /** The time in ms since 1970. Default `Date.now`. */
  now?: () => number;
  /** Fills bytes with unpredictable ones. Default `crypto.getRandomValues`. */
  random?: (bytes: Uint8Array) => void;
  /** Limits that differ from Convex's. */
  limits?: Partial<EngineLimits>;
  /** Receives what an operator may want to know. Default: nobody. */
  log?: (level: "debug" | "info" | "warn" | "error", message: string) => void;
}

/** Options of one call. */
export interface EngineCallOptions {
  /** Gives the call up: it rejects with the signal's reason, and a mutation that has not committed writes nothing. */
  signal?: AbortSignal;
  /**
   * For a query that is run again and again, to show what is current: one object for all of its runs. The engine keeps
   * in it where the query's page ends, so that the page keeps its bounds: it grows by what is inserted inside, and
   * pages that were neighbours stay neighbours.
   */
  journal?: PageJournal;
}

/** A running engine. */
export interface Engine {
  /** Runs a query on one consistent state of the data. */
  query(
    name: string,
    args: FunctionArgs,
    options?: EngineCallOptions,
  ): Promise<Value>;
  /** Runs a mutation: all that it writes or nothing. Resolves once that is durable. */
  mutation(
    name: string,
    args: FunctionArgs,
    options?: EngineCallOptions,
  ): Promise<Value>;
  /** Runs an action. */
  action(
    name: string,
    args: FunctionArgs,
    options?: EngineCallOptions,
  ): Promise<Value>;
  /** Refuses new calls, waits for those under way, then closes the store. */
  close(): Promise<void>;
}

/**
 * Opens an engine over a store. Costs a pass over the tables whose schema has changed since the last time, otherwise a
 * seek a table.
 *
 * Calls reject with `EngineError` (`FUNCTION_NOT_FOUND`, `ARGUMENT_VALIDATION`, `RETURN_VALIDATION`,
 * `DOCUMENT_VALIDATION`, `DOCUMENT_TOO_LARGE`, `LIMIT_EXCEEDED`, `INVALID_ID`, `INVALID_CURSOR`, `ENGINE_CLOSED`,
 * `UNSUPPORTED` …), with `ConvexError` when the function threw one, with the store's `StoreError` when
 * it could not write, and with `FUNCTION_ERROR`, whose
 * `cause` is the original, when it threw anything else.
 *
 * Throws `INVALID_ARGUMENT` for a wrong limit, `INVALID_SCHEMA` for a schema that Convex would refuse,
 * `DOCUMENT_VALIDATION` when a stored document contradicts the schema, `STORE_VERSION` and `STORE_CORRUPT`; the
 * store is closed then.
 */
export function openEngine(options: EngineOptions): Engine {
  const { store, log } = options;
  const ids = new IdSource(
    options.random ?? ((bytes) => crypto.getRandomValues(bytes)),
  );
  const catalog = openOrClose(
    store,
    () =>
      openCatalog(
        store,
        readSchema(options.schema),
        ids,
        resolveLimits(options.limits),
        (message) => log?.("info", message),
      ),
  );
  const caches = new SearchCaches(store);
  const registry = new FunctionRegistry(options.modules);
  const queue = new SerialQueue(() => caches.flush());
  const calls = new Calls(
    { store, catalog, ids, caches },
    registry,
    queue,
    options.now ?? Date.now,
  );
  const running = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  async function call(
    type: FunctionType,
    name: string,
    args: FunctionArgs,
    { signal, journal }: EngineCallOptions = {},
  ): Promise<Value> {
    if (closing) {
      throw new EngineError(
        "ENGINE_CLOSED",
        `the engine is closed; cannot run ${String(name).slice(0, 80)}`,
      );
    }
    signal?.throwIfAborted();
    let result: Promise<Value> | undefined;
    try {
      const definition = registry.find(String(name), type, true);
      result = type === "action"
        ? calls.act(definition, args, signal, 1)
        : calls.transact(definition, args, signal, journal);
      running.add(result);
      return await result;
    } catch (error) {
      if (signal?.aborted && error === signal.reason) throw error;
      throw outwardError(error, name);
    } finally {
      if (result) running.delete(result);
    }
  }

  return {
    query: (name, args, options) => call("query", name, args, options),
    mutation: (name, args, options) => call("mutation", name, args, options),
    action: (name, args, options) => call("action", name, args, options),
    close: () =>
      closing ??= (async () => {
        await Promise.allSettled(running);
        await queue.idle();
        store.close();
      })(),
  };
}

/** Lets go of the store when it cannot be used: nobody else has it. */
function openOrClose(store: SyncStore, open: () => Catalog): Catalog {
  try {
    return open();
  } catch (error) {
    try {
      store.close();
    } catch {
      // Why it could not be opened says more than why it could not be closed then.
    }
    throw error;
  }
}

/** What a caller outside gets for what a function threw. */
function outwardError(error: unknown, name: string): unknown {
  if (isConvexError(error)) {
    try {
      return new ConvexError(
        copyValue(error.data ?? null, "data of a ConvexError"),
        { cause: error },
      );
    } catch (invalid) {
      return functionError(invalid, name);
    }
  }
  return isCortexError(error) ? error : functionError(error, name);
}

function functionError(error: unknown, name: string): EngineError {
  const text = error instanceof Error
    ? `${error.name}: ${error.message}`
    : String(error);
  return new EngineError("FUNCTION_ERROR", `Uncaught ${text}`, {
    data: { name },
    cause: error,
  });
}
