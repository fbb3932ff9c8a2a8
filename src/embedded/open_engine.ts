import { openEngine as openOver } from "../engine/engine.ts";
import type {
  Engine,
  EngineCallOptions,
  EngineComponent,
  EngineLimits,
  FunctionArgs,
  FunctionModules,
  SchemaLike,
  ServiceAccess,
  UserIdentity,
  Watch,
} from "../engine/engine.ts";
import { shown } from "../at_once.ts";
import type { CallRest, ResultOf } from "../client/types.ts";
import { functionAddress } from "../engine/functions/function_address.ts";
import { EngineError } from "../errors.ts";
import { Turn } from "../executor/turn.ts";
import { openMemoryStore } from "../store/memory_store.ts";
import { openSqliteStore } from "../store/sqlite_store.ts";
import type { SyncStore } from "../store/types.ts";
import { type OptionNames, unknownOption } from "../unknown_option.ts";
import type { Value } from "../values/types.ts";
import { type Clock, hostClock, watchfulClock } from "./host_clock.ts";

/** Returns the user that a token identifies. Rejects if the token is not valid. */
export type Authenticate = (
  token: string,
) => Promise<{ identity: UserIdentity } | UserIdentity>;

/** Options of {@link openEngine}. */
export interface EmbeddedOptions {
  /** The default export of `schema.ts`. Without it every table and document is allowed, and there are no indexes. */
  schema?: SchemaLike | undefined;
  /** The functions, as `import.meta.glob("./**\/*.*s")` returns them: modules, or loaders of them, by path. */
  modules: FunctionModules;
  /** Components by path: `workpool` for a child of the app, `workflow/workpool` for a child of that. */
  components?: { [path: string]: EngineComponent } | undefined;
  /** Path prefix of the app's own HTTP actions, such as `/api`. Default: every path that belongs to no component. */
  httpPrefix?: string | undefined;
  /** Where the data lives: the path of a SQLite file, or a store, which the engine then owns. Default: in memory. */
  store?: string | SyncStore | undefined;
  /** Time and timers, for scheduled functions and cron jobs. Default: the host's. */
  clock?: Clock | undefined;
  /** Fills an array with random bytes. Default `crypto.getRandomValues`. */
  random?: ((bytes: Uint8Array<ArrayBuffer>) => void) | undefined;
  /** Limits that differ from Convex's. */
  limits?: Partial<EngineLimits> | undefined;
  /**
   * Returns the user that a `token` identifies. Default: tokens are rejected. `jwtVerifier` of `./server` makes one.
   */
  auth?: Authenticate | undefined;
  /** Whether to run the cron jobs that `crons.ts` exports. Default true. */
  crons?: boolean | undefined;
  /** Base URL at which `/api/storage` is served, for the URLs of files. Default `http://127.0.0.1:3210`. */
  url?: string | undefined;
  /**
   * What `getServiceUrl` and `getServiceToken` of `convex/server` return to actions, by service of Convex's cloud, such
   * as `ai-gateway`. Default: both refuse.
   */
  services?: { [name: string]: ServiceAccess } | undefined;
  /** Receives messages for operators. Default: none are reported. */
  log?:
    | ((level: "debug" | "info" | "warn" | "error", message: string) => void)
    | undefined;
}

/** Options of one call: who is calling, by identity or by token, and how to cancel it. */
export interface EmbeddedCallOptions extends EngineCallOptions {
  /** Passed to `auth`, which returns the identity. */
  token?: string | undefined;
}

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
 * Throws `EngineError` for invalid modules, schema or limits, and for stored documents that contradict the schema;
 * `StoreError` for a file that cannot be opened. Calls reject as those of {@link Engine} do.
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
  checkOptions(options);
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
    { token, ...own }: EmbeddedCallOptions = {},
  ): Promise<Value> => {
    const settings = token === undefined
      ? own
      : { ...own, identity: await identify(auth, token) };
    return await engine[kind](nameOf(name), args, settings);
  };
  const calls = {
    query: call("query"),
    mutation: call("mutation"),
    action: call("action"),
    watch: (name: FunctionName, args?: FunctionArgs, own?: EngineCallOptions) =>
      engine.watch(nameOf(name), args, own),
  };
  return {
    ...engine,
    ...calls as Pick<EmbeddedEngine, keyof typeof calls>,
    [Symbol.asyncDispose]: () => engine.close(),
  };
}

const NAMES: OptionNames<EmbeddedOptions> = {
  schema: 1,
  modules: 1,
  components: 1,
  httpPrefix: 1,
  store: 1,
  clock: 1,
  random: 1,
  limits: 1,
  auth: 1,
  crons: 1,
  url: 1,
  services: 1,
  log: 1,
};

/**
 * Checks what the engine would stumble over without saying what it is, and names of options, lest `path` for `store`
 * keeps in memory what should be in a file. Throws `INVALID_ARGUMENT`.
 */
function checkOptions(options: EmbeddedOptions | undefined): void {
  const unknown = unknownOption("openEngine", options ?? {}, NAMES);
  if (unknown) throw new EngineError("INVALID_ARGUMENT", unknown.text);
  const { modules, store } = options ?? {};
  if (
    typeof modules !== "object" || modules === null || Array.isArray(modules)
  ) {
    throw mustBe("modules", 'modules by path, { "tasks.ts": tasks }', modules);
  }
  for (const [path, module] of Object.entries(modules)) {
    const isModule = typeof module === "function" ||
      typeof module === "object" && !(module instanceof Promise);
    if (isModule) continue;
    const bound = "a module's exports, or a function that loads them";
    throw mustBe(`modules[${JSON.stringify(path)}]`, bound, module);
  }
  const isStore = typeof store === "string" ||
    typeof store?.get === "function";
  if (store !== undefined && !isStore) {
    throw mustBe("store", "the path of a SQLite file, or a store", store);
  }
}

function mustBe(option: string, bound: string, value: unknown): EngineError {
  return new EngineError(
    "INVALID_ARGUMENT",
    `${option} must be ${bound}; got ${shown(value)}`,
  );
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
