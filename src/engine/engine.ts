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
import { copyArgs, copyValue } from "../values/copy.ts";
import type { Value } from "../values/types.ts";
import { type CallOutcome, Calls, type CallSettings } from "./calls.ts";
import type { Catalog } from "./catalog.ts";
import { Commits } from "./commits.ts";
import {
  type FunctionModules,
  FunctionRegistry,
  type FunctionType,
} from "./functions.ts";
import type { UserIdentity } from "./identity.ts";
import { IdSource } from "./ids.ts";
import { type EngineLimits, resolveLimits } from "./limits.ts";
import {
  type LiveFollower,
  LiveQueries,
  type LiveSet,
} from "./live_queries.ts";
import { openCatalog } from "./open_catalog.ts";
import { SerialQueue } from "./queue.ts";
import { readSchema, type SchemaLike } from "./schema.ts";
import { Scrubber } from "./scrubber.ts";
import { SearchCaches } from "./search_caches.ts";
import type { PageJournal } from "./transaction.ts";
import { LiveWatch, type Watch } from "./watch.ts";

export type { EngineLimits } from "./limits.ts";
export type { PageJournal } from "./transaction.ts";
export type { CallOutcome, CallSettings } from "./calls.ts";
export type { FunctionModules, FunctionType } from "./functions.ts";
export type { UserIdentity } from "./identity.ts";
export type {
  LiveCall,
  LiveFollower,
  LiveResult,
  LiveSet,
} from "./live_queries.ts";
export type { SchemaLike } from "./schema.ts";
export type { SessionRequest } from "./session_requests.ts";
export type { Watch } from "./watch.ts";

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
  /** Who calls, for `ctx.auth`. The caller vouches for it. Default null: nobody known. */
  identity?: UserIdentity | null;
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
  /**
   * Follows a query: its result now, and after each mutation that changes it. Costs a run after each commit that wrote
   * what the query has read, however many such commits a moment has; nothing while other data changes.
   *
   * The watch holds memory until it is closed, or `options.signal` aborts.
   */
  watch(name: string, args?: FunctionArgs, options?: EngineCallOptions): Watch;
  /** Runs a public function and tells more than its value; for servers. */
  run(
    type: FunctionType | "any",
    name: string,
    args: FunctionArgs,
    settings?: CallSettings,
  ): Promise<CallOutcome>;
  /** Opens a set of followed queries of which one is told at one timestamp; for servers. */
  follow(follower: LiveFollower): LiveSet;
  /** Timestamp of the latest commit: nanoseconds since 1970, strictly increasing. */
  timestamp(): bigint;
  /** The latest timestamp, at which queries can be run for 30 s from now (`settings.ts` of `run`). */
  holdTimestamp(): bigint;
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
  const now = options.now ?? Date.now;
  const commits = new Commits(store, caches, now, ids.latest);
  const registry = new FunctionRegistry(options.modules);
  const queue = new SerialQueue(() => caches.flush());
  new Scrubber(store, queue, commits, (message) => log?.("warn", message));
  const calls = new Calls(
    { store, catalog, ids, caches, commits },
    registry,
    queue,
    now,
  );
  const live = new LiveQueries(
    async (call, reads) => {
      const result = await calls.follow(call, reads);
      return result.ok
        ? result
        : { ...result, error: outwardError(result.error, call.name) };
    },
    queue,
    commits,
  );
  const running = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  function assertOpen(name: string): void {
    if (!closing) return;
    throw new EngineError(
      "ENGINE_CLOSED",
      `the engine is closed; cannot run ${String(name).slice(0, 80)}`,
    );
  }

  async function run(
    type: FunctionType | "any",
    name: string,
    args: FunctionArgs,
    settings: CallSettings = {},
  ): Promise<CallOutcome> {
    assertOpen(name);
    const { signal } = settings;
    signal?.throwIfAborted();
    let result: Promise<CallOutcome> | undefined;
    try {
      const isInside = settings.mayCallInternal === true;
      const definition = registry.find(String(name), type, !isInside);
      result = definition.type === "action"
        ? calls.act(definition, args, settings, 1).then((value) => ({
          value,
          logLines: [],
          ts: commits.latest,
        }))
        : calls.transact(definition, args, settings);
      running.add(result);
      return await result;
    } catch (error) {
      if (signal?.aborted && error === signal.reason) throw error;
      throw outwardError(error, name);
    } finally {
      if (result) running.delete(result);
    }
  }

  const call =
    (type: FunctionType) =>
    async (name: string, args: FunctionArgs, options?: EngineCallOptions) =>
      (await run(type, name, args, options)).value;

  return {
    query: call("query"),
    mutation: call("mutation"),
    action: call("action"),
    run,
    watch(name, args = {}, { signal, identity = null } = {}) {
      assertOpen(name);
      return new LiveWatch(
        live,
        {
          name: String(name),
          args: copyArgs(args, `arguments of ${String(name).slice(0, 80)}`),
          identity,
          journal: null,
        },
        signal,
      );
    },
    follow: (follower) => {
      assertOpen("a query");
      return live.open(follower);
    },
    timestamp: () => commits.latest,
    holdTimestamp: () => commits.openHistory(),
    close: () =>
      closing ??= (async () => {
        live.close();
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
