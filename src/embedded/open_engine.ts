import { openEngine as openOver } from "../engine/engine.ts";
import type {
  Engine,
  EngineCallOptions,
  FunctionArgs,
  UserIdentity,
  Watch,
} from "../engine/engine.ts";
import type { CallRest, ResultOf } from "../client/types.ts";
import { asItIs } from "../engine/context/as_it_is.ts";
import { functionAddress } from "../engine/functions/function_address.ts";
import { EngineError } from "../errors.ts";
import { LoopTurn } from "../executor/loop_turn.ts";
import { openMemoryStore } from "../store/memory_store.ts";
import { openSqliteStore } from "../store/sqlite_store.ts";
import type { Value } from "../values/types.ts";
import {
  checkCallOptions,
  checkedEngine,
  checkEngineOptions,
  type ClientHints,
} from "./engine_checks.ts";
import type {
  Authenticate,
  EmbeddedCallOptions,
  EmbeddedOptions,
} from "./engine_options.ts";
import { hostClock, watchfulClock } from "./host_clock.ts";

/** A function: `"notes:add"`, or a reference from `api`, which types its arguments and its result. */
export type FunctionName = string | object;

/** An engine with an app's functions. Servers use the rest of {@link Engine}. */
export interface EmbeddedEngine
  extends
    Omit<Engine, "query" | "mutation" | "action" | "watch">,
    AsyncDisposable {
  /**
   * Runs a public query on one consistent state of the data.
   *
   * @throws {ConvexError} The function threw it.
   * @throws {ValueError} `INVALID_VALUE`: an argument is not a value that Convex can hold.
   * @throws {EngineError} `FUNCTION_NOT_FOUND`, `ARGUMENT_VALIDATION`, `RETURN_VALIDATION`, `LIMIT_EXCEEDED`,
   * `FUNCTION_ERROR` for anything else that the function threw, or `ENGINE_CLOSED`.
   *
   * @example
   * ```ts
   * import { openEngine } from "@cortex/memory/embedded";
   * import { assertEquals } from "@std/assert";
   * import { queryGeneric } from "convex/server";
   *
   * const whoami = queryGeneric({
   *   args: {},
   *   handler: async (ctx) => (await ctx.auth.getUserIdentity())?.subject ?? null,
   * });
   * await using engine = openEngine({ modules: { "users.ts": { whoami } } });
   * const identity = { issuer: "https://accounts.example", subject: "user-1" };
   * const name = await engine.query("users:whoami", {}, {
   *   identity: { ...identity, tokenIdentifier: `${identity.issuer}|user-1` },
   * });
   * assertEquals(name, "user-1");
   * ```
   */
  query<Ref extends FunctionName>(
    name: Ref,
    ...rest: CallRest<Ref, EmbeddedCallOptions>
  ): Promise<ResultOf<Ref>>;
  /**
   * Runs a public mutation, all or nothing. Resolves once its writes are durable. Rejects as {@link query} does.
   *
   * @example
   * ```ts
   * import { openEngine } from "@cortex/memory/embedded";
   * import { assertRejects } from "@std/assert";
   * import { mutationGeneric } from "convex/server";
   * import { v } from "convex/values";
   *
   * const add = mutationGeneric({
   *   args: { text: v.string() },
   *   handler: (ctx, args) => ctx.db.insert("tasks", args),
   * });
   * await using engine = openEngine({ modules: { "tasks.ts": { add } } });
   * await engine.mutation("tasks:add", { text: "water the plants" });
   * await assertRejects(() => engine.mutation("tasks:add", { text: 12 }));
   * ```
   */
  mutation<Ref extends FunctionName>(
    name: Ref,
    ...rest: CallRest<Ref, EmbeddedCallOptions>
  ): Promise<ResultOf<Ref>>;
  /**
   * Runs a public action, which is no transaction: what it wrote before it threw stays. Rejects as {@link query} does.
   *
   * @example
   * ```ts
   * import { openEngine } from "@cortex/memory/embedded";
   * import { assertEquals } from "@std/assert";
   * import { actionGeneric } from "convex/server";
   * import { v } from "convex/values";
   *
   * const length = actionGeneric({
   *   args: { url: v.string() },
   *   handler: async (_, { url }) => (await (await fetch(url)).text()).length,
   * });
   * await using engine = openEngine({ modules: { "pages.ts": { length } } });
   * assertEquals(await engine.action("pages:length", { url: "data:,hello" }), 5);
   * ```
   */
  action<Ref extends FunctionName>(
    name: Ref,
    ...rest: CallRest<Ref, EmbeddedCallOptions>
  ): Promise<ResultOf<Ref>>;
  /**
   * Watches a public query: gives its result now, and after each mutation that changes it, until the watch is closed.
   *
   * @example
   * ```ts
   * import { openEngine } from "@cortex/memory/embedded";
   * import { assertEquals } from "@std/assert";
   * import { mutationGeneric, queryGeneric } from "convex/server";
   *
   * const add = mutationGeneric((ctx) => ctx.db.insert("tasks", {}));
   * const list = queryGeneric((ctx) => ctx.db.query("tasks").collect());
   * await using engine = openEngine({ modules: { "tasks.ts": { add, list } } });
   * const lengths: number[] = [];
   * for await (const tasks of engine.watch("tasks:list")) {
   *   lengths.push((tasks as object[]).length);
   *   if (lengths.length === 2) break; // which closes the watch
   *   await engine.mutation("tasks:add");
   * }
   * assertEquals(lengths, [0, 1]);
   * ```
   */
  watch<Ref extends FunctionName>(
    name: Ref,
    ...rest: CallRest<Ref, EngineCallOptions>
  ): Watch<ResultOf<Ref>>;
  /** Same as `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens an engine that runs an app's Convex functions on this thread, in memory or on a SQLite file.
 *
 * Calls reject as those of {@link Engine} do.
 *
 * @throws {EngineError} Modules, schema or limits are invalid, or stored documents contradict the schema.
 * @throws {StoreError} The file cannot be opened.
 *
 * @example
 * ```ts
 * import { openEngine } from "@cortex/memory/embedded";
 *
 * const add = {
 *   isMutation: true,
 *   isPublic: true,
 *   _handler: (ctx: { db: { insert(table: string, value: object): unknown } }) =>
 *     ctx.db.insert("notes", { text: "hello" }),
 * }; // `mutation({ … })` of `convex/server` makes such an object.
 * await using engine = openEngine({ modules: { "notes.ts": { add } } });
 * const id = await engine.mutation("notes:add");
 * if (typeof id !== "string") throw new Error("no id");
 * ```
 */
export function openEngine(options: EmbeddedOptions): EmbeddedEngine {
  checkEngineOptions(options);
  const { store, clock = watchfulClock, auth, crons = true, ...rest } = options;
  const turn = new LoopTurn();
  const engine = openOver({
    ...rest,
    store: typeof store === "string"
      ? openSqliteStore({ path: store })
      : store ?? openMemoryStore(),
    now: () => clock.now(),
    timers: clock,
    watchdog: hostClock,
    turn: () => turn.due(),
    preload: hostClock,
    crons,
  });
  const call = (kind: "query" | "mutation" | "action") =>
  async (
    name: FunctionName,
    args: FunctionArgs = {},
    options?: EmbeddedCallOptions & ClientHints,
  ): Promise<Value> => {
    if (options !== undefined) checkCallOptions(kind, options);
    const { token, idempotencyKey, skipQueue: _queue, batch: _batch, ...own } =
      options ?? {};
    if (idempotencyKey !== undefined) args = { ...args, idempotencyKey };
    if (token === undefined) return await engine[kind](nameOf(name), args, own);
    const given = asItIs(args) as FunctionArgs;
    const identity = await identify(auth, token);
    return await engine[kind](nameOf(name), given, { ...own, identity });
  };
  const calls = {
    query: call("query"),
    mutation: call("mutation"),
    action: call("action"),
    watch(
      name: FunctionName,
      args?: FunctionArgs,
      options?: EngineCallOptions,
    ): Watch {
      if (options !== undefined) checkCallOptions("watch", options);
      return engine.watch(nameOf(name), args, options);
    },
  };
  return {
    ...checkedEngine(engine),
    ...calls as Pick<EmbeddedEngine, keyof typeof calls>,
    [Symbol.asyncDispose]: () => engine.close(),
  };
}

function nameOf(name: FunctionName): string {
  return functionAddress(name, "").name;
}

async function identify(
  auth: Authenticate | undefined,
  token: string,
): Promise<UserIdentity> {
  if (!auth) {
    throw new EngineError(
      "UNAUTHENTICATED",
      "a token was given, but the engine was opened without `auth`",
    );
  }
  const found = await auth(token);
  return "identity" in found && typeof found.identity === "object"
    ? found.identity as UserIdentity
    : found as UserIdentity;
}
