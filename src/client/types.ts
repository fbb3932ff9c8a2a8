/** The client's ports: what the facade knows of a client, and what a client knows of where calls run. */
import type { Value } from "../values/types.ts";
import type { FunctionArgs, FunctionKind } from "./function_refs.ts";
import type { OrderLine } from "./order_line.ts";

export type { ExecutorKind } from "../executor/types.ts";
export type {
  ArgsOf,
  BatchedQuery,
  CallRest,
  FunctionArgs,
  FunctionKind,
  FunctionRef,
  NamedRef,
  PageItemOf,
  PagesRest,
  RefOf,
  ResultOf,
  SignedRef,
  TypedRef,
} from "./function_refs.ts";
export type { OrderLine } from "./order_line.ts";

/** Upper bound of a mutation's cost, in Convex's transaction units. Used to split batches; see `batch`. */
export interface CallCost {
  /** Documents read. */
  reads: number;
  /** Documents written. */
  writes: number;
  /** Index ranges read. */
  ranges: number;
}

/** The part of a Durable Object's `ctx.storage` (with SQLite) that the embedded engine uses. */
export interface ObjectStorageLike {
  /** Its database. */
  readonly sql: {
    /** Runs a statement. */
    exec(
      query: string,
      ...bindings: (ArrayBuffer | string | number)[]
    ): { toArray(): { [column: string]: unknown }[] };
  };
  /** Runs a function in a transaction: if it throws, none of its writes are kept. */
  transactionSync<Result>(run: () => Result): Result;
}

/** Options of one call. */
export interface CallOptions {
  /** Cancels the call. The promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * Time limit for the call, in ms, above 0 and up to 2 147 483 647. It includes waiting for a turn, retries and the
   * time between them. Rejects with `TIMEOUT`. Default: the client's.
   */
  timeoutMs?: number | undefined;
  /** Among calls waiting for their turn, higher priority goes first. A whole number from -100 to 100; default 0. */
  priority?: number | undefined;
  /**
   * Makes a mutation safe to repeat. It is sent as the argument `idempotencyKey`; a backend that honours it runs the
   * mutation once and answers repeats with the first outcome. 1 to 256 characters.
   */
  idempotencyKey?: string | undefined;
  /**
   * Mutations and actions with the same key run one after another, in call order. One that is given up counts as over,
   * though the deployment may still run it. Default: no order. On Cloudflare, the order is that of one invocation, which
   * cannot wait for another.
   */
  orderKey?: string | undefined;
  /**
   * Whether the call is retried after a transient failure. `"safe"` (default): queries, mutations with an
   * `idempotencyKey`, and mutations that cannot have run; never actions. `"always"`: any call. `"never"`: none.
   */
  retry?: RetryMode | undefined;
  /** Accepted because `ConvexHttpClient` takes it. Has no effect: without `orderKey`, mutations never queue. */
  skipQueue?: boolean | undefined;
  /**
   * How a mutation or an action is sent by HTTP sources. `"http"` (default): in a request, at the same time as others.
   * `"websocket"`: over the socket of live queries. Mutations then run in order, survive a lost connection without
   * running twice, and resolve once watched queries show what they wrote. An action whose connection is lost rejects.
   */
  transport?: "http" | "websocket" | undefined;
  /**
   * For mutations of a backend with a batch function: allows sending them together with others started in the same
   * tick. Calls with equal `orderKey` apply in call order.
   */
  batch?: {
    /** Calls with the same key keep their order; absent: no order. */
    orderKey?: string | undefined;
    /** Upper bound of what the call reads and writes. */
    cost: CallCost;
  } | undefined;
}

/** When a call is retried. */
export type RetryMode = "safe" | "always" | "never";

/** What happened to a call on its way; filled in by the connection. */
export interface CallTrace {
  /** The function. */
  name: string;
  /** Requests or worker messages sent for it. */
  attempts: number;
  /** The server's id of the last request. */
  requestId?: string;
  /** What the function logged, each line as `[LEVEL] text`. */
  logLines?: readonly string[];
  /** What an attempt failed with that was to be made again. */
  lastError?: unknown;
}

/** Options of a call as a connection gets them. */
export interface ConnectionCallOptions extends
  Pick<
    CallOptions,
    | "signal"
    | "priority"
    | "idempotencyKey"
    | "orderKey"
    | "retry"
    | "transport"
    | "batch"
  > {
  /** Filled in by the connection. */
  trace: CallTrace;
  /** Who is calling, as `Connection.caller` returned it. Default: whoever is calling now. */
  caller?: unknown;
}

/**
 * What the facade needs of a client: three methods that take a function's name, its arguments and options.
 * `AsyncConvexClient` has them, and so do Convex's own `ConvexHttpClient` and `ConvexClient`. (`never` lets a client
 * type its parameters as it likes.)
 *
 * @example
 * ```ts
 * import { AsyncConvexClient, type ConvexClientLike, Cortex, type FunctionArgs } from "@cortex/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const names: string[] = [];
 * await using engine = AsyncConvexClient.embedded();
 * const client: ConvexClientLike = {
 *   query: (name: string, args: FunctionArgs) => {
 *     names.push(name);
 *     return engine.query(name, args);
 *   },
 *   mutation: (name: string, args: FunctionArgs) => engine.mutation(name, args),
 *   action: (name: string, args: FunctionArgs) => engine.action(name, args),
 * };
 * await using cortex = new Cortex({ client });
 * await cortex.mutable.get("stock", "pens");
 * assertEquals(names, ["mutable:get"]);
 * ```
 */
export interface ConvexClientLike {
  /** Runs a query. */
  query(...call: never[]): Promise<unknown>;
  /** Runs a mutation. */
  mutation(...call: never[]): Promise<unknown>;
  /** Runs an action. */
  action(...call: never[]): Promise<unknown>;
  /** Releases the client. */
  close?(): unknown;
}

/**
 * A synchronous client: one method per kind of function, each returning a value or a promise of one, or throwing. It
 * may block; its source decides which thread it lives on.
 *
 * @example
 * ```ts
 * import { AsyncConvexClient, type SyncConvexClient } from "@cortex/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = new Map<unknown, unknown>([["pens", 12]]);
 * const client: SyncConvexClient = {
 *   query: (_, { key }) => rows.get(key) ?? null,
 *   mutation: (_, { key, value }) => void rows.set(key, value),
 *   action: (name) => {
 *     throw new Error(`There is no action ${name}`);
 *   },
 * };
 * await using convex = new AsyncConvexClient(client);
 * assertEquals(await convex.query("rows:get", { key: "pens" }), 12);
 * ```
 */
export interface SyncConvexClient {
  /** Runs a query by name. */
  query(name: string, args: FunctionArgs, options?: CallContext): unknown;
  /** Runs a mutation by name. */
  mutation(name: string, args: FunctionArgs, options?: CallContext): unknown;
  /** Runs an action by name. */
  action(name: string, args: FunctionArgs, options?: CallContext): unknown;
  /** Releases what the client holds. */
  close?(): unknown;
}

/** What a synchronous client is given beside the arguments of a call. */
export interface CallContext {
  /** Aborted when the caller cancels. */
  signal?: AbortSignal;
  /** True for mutations, because Convex's own HTTP client would otherwise send one at a time. */
  skipQueue?: boolean;
}

/** A call on its way from the client to where it runs; plain data, so that it can cross a worker boundary. */
export interface Call {
  /** Query, mutation or action. */
  kind: FunctionKind;
  /** The function's path, such as `memory:remember`. */
  name: string;
  /** The arguments: a copy that contains only Convex values. */
  args: { [name: string]: Value };
}

/** An opened place where calls run. */
export interface Connection {
  /** Runs one call. */
  call(call: Call, options: ConnectionCallOptions): Promise<unknown>;
  /** Runs queries at one point in time, in one request. Absent: not supported. */
  batch?(calls: Call[], options: ConnectionCallOptions): Promise<unknown[]>;
  /** Runs a query at the point in time that such queries share. Absent: not supported. */
  consistentQuery?(
    call: Call,
    options: ConnectionCallOptions,
  ): Promise<unknown>;
  /** Watches a query's result until the returned function is called. Absent: not supported. */
  subscribe?(call: Call, observer: QueryObserver): () => void;
  /** True if mutations with the same `batch.orderKey` apply in call order without waiting for one another. */
  readonly keepsBatchOrder?: boolean;
  /** The order keys in use, where a call can wait only for some of the client's calls. Absent: it can for all of them. */
  readonly orderLines?: Map<string, OrderLine>;
  /** Who is calling now, for a call that has to wait. Absent: it is made as whoever calls by then. */
  caller?(): unknown;
  /** Changes who is calling, and tells `onChange` whether the deployment accepts it. Absent: not supported. */
  setAuth?(auth: AuthSource | undefined, onChange?: OnAuthChange): void;
  /** State of the connection, as far as it has one. */
  state?(): Partial<ConnectionState>;
  /** Counters for `AsyncConvexClient.stats()`. */
  stats(): ConnectionStats;
  /** Calls in flight are waited for, and no more come: {@link close} follows. What would never end must end now. */
  retire?(): void;
  /** Closes it; calls in flight settle first. */
  close(): Promise<void>;
}

/** Receives the results of a watched query. */
export interface QueryObserver {
  /** Called with the first result, and whenever it has changed. */
  onValue(value: unknown, logLines?: readonly string[]): void;
  /** Called if the query fails. Watching goes on: a value may come later. */
  onError(error: Error): void;
}

/** Returns the caller's identity token (JWT), or nothing for an anonymous caller. */
export type AuthTokenProvider = (options: {
  /** True if the last token was refused or is about to expire, so a new one is needed. */
  forceRefreshToken: boolean;
}) => string | null | undefined | Promise<string | null | undefined>;

/** An identity token (JWT), or a function that returns one. */
export type AuthSource = string | AuthTokenProvider;

/**
 * Called with whether the deployment accepts the token, when this is first known and whenever it changes.
 *
 * Over HTTP it is found out by a WebSocket, which keeps the process alive until then; where there is none, or on
 * Cloudflare when `setAuth` was called outside of an invocation, by the first call. After `false`, live queries stay
 * anonymous until `setAuth` is called again, and calls are refused. Over the embedded engine or a wrapped client without
 * live queries, the next call rejects with `UNSUPPORTED`.
 */
export type OnAuthChange = (isAuthenticated: boolean) => void;

/** State of a client, with the same members as Convex's own clients. */
export interface ConnectionState {
  /** Whether any call is pending. */
  hasInflightRequests: boolean;
  /** Whether a WebSocket is open, as it is while a query is watched. */
  isWebSocketConnected: boolean;
  /** When the oldest pending call was made. */
  timeOfOldestInflightRequest: Date | null;
  /** Whether the deployment has ever answered. */
  hasEverConnected: boolean;
  /** WebSockets opened so far. */
  connectionCount: number;
  /** Attempts to connect since the last success. */
  connectionRetries: number;
  /** Pending mutations. */
  inflightMutations: number;
  /** Pending actions. */
  inflightActions: number;
  /**
   * `"closed"` sends requests, `"open"` none, `"half-open"` one at a time. Writes and queries have a circuit each: this
   * is the one of writes, or that of queries while the former is closed.
   */
  circuit: "closed" | "open" | "half-open";
  /** Requests that the deployment is currently allowed at once; `Infinity` before the first call, or without a limit. */
  maxInFlight: number;
}

/** Counters since the start. */
export interface ConnectionStats {
  /** Requests or worker messages sent. */
  requests: number;
  /** Calls made. */
  calls: number;
}

/** A request is about to be retried. */
export interface RetryEvent {
  /** Names of the functions it calls. */
  names: readonly string[];
  /** Attempts so far, 1 or more. */
  attempt: number;
  /** Time until the next attempt, in ms. */
  delayMs: number;
  /** What the last attempt failed with. */
  error: unknown;
}

/** Callbacks by which a connection reports its progress. */
export interface ConnectionHooks {
  /** An attempt failed and another follows. */
  onRetry(event: RetryEvent): void;
  /** `Connection.state()` may have changed. */
  onStateChange(): void;
}

/** Where an `AsyncConvexClient` sends its calls. Opened by the first call. */
export interface ClientSource {
  /** Opens the connection. The client's `close` waits for it, to close what it gives. */
  open(hooks?: ConnectionHooks): Connection | Promise<Connection>;
}

/** Counters of `AsyncConvexClient.stats`, all since the start except `inFlight`. */
export interface ClientStats extends ConnectionStats {
  /** Calls not yet settled. */
  inFlight: number;
}

/**
 * Stops a subscription when called; also gives its latest state.
 *
 * @example
 * ```ts
 * import { AsyncConvexClient } from "@cortex/memory";
 * import { assertEquals } from "@std/assert";
 *
 * await using client = AsyncConvexClient.embedded();
 * const changed = Promise.withResolvers<unknown>();
 * const pens = { namespace: "stock", key: "pens" };
 * const stock = client.onUpdate("mutable:get", pens, changed.resolve);
 * assertEquals(stock.getCurrentValue(), undefined); // not known yet
 * await changed.promise;
 * assertEquals(stock.getCurrentValue(), null);
 * console.log(stock.getQueryLogs() ?? "it logged nothing");
 * stock.unsubscribe(); // or: stock()
 * ```
 */
export interface Unsubscribe<Result> {
  /** Stops following the query. */
  (): void;
  /** Same as calling it. */
  unsubscribe(): void;
  /** The latest result; `undefined` before the first one, and after a failure. */
  getCurrentValue(): Result | undefined;
  /** What the query logged when it last ran. */
  getQueryLogs(): readonly string[] | undefined;
}

/** The part of a `WebSocket` that live queries use, as hosts have it and the package `ws`. */
export interface WebSocketLike {
  /** 0 while it is opened, 1 when it is open. */
  readonly readyState: number;
  /** Called when it is open. */
  onopen: ((event: never) => void) | null;
  /** Called with each message, as `data`. */
  onmessage: ((event: never) => void) | null;
  /** Called when it fails. */
  onerror: ((event: never) => void) | null;
  /** Called when it is closed, with `code` and `reason`. */
  onclose: ((event: never) => void) | null;
  /** Sends a message. */
  send(message: string): void;
  /** Closes it. */
  close(code?: number, reason?: string): void;
}
