/** The client's ports: what the facade knows of a client, and what a client knows of where calls run. */
import type { Value } from "../values/types.ts";

export type { ExecutorKind } from "../executor/types.ts";

/** The three kinds of public Convex function. */
export type FunctionKind = "query" | "mutation" | "action";

/** Named arguments of a function. */
export type FunctionArgs = { [name: string]: unknown };

/**
 * A function by name (`"memory:remember"`, or `"folder/file:name"`) or by Convex's typed reference (`api.memory.remember`).
 * The two phantom members are how Convex's own references carry their types.
 */
export type FunctionRef<Args = FunctionArgs, Result = unknown> =
  | string
  | { readonly _args: Args; readonly _returnType: Result };

/** What follows a reference in a call: its arguments, which may be left out where none is required, and options. */
export type CallRest<Ref, Options> = Record<string, never> extends ArgsOf<Ref>
  ? [args?: ArgsOf<Ref>, options?: Options]
  : [args: ArgsOf<Ref>, options?: Options];

/** Type of the items of a paginated query's reference; `Value` for a plain name. */
export type PageItemOf<Ref> = ResultOf<Ref> extends
  { page: readonly (infer Item)[] } ? Item : Value;

/** Result type of a function reference; `Value` for a plain name. */
export type ResultOf<Ref> = Ref extends { readonly _returnType: infer Result }
  ? Result
  : Value;
/** Argument type of a function reference; any named arguments for a plain name. */
export type ArgsOf<Ref> = Ref extends { readonly _args: infer Args } ? Args
  : FunctionArgs;

/** What a mutation costs at most, in Convex's transaction units. Used to split batches; see `batch`. */
export interface CallCost {
  /** Documents read. */
  reads: number;
  /** Documents written. */
  writes: number;
  /** Index ranges read. */
  ranges: number;
}

/** `ctx.storage` of a Durable Object with SQLite, as far as the embedded engine uses it. */
export interface ObjectStorageLike {
  /** Its database. */
  readonly sql: {
    /** Runs a statement. */
    exec(
      query: string,
      ...bindings: (ArrayBuffer | string | number)[]
    ): { toArray(): { [column: string]: unknown }[] };
  };
  /** Runs a function whose writes are all kept or, when it throws, none of them. */
  transactionSync<Result>(run: () => Result): Result;
}

/** Options of one call. */
export interface CallOptions {
  /** Gives the call up. The promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * Time from the call to its answer, in ms, over 0 and at most 2 147 483 647: waiting for its turn, retries and the
   * time between them included. Rejects with `TIMEOUT`.
   */
  timeoutMs?: number | undefined;
  /** Of the calls that wait for their turn, those of higher priority go first. -100 to 100, default 0. */
  priority?: number | undefined;
  /**
   * Makes a mutation safe to repeat: it travels as the argument `idempotencyKey`, and a backend that honours it runs
   * the mutation once and answers a repetition with the first outcome. 1 to 256 characters.
   */
  idempotencyKey?: string | undefined;
  /** Mutations and actions of one key run one after another, in call order. Default: no order. */
  orderKey?: string | undefined;
  /**
   * Whether the call is made again after a trouble that passes. `"safe"`, the default: queries, mutations with an
   * `idempotencyKey`, and mutations that cannot have run; actions never. `"always"`: whatever it is. `"never"`.
   */
  retry?: RetryMode | undefined;
  /**
   * How a mutation or an action travels over HTTP sources. `"http"`, the default: by a request, at once with others.
   * `"websocket"`: by the socket of live queries; mutations run in their order, survive a loss of the connection without
   * running twice, and resolve when watched queries show what they wrote. An action whose connection is lost rejects.
   */
  transport?: "http" | "websocket" | undefined;
  /**
   * For mutations of a backend with a batch function: may travel with others started in the same tick. Calls with
   * equal `orderKey` are applied in call order.
   */
  batch?: {
    /** Calls of one key keep their order; absent: no order. */
    orderKey?: string;
    /** Upper bound of what the call reads and writes. */
    cost: CallCost;
  } | undefined;
}

/** When a call is made again. */
export type RetryMode = "safe" | "always" | "never";

/** What became of a call on its way; filled in by the connection. */
export interface CallTrace {
  /** The function. */
  name: string;
  /** Requests made for it, or worker messages. */
  attempts: number;
  /** Id under which the server knows the last request. */
  requestId?: string;
  /** What the function logged, each line as `[LEVEL] text`. */
  logLines?: readonly string[];
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
  /** To be filled in. */
  trace?: CallTrace;
  /** Who calls, as `Connection.caller` told it. Default: who does now. */
  caller?: unknown;
}

/**
 * What the facade needs of a client: three methods that take a function's name, its arguments and options.
 * `AsyncConvexClient` is one; so are Convex's own `ConvexHttpClient` and `ConvexClient`. (`never` lets a client type
 * its parameters as it likes.)
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
 * The synchronous client port: one method a kind, each returning a value or a promise of one, or throwing. It may
 * block: a source decides on which thread it lives.
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

/** What a synchronous client is told of a call. */
export interface CallContext {
  /** Aborted when the caller gave up. */
  signal?: AbortSignal;
  /** True for mutations: Convex's own HTTP client otherwise sends one at a time. */
  skipQueue?: boolean;
}

/** One call on its way from the client to where it runs; plain data, so that it can cross a worker boundary. */
export interface Call {
  /** Query, mutation or action. */
  kind: FunctionKind;
  /** Function's path, such as `memory:remember`. */
  name: string;
  /** Arguments: a copy that holds Convex values only. */
  args: { [name: string]: Value };
}

/** An opened place where calls run. */
export interface Connection {
  /** Runs one call. */
  call(call: Call, options: ConnectionCallOptions): Promise<unknown>;
  /** Runs queries at one point in time, by one request. Absent: there is no such thing. */
  batch?(calls: Call[], options: ConnectionCallOptions): Promise<unknown[]>;
  /** Runs a query at the point in time that such queries share. Absent: there is no such thing. */
  consistentQuery?(
    call: Call,
    options: ConnectionCallOptions,
  ): Promise<unknown>;
  /** Follows a query's result until the returned function is called. Absent: there is no such thing. */
  subscribe?(call: Call, observer: QueryObserver): () => void;
  /** True when mutations with `batch` of one `batch.orderKey` are applied in call order without waiting for another. */
  readonly keepsBatchOrder?: boolean;
  /** Who calls now, for a call that is to wait. Absent: it is made as whoever calls by then. */
  caller?(): unknown;
  /** Changes who calls. Absent: nobody can be told. */
  setAuth?(auth: AuthSource | undefined): void;
  /** State of the connection, as far as there is one. */
  state?(): Partial<ConnectionState>;
  /** Counters for `AsyncConvexClient.stats()`. */
  stats(): ConnectionStats;
  /** Ends it; calls in flight settle first unless forced. */
  close(): Promise<void>;
}

/** What is told of a query that is followed. */
export interface QueryObserver {
  /** The result, at first and whenever it has changed. */
  onValue(value: unknown, logLines?: readonly string[]): void;
  /** The query failed. It is followed on: a value may come later. */
  onError(error: Error): void;
}

/** Gives the caller's identity token (JWT), or nothing for nobody. */
export type AuthTokenProvider = (options: {
  /** True when the last token was refused, or is about to expire: a new one is wanted. */
  forceRefreshToken: boolean;
}) => string | null | undefined | Promise<string | null | undefined>;

/** An identity token (JWT), or what gives one. */
export type AuthSource = string | AuthTokenProvider;

/** State of a client, with the members that Convex's clients give. */
export interface ConnectionState {
  /** Whether any call is not yet settled. */
  hasInflightRequests: boolean;
  /** Whether a WebSocket is open; it is when a query is watched. */
  isWebSocketConnected: boolean;
  /** When the oldest unsettled call was made. */
  timeOfOldestInflightRequest: Date | null;
  /** Whether the deployment has ever answered. */
  hasEverConnected: boolean;
  /** WebSockets opened so far. */
  connectionCount: number;
  /** Attempts to connect since the last that succeeded. */
  connectionRetries: number;
  /** Mutations not yet settled. */
  inflightMutations: number;
  /** Actions not yet settled. */
  inflightActions: number;
  /** Whether the deployment is asked at all: not while `"open"`, for one call at a time while `"half-open"`. */
  circuit: "closed" | "open" | "half-open";
  /** Requests that the deployment is thought to bear at once. */
  maxInFlight: number;
}

/** Counters since the start. */
export interface ConnectionStats {
  /** Requests or worker messages sent. */
  requests: number;
  /** Calls made. */
  calls: number;
}

/** A request is made again. */
export interface RetryEvent {
  /** Names of the functions that it calls. */
  names: readonly string[];
  /** Attempts so far, 1 or more. */
  attempt: number;
  /** Time until the next, in ms. */
  delayMs: number;
  /** What became of the last. */
  error: unknown;
}

/** What a connection tells about its way. */
export interface ConnectionHooks {
  /** An attempt failed and another follows. */
  onRetry(event: RetryEvent): void;
  /** `Connection.state()` may have changed. */
  onStateChange(): void;
}

/** Where an `AsyncConvexClient` sends its calls. Opened by the first call. */
export interface ClientSource {
  /** Opens the connection. */
  open(hooks?: ConnectionHooks): Connection | Promise<Connection>;
}
