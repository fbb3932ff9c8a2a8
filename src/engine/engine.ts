/**
 * The embedded Convex engine: runs unmodified Convex functions over a synchronous store.
 *
 * @module
 */

import { tell } from "../at_once.ts";
import type { SyncStore } from "../store/types.ts";
import { copyArgs } from "../values/copy.ts";
import type { CallOutcome, CallSettings } from "./calls/call_types.ts";
import { newCaller } from "./run/caller.ts";
import { Executions } from "./run/executions.ts";
import type { ServiceAccess } from "./context/context_host.ts";
import { EngineCore } from "./engine_core.ts";
import type {
  Engine,
  EngineCallOptions,
  FunctionArgs,
} from "./engine_types.ts";
import { EngineFiles } from "./gates/file_gate.ts";
import type { EngineComponent } from "./components/components.ts";
import { convexBehaviour } from "./convex_behaviour.ts";
import type { FunctionModules, FunctionType } from "./functions/functions.ts";
import { answerRequest } from "./calls/http_actions.ts";
import { outwardError, type PlacesOf } from "./functions/thrown.ts";
import { tableSize } from "./documents/table_size.ts";
import { importData } from "./gates/import_data.ts";
import { type EngineLimits, UNLIMITED } from "./limits/limits.ts";
import type { Rejections } from "./run/stray_rejections.ts";
import type { Timers } from "./timers.ts";
import type { WatchdogHost } from "./run/watchdog.ts";
import type { SchemaLike } from "./schema/schema.ts";
import { LiveWatch } from "./live/watch.ts";
import { publicKeys } from "./context/sign_jwt.ts";

export type {
  Engine,
  EngineCallOptions,
  EngineCapabilities,
  FunctionArgs,
} from "./engine_types.ts";
export type { EngineLimits, TransactionLimits } from "./limits/limits.ts";
export type { PageJournal } from "./transaction/transaction.ts";
export type { CallOutcome, CallSettings } from "./calls/call_types.ts";
export type { Caller, RequestFacts } from "./run/caller.ts";
export type { Execution } from "./run/executions.ts";
export type { FileGate, ServedFile } from "./gates/file_gate.ts";
export type {
  ChangeGate,
  ChangesPage,
  ExportedDocument,
  Includes,
  SnapshotPage,
} from "./gates/change_gate.ts";
export type { Rejections } from "./run/stray_rejections.ts";
export type { Timers } from "./timers.ts";
export type { PlacesOf } from "./functions/thrown.ts";
export type { WatchdogHost } from "./run/watchdog.ts";
export type {
  FunctionModules,
  FunctionType,
  ModuleExports,
} from "./functions/functions.ts";
export type { UserIdentity } from "./functions/identity.ts";
export type {
  ImportedData,
  ImportedFile,
  ImportedTable,
} from "./gates/import_data.ts";
export type {
  LiveCall,
  LiveFollower,
  LiveResult,
  LiveSet,
} from "./live/live_types.ts";
export type { EngineComponent } from "./components/components.ts";
export type { ServiceAccess } from "./context/context_host.ts";
export type { SchemaLike } from "./schema/schema.ts";
export type { PublicJwk } from "./context/sign_jwt.ts";
export type { SessionRequest } from "./transaction/session_requests.ts";
export type { Watch } from "./live/watch.ts";

/** Options of {@link openEngine}. */
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
  random?: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Limits that differ from Convex's. */
  limits?: Partial<EngineLimits>;
  /** Components, by path: `workpool` for a child of the app, `workflow/workpool` for a child of that. */
  components?: { [path: string]: EngineComponent };
  /** Path prefix of the app's own HTTP actions, such as `/api`. Default: all paths that no component has. */
  httpPrefix?: string;
  /** The host's timers. Without them scheduled functions and cron jobs wait for an engine that has some. */
  timers?: Timers;
  /**
   * The host's timers, for `limits.transactionMs`: a query or a mutation that waits too long for something outside the
   * engine is given up. Without them, it blocks all that follow. Where the host can collect garbage on request, one
   * whose promise nothing can resolve fails within a second.
   */
  watchdog?: WatchdogHost;
  /**
   * Where the host reports unhandled rejections: a function that leaves one fails with it. Costs each function a turn
   * of the event loop. Without it the host handles them, which on most ends the process.
   */
  rejections?: Rejections;
  /**
   * Called between two transactions: returns a promise when it is time to yield to the event loop. Without it, many
   * transactions started together keep timers and I/O waiting until the last has ended.
   */
  turn?: () => Promise<void> | undefined;
  /**
   * The host's timers, for preloading the search indexes of a file with pauses in between. Without them, the first
   * searches read what they need.
   */
  preload?: Timers;
  /** Whether the jobs that `crons.ts` exports run. Default: when there are `timers`. */
  crons?: boolean;
  /** Where `/api/storage` is served, for URLs of files. Default `http://127.0.0.1:3210`. */
  url?: string;
  /**
   * What `getServiceUrl` and `getServiceToken` return to actions, by service, such as `ai-gateway`. Default: both
   * refuse.
   */
  services?: { [name: string]: ServiceAccess };
  /**
   * Finds where in the functions an error was thrown: the lines of its stack that callers are shown, such as ` at
   * handler (../convex/notes.ts:3:8)`. Default: none are shown.
   */
  placesOf?: PlacesOf;
  /**
   * Receives messages for operators, and the entries of the audit log as `audit` and JSON. What it throws reaches the
   * host's handler of uncaught errors. Default: they are dropped.
   */
  log?: (level: "debug" | "info" | "warn" | "error", message: string) => void;
}

/**
 * Opens an engine over a store. Costs a pass over the tables whose schema has changed since the last time, and one seek
 * for each other table.
 *
 * Calls reject with `EngineError` (`FUNCTION_NOT_FOUND`, `ARGUMENT_VALIDATION`, `RETURN_VALIDATION`,
 * `DOCUMENT_VALIDATION`, `DOCUMENT_TOO_LARGE`, `LIMIT_EXCEEDED`, `INVALID_ID`, `INVALID_CURSOR`, `ENGINE_CLOSED`,
 * `UNSUPPORTED` …), with `ConvexError` when the function threw one, with the store's `StoreError` when it could not
 * write, and with `FUNCTION_ERROR`, whose `cause` is the original error, when the function threw anything else.
 *
 * Throws `INVALID_ARGUMENT` for a wrong limit, `INVALID_SCHEMA` for a schema that Convex would refuse,
 * `DOCUMENT_VALIDATION` when a stored document contradicts the schema, `STORE_VERSION` and `STORE_CORRUPT`; the
 * store is closed then.
 */
export function openEngine(options: EngineOptions): Engine {
  // Looked up at each call, as tests replace `Date` by fake clocks.
  const now = options.now ?? (() => Date.now());
  const executions = new Executions(now);
  const core = openCore(options, now, executions);
  const run = runnerOf(core);
  const call =
    (type: FunctionType) =>
    (name: string, args: FunctionArgs, options: EngineCallOptions = {}) =>
      run(type, name, args, options, ({ value }) => value);

  return {
    capabilities: { determinism: core.calls.runner.scope.isExact },
    query: call("query"),
    mutation: call("mutation"),
    action: call("action"),
    run: (type, name, args, settings = {}) =>
      run(type, name, args, settings, (outcome) => outcome),
    watch(name, args = {}, { signal, identity = null } = {}) {
      core.assertOpen(name);
      const path = String(name);
      const copied = copyArgs(args, `arguments of ${path.slice(0, 80)}`);
      const query = { name: path, args: copied, identity, journal: null };
      return new LiveWatch(core.live, query, signal);
    },
    follow: (follower) => {
      core.assertOpen("a query");
      return core.live.open(follower);
    },
    async fetch(request, { identity = null, sender } = {}) {
      core.assertOpen(request.url);
      const caller = newCaller({ ...sender, identity });
      // No signal: as on Convex, an action continues after its client has disconnected.
      const frame = { caller, depth: 0 };
      try {
        return await core.track(answerRequest(core.calls, request, frame));
      } catch (error) {
        throw outwardError(error, request.url);
      }
    },
    files: new EngineFiles(core.calls, core.store, now),
    changes: core.changes,
    jwks: () => publicKeys(core.store),
    tables: (component = "") =>
      [...core.components.get(component).database.catalog.tables()]
        .map(({ name }) => name),
    tableSize: (name, component = "") => {
      const table = core.components.get(component).database.catalog.find(name);
      return table ? tableSize(core.store, table) : 0;
    },
    schema: (component = "") => core.components.get(component).schema,
    importData: (data) => {
      core.assertOpen("an import");
      const { calls, components } = core;
      return core.track(calls.transaction(
        { component: components.app, writable: true, limits: UNLIMITED },
        (transaction) => importData(transaction, components, data),
      ));
    },
    refresh: () => core.live.refresh(),
    observe: (observer) => executions.observe(observer),
    timestamp: () => core.commits.latest,
    holdTimestamp: (ts) => core.commits.openHistory(ts),
    close: () => core.close(),
  };
}

function openCore(
  options: EngineOptions,
  now: () => number,
  executions: Executions,
): EngineCore {
  const { store, schema, modules, components = {}, timers } = options;
  type Level = Parameters<NonNullable<EngineOptions["log"]>>[0];
  // What it throws must not fail what it is told of.
  const log = (level: Level, message: string) =>
    tell((text) => options.log?.(level, text), message);
  // Captured now, since a function may remove the global.
  const { crypto } = globalThis;
  const core = new EngineCore({
    store,
    app: { schema, modules, httpPrefix: options.httpPrefix },
    components,
    now,
    random: options.random ?? ((bytes) => crypto.getRandomValues(bytes)),
    limits: options.limits,
    timers,
    watchdog: options.watchdog,
    rejections: options.rejections,
    turn: options.turn,
    preload: options.preload,
    hasCrons: options.crons ?? timers !== undefined,
    deployment: {
      url: options.url ?? "http://127.0.0.1:3210",
      name: "embedded",
      behaviour: convexBehaviour,
      executions,
      ...(options.services && { services: options.services }),
      ...(options.placesOf && { placesOf: options.placesOf }),
      audit: (entry) => log("info", `audit ${JSON.stringify(entry)}`),
    },
    outward: outwardError,
    log: (level, message, error) =>
      log(
        level,
        error === undefined ? message : `${message}: ${textOf(error)}`,
      ),
  });
  core.started.catch((error) =>
    log("error", `scheduled functions do not run: ${error}`)
  );
  return core;
}

/** Runs functions on behalf of outside callers, whose errors `outwardError` translates. */
function runnerOf(core: EngineCore) {
  return async <Picked>(
    type: FunctionType | "any",
    name: string,
    args: FunctionArgs,
    settings: CallSettings,
    pick: (outcome: CallOutcome) => Picked,
  ): Promise<Picked> => {
    const { component = "", signal, mayCallInternal } = settings;
    const mustBePublic = mayCallInternal !== true;
    const address = { component, name: String(name), mustBePublic };
    try {
      return pick(await core.run(type, address, args, settings));
    } catch (error) {
      if (signal?.aborted && error === signal.reason) throw error;
      throw outwardError(error, name);
    }
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
