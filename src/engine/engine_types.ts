/** The methods of a running engine. */
import type { Value } from "../values/types.ts";
import type { CallOutcome, CallSettings } from "./calls/call_types.ts";
import type { PublicJwk } from "./context/sign_jwt.ts";
import type { FunctionType } from "./functions/functions.ts";
import type { UserIdentity } from "./functions/identity.ts";
import type { ChangeGate } from "./gates/change_gate.ts";
import type { FileGate } from "./gates/file_gate.ts";
import type { ImportedData } from "./gates/import_data.ts";
import type { LiveFollower, LiveSet } from "./live/live_types.ts";
import type { Watch } from "./live/watch.ts";
import type { Execution } from "./run/executions.ts";
import type { PageJournal } from "./transaction/transaction.ts";

/** Named arguments of a function. */
export type FunctionArgs = { [name: string]: unknown };

/** Options of one call. */
export interface EngineCallOptions {
  /** Cancels the call: it rejects with the signal's reason, and a mutation that has not committed writes nothing. */
  signal?: AbortSignal | undefined;
  /**
   * For a query that runs repeatedly to show current data: pass one object to all of its runs. The engine keeps in it
   * where the query's page ends, so that the page keeps its bounds: it grows with what is inserted inside, and adjacent
   * pages stay adjacent.
   */
  journal?: PageJournal | undefined;
  /** Who is calling, for `ctx.auth`. It is trusted as given. Default null: an anonymous caller. */
  identity?: UserIdentity | null | undefined;
}

/** Capabilities of an engine on its host. */
export interface EngineCapabilities {
  /**
   * Whether time and random numbers are deterministic in queries and mutations, and `fetch` and timers refused there:
   * true on hosts with `AsyncLocalStorage`.
   */
  determinism: boolean;
}

/**
 * A running engine.
 *
 * @example Calls with more than a value, and HTTP actions
 * ```ts
 * import { openEngine } from "@cortex/memory/embedded";
 * import { assertEquals } from "@std/assert";
 * import { queryGeneric } from "convex/server";
 *
 * const greet = queryGeneric(() => {
 *   console.log("greeting");
 *   return "hello";
 * });
 * await using engine = openEngine({ modules: { "hello.ts": { greet } } });
 * const names: string[] = [];
 * const stop = engine.observe(({ name }) => names.push(name));
 * const { value, logLines } = await engine.run("query", "hello:greet", {});
 * assertEquals([value, logLines], ["hello", ["[LOG] 'greeting'"]]);
 * stop();
 * console.log(names);
 *
 * const request = new Request("http://localhost/ping");
 * assertEquals((await engine.fetch(request)).status, 404); // no http.ts has a route
 * assertEquals(engine.jwks().keys, []); // no function has signed a token
 * ```
 *
 * @example What is stored
 * ```ts
 * import { openEngine } from "@cortex/memory/embedded";
 * import { assert, assertEquals } from "@std/assert";
 *
 * await using engine = openEngine({ modules: {} });
 * const before = engine.timestamp();
 * await engine.importData({
 *   cleared: [{ component: "", table: "tasks" }],
 *   files: [],
 *   tables: [{ component: "", table: "tasks", documents: [{ text: "sow" }] }],
 * });
 * assert(engine.timestamp() > before);
 * assertEquals(engine.tables().filter((name) => !name.startsWith("_")), ["tasks"]);
 * assertEquals(engine.tableSize("tasks"), 1);
 * assertEquals(engine.schema(), undefined);
 * ```
 *
 * @example Live queries of a server, and reads of an earlier state
 * ```ts
 * import { openEngine } from "@cortex/memory/embedded";
 * import { assertEquals } from "@std/assert";
 * import { mutationGeneric, queryGeneric } from "convex/server";
 *
 * let price = 3; // what the engine cannot watch
 * const total = queryGeneric(async (ctx) => (await ctx.db.query("pens").collect()).length * price);
 * const add = mutationGeneric((ctx) => ctx.db.insert("pens", {}));
 * await using engine = openEngine({ modules: { "pens.ts": { total, add } } });
 * const ts = engine.holdTimestamp(); // for 30 s from now
 * await engine.mutation("pens:add");
 * assertEquals((await engine.run("query", "pens:total", {}, { ts })).value, 0);
 *
 * const results: unknown[] = [];
 * const follower = { onState: (_: bigint, changes: Iterable<unknown>) => results.push([...changes]) };
 * const live = engine.follow({ ...follower, onError: console.error, onEnd: () => {} });
 * live.add(1, { name: "pens:total", args: {}, identity: null, journal: null });
 * price = 4;
 * engine.refresh(); // runs it again
 * live.close();
 * ```
 *
 * @example Calls
 * ```ts
 * import { openEngine } from "@cortex/memory/embedded";
 * import { assertEquals } from "@std/assert";
 * import { actionGeneric, mutationGeneric, queryGeneric } from "convex/server";
 *
 * const add = mutationGeneric((ctx) => ctx.db.insert("pens", {}));
 * const list = queryGeneric((ctx) => ctx.db.query("pens").collect());
 * const ask = actionGeneric(() => "yes");
 * const engine = openEngine({ modules: { "pens.ts": { add, list, ask } } });
 * await engine.mutation("pens:add");
 * assertEquals((await engine.query("pens:list") as object[]).length, 1);
 * assertEquals(await engine.action("pens:ask"), "yes");
 * for await (const pens of engine.watch("pens:list")) {
 *   console.log(pens); // now, and after every change
 *   break;
 * }
 * await engine.close();
 * ```
 */
export interface Engine {
  /** Its capabilities on this host. */
  readonly capabilities: EngineCapabilities;
  /** Stored files, for servers of `/api/storage`. */
  readonly files: FileGate;
  /** The documents and their changes, for keeping a copy elsewhere. */
  readonly changes: ChangeGate;
  /**
   * Runs a query on one consistent state of the data.
   *
   * @param name Path of the module and name of the export, such as `pens:list`; only public functions are found.
   * @throws {ConvexError} The function threw it.
   * @throws {ValueError} `INVALID_VALUE`: an argument is not a value that Convex can hold.
   * @throws {EngineError} `FUNCTION_NOT_FOUND`, `ARGUMENT_VALIDATION`, `RETURN_VALIDATION`, `LIMIT_EXCEEDED`,
   * `FUNCTION_ERROR` for anything else that the function threw, or `ENGINE_CLOSED`.
   */
  query(
    name: string,
    args: FunctionArgs,
    options?: EngineCallOptions,
  ): Promise<Value>;
  /** Runs a mutation, all or nothing. Resolves once its writes are durable. Rejects as {@link query} does. */
  mutation(
    name: string,
    args: FunctionArgs,
    options?: EngineCallOptions,
  ): Promise<Value>;
  /**
   * Runs an action, which is no transaction: what it wrote before it threw stays. Rejects as {@link query} does.
   */
  action(
    name: string,
    args: FunctionArgs,
    options?: EngineCallOptions,
  ): Promise<Value>;
  /**
   * Watches a query: gives its result now, and after each mutation that changes it. Costs one run after each commit
   * that wrote to what the query has read, or after several at once; nothing while other data changes.
   *
   * The watch holds memory until it is closed, or `options.signal` aborts.
   */
  watch(name: string, args?: FunctionArgs, options?: EngineCallOptions): Watch;
  /** Runs a public function and returns more than its value; for servers. */
  run(
    type: FunctionType | "any",
    name: string,
    args: FunctionArgs,
    settings?: CallSettings,
  ): Promise<CallOutcome>;
  /** Opens a set of live queries that are reported together, at one timestamp; for servers. */
  follow(follower: LiveFollower): LiveSet;
  /**
   * Answers a request with the HTTP action that `http.ts` routes it to, or with status 404 if there is none. Rejects
   * with `FUNCTION_ERROR` if the action throws. The action can see the request's signal, but is not stopped when that
   * aborts.
   */
  fetch(
    request: Request,
    settings?: Pick<CallSettings, "identity" | "sender">,
  ): Promise<Response>;
  /** Public keys for tokens made by `ctx.auth.signJwt`, for `/.well-known/jwks.json`; none before the first token. */
  jwks(): { keys: PublicJwk[] };
  /** Names of the tables of the app, or of one of its components by path. Names of system tables start with `_`. */
  tables(component?: string): string[];
  /** Number of documents in a table; 0 for an unknown one. Reads each document's key. */
  tableSize(table: string, component?: string): number;
  /**
   * The schema of the app, or of one of its components, as the JSON that `defineSchema` exports; undefined without one.
   */
  schema(component?: string): string | undefined;
  /**
   * Imports documents and files, all or nothing, and returns the number of documents. The import is held in memory.
   * Rejects with `DOCUMENT_VALIDATION` for documents that a schema forbids.
   */
  importData(data: ImportedData): Promise<number>;
  /** Reruns live queries, as after a commit, because something other than data that they read has changed. */
  refresh(): void;
  /**
   * Calls an observer after each function that has run, until the returned function is called; for logs. What it throws
   * reaches the host's handler of uncaught errors.
   */
  observe(observer: (execution: Execution) => void): () => void;
  /** Timestamp of the latest commit: nanoseconds since 1970, strictly increasing. */
  timestamp(): bigint;
  /**
   * Returns the latest timestamp, at which queries can run for 30 s from now (setting `ts` of `run`); given one that
   * it returned before, holds that for 30 s more. Meanwhile what is overwritten is kept in memory, up to 8 to 256 Mi
   * characters depending on the host's heap limit; beyond that, the oldest states are dropped (`OUT_OF_RETENTION`).
   */
  holdTimestamp(ts?: bigint): bigint;
  /** Rejects new calls with `ENGINE_CLOSED`, waits for those in progress, then closes the store. */
  close(): Promise<void>;
}
