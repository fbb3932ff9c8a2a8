import { openEngine as openOver } from "../engine/engine.ts";
import type {
  Engine,
  EngineCallOptions,
  FunctionArgs,
  UserIdentity,
  Watch,
} from "../engine/engine.ts";
import type { CallRest, ResultOf } from "../client/types.ts";
import { functionAddress } from "../engine/functions/function_address.ts";
import { EngineError } from "../errors.ts";
import { Turn } from "../executor/turn.ts";
import { openMemoryStore } from "../store/memory_store.ts";
import { openSqliteStore } from "../store/sqlite_store.ts";
import type { Value } from "../values/types.ts";
import {
  checkCallOptions,
  checkedEngine,
  checkEngineOptions,
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
  /** Runs a public query on one consistent state of the data. */
  query<Ref extends FunctionName>(
    name: Ref,
    ...rest: CallRest<Ref, EmbeddedCallOptions>
  ): Promise<ResultOf<Ref>>;
  /** Runs a public mutation, all or nothing. Resolves once its writes are durable. */
  mutation<Ref extends FunctionName>(
    name: Ref,
    ...rest: CallRest<Ref, EmbeddedCallOptions>
  ): Promise<ResultOf<Ref>>;
  /** Runs a public action. */
  action<Ref extends FunctionName>(
    name: Ref,
    ...rest: CallRest<Ref, EmbeddedCallOptions>
  ): Promise<ResultOf<Ref>>;
  /**
   * Watches a public query: gives its result now, and after each mutation that changes it, until the watch is closed.
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
  const turn = new Turn();
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
    options?: EmbeddedCallOptions,
  ): Promise<Value> => {
    if (options !== undefined) checkCallOptions(kind, options);
    const { token, ...own }: EmbeddedCallOptions = options ?? {};
    const settings = token === undefined
      ? own
      : { ...own, identity: await identify(auth, token) };
    return await engine[kind](nameOf(name), args, settings);
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
