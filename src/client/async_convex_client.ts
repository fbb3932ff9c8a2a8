/**
 * An asynchronous client over any source of Convex calls: a deployment over HTTP, the embedded engine, a module built
 * in workers, or an object on this thread.
 *
 * @module
 */
import { ClientError, ValueError } from "../errors.ts";
import { copyArgs } from "../values/copy.ts";
import { MAX_ARGS_BYTES } from "../values/limits.ts";
import { valueSize } from "../values/size.ts";
import { checkSignal, checkTimeout, withDeadline } from "./deadline.ts";
import type { EmbeddedSourceOptions } from "./embedded_source.ts";
import { functionName } from "./function_name.ts";
import { httpSource, type HttpSourceOptions } from "./http_source.ts";
import type { ModuleSourceOptions } from "./module_source.ts";
import { isSyncConvexClient, objectSource } from "./object_source.ts";
import { shown } from "./shown.ts";
import type {
  ArgsOf,
  CallOptions,
  ClientSource,
  Connection,
  ConnectionStats,
  FunctionKind,
  FunctionRef,
  ResultOf,
  SyncConvexClient,
} from "./types.ts";

/** Options of {@link AsyncConvexClient}. */
export interface AsyncConvexClientOptions {
  /** Time from each call to its answer, in ms, unless the call says otherwise. Default: no limit. */
  timeoutMs?: number;
}

/** Counters of {@link AsyncConvexClient.stats}, all since the start but `inFlight`. */
export interface ClientStats extends ConnectionStats {
  /** Calls not yet settled. */
  inFlight: number;
}

/**
 * Calls Convex functions: `query`, `mutation` and `action`, by name or by typed reference.
 *
 * The source is opened by the first call; if that fails, every waiting call gets the error and the next call tries
 * again. Calls that were started together run together: nothing is queued unless order is asked for. Arguments are
 * copied and checked at the call, so later changes to them are not seen.
 */
export class AsyncConvexClient implements AsyncDisposable {
  readonly #source: ClientSource;
  readonly #timeoutMs: number | undefined;
  #opening: Promise<Connection> | undefined;
  #connection: Connection | undefined;
  #calls = 0;
  #inFlight = 0;
  #idle: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  /**
   * Makes a client of a source, of a deployment's URL, or of an object with `query`, `mutation` and `action`. Does no
   * I/O. Throws `ClientError` `INVALID_ARGUMENT` for anything else.
   */
  constructor(
    source: ClientSource | string | SyncConvexClient,
    options: AsyncConvexClientOptions = {},
  ) {
    checkTimeout(options.timeoutMs);
    this.#source = toSource(source);
    this.#timeoutMs = options.timeoutMs;
  }

  /** A client of a Convex deployment over HTTP. Throws `ClientError` `INVALID_ARGUMENT` when the URL is none. */
  static http(
    url: string,
    options: HttpSourceOptions & AsyncConvexClientOptions = {},
  ): AsyncConvexClient {
    return new AsyncConvexClient(httpSource(url, options), options);
  }

  /** A client over an object on this thread, such as Convex's own clients. */
  static wrap(
    client: SyncConvexClient,
    options: AsyncConvexClientOptions = {},
  ): AsyncConvexClient {
    return new AsyncConvexClient(objectSource(client), options);
  }

  /** A client whose synchronous client is built in workers by a module's `createClient(config)`. */
  static fromModule(
    url: string | URL,
    options: ModuleSourceOptions & AsyncConvexClientOptions = {},
  ): AsyncConvexClient {
    return new AsyncConvexClient({
      open: async () =>
        await (await import("./module_source.ts")).moduleSource(url, options)
          .open(),
    }, options);
  }

  /** A client of the embedded engine: in memory, or durable when a `path` is given. */
  static embedded(
    options: EmbeddedSourceOptions & AsyncConvexClientOptions = {},
  ): AsyncConvexClient {
    // The engine's bundle is large: it is loaded by the first call, and never by who talks to a deployment.
    return new AsyncConvexClient({
      open: async () =>
        await (await import("./embedded_source.ts")).embeddedSource(options)
          .open(),
    }, options);
  }

  /**
   * Runs a query. Rejects with `ConvexError` (thrown by the function on purpose), `ValueError` (an argument that
   * Convex cannot hold), `ClientError` (see its codes), or the signal's reason.
   */
  query<Ref extends FunctionRef<unknown, unknown>>(
    ref: Ref,
    args?: ArgsOf<Ref>,
    options?: CallOptions,
  ): Promise<ResultOf<Ref>> {
    return this.#call("query", ref, args, options) as Promise<ResultOf<Ref>>;
  }

  /** Runs a mutation, at once: mutations are not queued one after another. Rejects as {@link query} does. */
  mutation<Ref extends FunctionRef<unknown, unknown>>(
    ref: Ref,
    args?: ArgsOf<Ref>,
    options?: CallOptions,
  ): Promise<ResultOf<Ref>> {
    return this.#call("mutation", ref, args, options) as Promise<
      ResultOf<Ref>
    >;
  }

  /** Runs an action. Rejects as {@link query} does. */
  action<Ref extends FunctionRef<unknown, unknown>>(
    ref: Ref,
    args?: ArgsOf<Ref>,
    options?: CallOptions,
  ): Promise<ResultOf<Ref>> {
    return this.#call("action", ref, args, options) as Promise<ResultOf<Ref>>;
  }

  /** Counters: calls made, requests or worker messages sent for them, calls in flight. */
  stats(): ClientStats {
    return {
      calls: this.#calls,
      requests: this.#connection?.stats().requests ?? 0,
      inFlight: this.#inFlight,
    };
  }

  /** Waits for calls in flight, then releases the source. Later calls reject with `CLIENT_CLOSED`. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Same as {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #call(
    kind: FunctionKind,
    ref: unknown,
    args: unknown = {},
    options: CallOptions = {},
  ): Promise<unknown> {
    try {
      const name = functionName(ref);
      if (this.#closing !== undefined) {
        throw new ClientError(
          "CLIENT_CLOSED",
          `Cannot call ${name} as the client is closed`,
        );
      }
      const { signal, timeoutMs = this.#timeoutMs, batch } = options;
      checkSignal(signal);
      checkTimeout(timeoutMs);
      const call = { kind, name, args: checkedArgs(name, args) };
      this.#calls++;
      this.#inFlight++;
      return withDeadline(
        name,
        { signal, timeoutMs },
        (signal) => this.#run(call, { signal, batch }),
      ).finally(() => this.#settled());
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #run(
    call: Parameters<Connection["call"]>[0],
    options: CallOptions,
  ): Promise<unknown> {
    // Not awaited when it is open: calls of one tick must reach the connection in that tick, in order.
    if (this.#connection !== undefined) {
      return this.#connection.call(call, options);
    }
    return this.#open().then((connection) => {
      // Not set before: a call made meanwhile would overtake those that wait here.
      this.#connection = connection;
      options.signal?.throwIfAborted();
      return connection.call(call, options);
    });
  }

  #open(): Promise<Connection> {
    this.#opening ??= (async () => await this.#source.open())().catch(
      (error) => {
        this.#opening = undefined;
        throw error;
      },
    );
    return this.#opening;
  }

  #settled(): void {
    this.#inFlight--;
    if (this.#inFlight === 0) this.#idle?.();
  }

  async #close(): Promise<void> {
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => this.#idle = resolve);
    }
    // A call that was given up while the source opened leaves an opening behind.
    const connection = await this.#opening?.catch(() => undefined);
    await connection?.close();
  }
}

function toSource(source: unknown): ClientSource {
  if (typeof source === "string") return httpSource(source);
  if (typeof (source as Partial<ClientSource> | null)?.open === "function") {
    return source as ClientSource;
  }
  if (isSyncConvexClient(source)) return objectSource(source);
  throw new ClientError(
    "INVALID_ARGUMENT",
    "source must be a deployment's URL, a source, or an object with query, " +
      `mutation and action; got ${shown(source)}`,
  );
}

function checkedArgs(name: string, args: unknown): ReturnType<typeof copyArgs> {
  if (typeof args === "object" && args !== null && !Array.isArray(args)) {
    const copy = copyArgs(args, `args of ${name}`);
    const bytes = valueSize(copy);
    if (bytes <= MAX_ARGS_BYTES) return copy;
    throw new ValueError(
      "VALUE_TOO_LARGE",
      `args of ${name} must be at most ${MAX_ARGS_BYTES} bytes; got ${bytes}`,
      { data: { bytes, maxBytes: MAX_ARGS_BYTES } },
    );
  }
  throw new ClientError(
    "INVALID_ARGUMENT",
    `args of ${name} must be an object of named arguments; got ${
      Array.isArray(args) ? "an array" : shown(args)
    }`,
  );
}
