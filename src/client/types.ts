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

/** Options of one call. */
export interface CallOptions {
  /** Gives the call up. The promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Time from the call to its answer, in ms. Rejects with `TIMEOUT`. */
  timeoutMs?: number;
  /**
   * For mutations of a backend with a batch function: may travel with others started in the same tick. Calls with
   * equal `orderKey` are applied in call order.
   */
  batch?: {
    /** Calls of one key keep their order; absent: no order. */
    orderKey?: string;
    /** Upper bound of what the call reads and writes. */
    cost: CallCost;
  };
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
  call(call: Call, options: CallOptions): Promise<unknown>;
  /** Counters for `AsyncConvexClient.stats()`. */
  stats(): ConnectionStats;
  /** Ends it; calls in flight settle first unless forced. */
  close(): Promise<void>;
}

/** Counters since the start. */
export interface ConnectionStats {
  /** Requests or worker messages sent. */
  requests: number;
  /** Calls made. */
  calls: number;
}

/** Where an `AsyncConvexClient` sends its calls. Opened by the first call. */
export interface ClientSource {
  /** Opens the connection. */
  open(): Connection | Promise<Connection>;
}
