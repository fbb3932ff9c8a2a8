/** An asynchronous client over any source of Convex calls. */
import {
  type AsyncConvexClientOptions,
  CallRunner,
  CLIENT_CHECKS,
  consistently,
} from "./call_runner.ts";
import { checkCallOptions } from "./call_options.ts";
import type { EmbeddedSourceOptions } from "./sources/embedded_source.ts";
import { HTTP_CHECKS } from "./http_options.ts";
import { httpSource, type HttpSourceOptions } from "./http/http_source.ts";
import { LiveResults } from "./live/live_results.ts";
import type { ModuleSourceOptions } from "./sources/module_source.ts";
import { anySource, objectSource } from "./sources/object_source.ts";
import type { PaginateOptions } from "./pages.ts";
import { Paginated } from "./paginated.ts";
import type { Subscription } from "./query_subscription.ts";
import { aFunction, checkOptions, isAddress } from "./check.ts";
import type {
  ArgsOf,
  AuthSource,
  BatchedQuery,
  CallOptions,
  CallRest,
  ClientSource,
  ClientStats,
  ConnectionState,
  ConvexClientLike,
  NamedRef,
  OnAuthChange,
  PageItemOf,
  RefOf,
  ResultOf,
  SyncConvexClient,
  TypedRef,
  Unsubscribe,
} from "./types.ts";

export type { AsyncConvexClientOptions } from "./call_runner.ts";

/**
 * Calls Convex functions: `query`, `mutation` and `action`, by name or by typed reference.
 *
 * The source is opened by the first call. If that fails, all waiting calls reject with the error, and the next call
 * tries again. Calls started together run together: nothing is queued unless you ask for an order, or the deployment
 * can take no more. Arguments are copied and checked at the call, so later changes to them have no effect.
 *
 * @example
 * ```ts
 * import { AsyncConvexClient } from "@cortex/memory";
 * import { assertEquals } from "@std/assert";
 *
 * // new AsyncConvexClient("https://your-deployment.convex.cloud") calls a deployment.
 * await using client = AsyncConvexClient.embedded();
 * const named = { namespace: "stock", key: "apples" };
 * await client.mutation("mutable:set", { ...named, value: 3 });
 * const found = await client.query("mutable:get", named, { timeoutMs: 5000 });
 * assertEquals((found as { value: number }).value, 3);
 * ```
 */
export class AsyncConvexClient implements AsyncDisposable {
  readonly #runner: CallRunner;

  /**
   * Makes a client for a deployment, given its URL; same as {@link http}. Does no I/O.
   *
   * @throws {ClientError} `INVALID_ARGUMENT` for an invalid URL, an unknown option, or an option of the wrong type.
   */
  constructor(
    url: string | URL,
    options?: HttpSourceOptions & AsyncConvexClientOptions,
  );
  /**
   * Makes a client over a source, or over an object with `query`, `mutation` and `action`, such as Convex's own
   * clients. Does no I/O.
   *
   * @throws {ClientError} `INVALID_ARGUMENT` for anything else.
   */
  constructor(
    source: ClientSource | string | URL | SyncConvexClient | ConvexClientLike,
    options?: AsyncConvexClientOptions,
  );
  constructor(
    source: ClientSource | string | URL | SyncConvexClient | ConvexClientLike,
    options: HttpSourceOptions & AsyncConvexClientOptions = {},
  ) {
    const isUrl = isAddress(source);
    const checks = { ...CLIENT_CHECKS, ...isUrl && HTTP_CHECKS };
    checkOptions("AsyncConvexClient", options, checks);
    const { timeoutMs: _, hooks: __, ...http } = options;
    this.#runner = new CallRunner(
      isUrl ? httpSource(source, http) : anySource(source),
      options,
    );
  }

  /** Makes a client for a Convex deployment over HTTP. Throws as the constructor does. */
  static http(
    url: string | URL,
    options?: HttpSourceOptions & AsyncConvexClientOptions,
  ): AsyncConvexClient {
    return new AsyncConvexClient(url, options);
  }

  /**
   * Makes a client over an object on this thread, such as Convex's own clients.
   *
   * @example
   * ```ts
   * import { AsyncConvexClient } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * const call = (name: string, args: object) => `${name} ${JSON.stringify(args)}`;
   * await using client = AsyncConvexClient.wrap({
   *   query: call,
   *   mutation: call,
   *   action: call,
   * });
   * assertEquals(await client.query("tasks:get", { n: 3 }), 'tasks:get {"n":3}');
   * ```
   */
  static wrap(
    client: SyncConvexClient | ConvexClientLike,
    options: AsyncConvexClientOptions = {},
  ): AsyncConvexClient {
    return new AsyncConvexClient(objectSource(client), options);
  }

  /**
   * Makes a client over synchronous clients, which a module's `createClient(config)` builds in workers: one in each
   * worker, rebuilt after a while without calls. With `stateful` there is only one, kept until {@link close}.
   *
   * @example
   * ```ts ignore -- needs the module
   * // blocking_client.ts exports createClient(config): an object with query, mutation and action
   * const url = new URL("./blocking_client.ts", import.meta.url);
   * const client = AsyncConvexClient.fromModule(url, { database: "app.db" });
   * ```
   */
  static fromModule(
    url: string | URL,
    config?: unknown,
    options: Omit<ModuleSourceOptions, "config"> & AsyncConvexClientOptions =
      {},
  ): AsyncConvexClient {
    const { timeoutMs, hooks }: AsyncConvexClientOptions = Object(options);
    return new AsyncConvexClient({
      open: async () =>
        await (await import("./sources/module_source.ts"))
          .moduleSource(url, options, config).open(),
    }, { timeoutMs, hooks });
  }

  /** Makes a client for the embedded engine with Cortex's functions: in memory, or durable with a `path`. */
  static embedded(
    options: EmbeddedSourceOptions & AsyncConvexClientOptions = {},
  ): AsyncConvexClient {
    const { timeoutMs, hooks }: AsyncConvexClientOptions = Object(options);
    // The engine's bundle is large: it is loaded by the first call, and never by who talks to a deployment.
    return new AsyncConvexClient({
      open: async () =>
        await (await import("./sources/embedded_source.ts"))
          .embeddedSource(options).open(),
    }, { timeoutMs, hooks });
  }

  /**
   * Runs a query. Identical queries in flight at the same time share a request. An aborted call rejects with the
   * signal's reason.
   *
   * @throws {ConvexError} The function threw it on purpose.
   * @throws {ValueError} An argument is not a value that Convex can hold.
   * @throws {ClientError} The call failed otherwise; see its subclasses and codes.
   */
  query<Ref extends TypedRef<"query"> = NamedRef>(
    ref: Ref | string,
    ...rest: CallRest<Ref, CallOptions>
  ): Promise<ResultOf<Ref>> {
    return this.#runner.run("query", ref, rest);
  }

  /** Runs a mutation at once; mutations do not queue behind one another. Rejects as {@link query} does. */
  mutation<Ref extends TypedRef<"mutation"> = NamedRef>(
    ref: Ref | string,
    ...rest: CallRest<Ref, CallOptions>
  ): Promise<ResultOf<Ref>> {
    return this.#runner.run("mutation", ref, rest);
  }

  /** Runs an action. Rejects as {@link query} does. */
  action<Ref extends TypedRef<"action"> = NamedRef>(
    ref: Ref | string,
    ...rest: CallRest<Ref, CallOptions>
  ): Promise<ResultOf<Ref>> {
    return this.#runner.run("action", ref, rest);
  }

  /**
   * Runs a query at a point in time shared by all consistent queries for 25 s, so that their results agree. Rejects as
   * {@link query} does.
   *
   * @throws {ClientError} `UNSUPPORTED` if the source cannot do this, `OVERLOADED` if the deployment no longer has that
   * point in time.
   */
  consistentQuery<Ref extends TypedRef<"query"> = NamedRef>(
    ref: Ref | string,
    ...rest: CallRest<Ref, CallOptions>
  ): Promise<ResultOf<Ref>> {
    return this.#runner.run("query", ref, rest, consistently);
  }

  /**
   * Runs queries at one point in time, in one request, and returns their results in order. If the source cannot do
   * this, they run at the same time instead. Rejects with the error of the first query that failed.
   *
   * @param queries At most 1000; an empty list gives an empty list.
   *
   * @example
   * ```ts
   * import { AsyncConvexClient } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using client = AsyncConvexClient.embedded();
   * const args = { namespace: "stock", key: "apples" };
   * const refs = ["mutable:get", "mutable:exists"];
   * const results = await client.queryBatch(refs.map((ref) => ({ ref, args })));
   * assertEquals(results, [null, false]);
   * ```
   */
  async queryBatch<const Refs extends readonly RefOf<"query">[]>(
    queries: { readonly [I in keyof Refs]: BatchedQuery<Refs[I]> },
    options?: CallOptions,
  ): Promise<{ -readonly [I in keyof Refs]: ResultOf<Refs[I]> }> {
    const calls = this.#runner.prepareAll(queries);
    if (calls.length === 0) return [] as never;
    return await this.#runner.start(
      calls[0]!,
      options,
      (connection, _, options) =>
        connection.batch?.(calls, options) ??
          Promise.all(calls.map((call) => connection.call(call, options))),
    ) as never;
  }

  /**
   * Watches a query: yields its result now and whenever it changes. A slow reader gets only the latest result. Leaving
   * the loop ends the watch. The iterator rejects, and ends, if the query fails. While the deployment cannot be reached,
   * it goes on trying, which {@link connectionState} and the hook `onStateChange` show; with `timeoutMs`, the iterator
   * rejects with `TIMEOUT` if the first result takes longer. A watch is never queued, so it takes no `priority`.
   *
   * @example
   * ```ts
   * import { AsyncConvexClient } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using client = AsyncConvexClient.embedded();
   * const named = { namespace: "stock", key: "apples" };
   * for await (const apples of client.watch("mutable:get", named)) {
   *   assertEquals(apples, null); // now; then whenever they change
   *   break;
   * }
   * ```
   */
  watch<Ref extends TypedRef<"query"> = NamedRef>(
    ref: Ref | string,
    ...rest: CallRest<Ref, Pick<CallOptions, "signal" | "timeoutMs">>
  ): LiveResults<ResultOf<Ref>> {
    const [args, options = {}] = rest as [unknown?, CallOptions?];
    checkCallOptions(options);
    const call = this.#runner.prepare("query", ref, args);
    return new LiveResults(
      import("./live/live.ts").then(({ latestResults }) =>
        latestResults(this.#runner, call, options) as AsyncIterator<
          ResultOf<Ref>
        >
      ),
    );
  }

  /**
   * Watches a query with callbacks, as Convex's own client does: calls `onValue` now and whenever the result changes,
   * and `onError` if the query fails, after which watching goes on. Without `onError`, a failure is an unhandled
   * rejection. Errors thrown by callbacks reach the host's handler of uncaught errors. Returns a function that stops
   * watching.
   *
   * @throws {ClientError} `INVALID_ARGUMENT` for a callback that is not a function.
   *
   * @example
   * ```ts
   * import { AsyncConvexClient } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using client = AsyncConvexClient.embedded();
   * const first = Promise.withResolvers<unknown>();
   * const named = { namespace: "stock", key: "apples" };
   * const stop = client.onUpdate("mutable:get", named, first.resolve);
   * assertEquals(await first.promise, null);
   * stop();
   * ```
   */
  onUpdate<Ref extends TypedRef<"query"> = NamedRef>(
    ref: Ref | string,
    args: ArgsOf<Ref>,
    onValue: (value: ResultOf<Ref>) => void,
    onError: (error: Error) => void = (error) => void Promise.reject(error),
  ): Unsubscribe<ResultOf<Ref>> {
    aFunction(onValue, "onValue");
    aFunction(onError, "onError");
    const call = this.#runner.prepare("query", ref, args);
    let subscription: Subscription | undefined;
    let isOver = false;
    import("./live/live.ts").then(({ subscribe }) => {
      if (isOver) return;
      subscription = subscribe(this.#runner, call, {
        onValue: onValue as (value: unknown) => void,
        onError,
      });
    }).catch(onError);
    const unsubscribe = () => {
      isOver = true;
      subscription?.unsubscribe();
    };
    return Object.assign(unsubscribe, {
      unsubscribe,
      getCurrentValue: () =>
        subscription?.getCurrentValue() as
          | ResultOf<Ref>
          | undefined,
      getQueryLogs: () => subscription?.getQueryLogs(),
    });
  }

  /**
   * Reads a paginated query, filling in its argument `paginationOpts`: iterate over the items, or over `.pages()`. Each
   * page is requested once the previous one was read.
   *
   * @throws {ClientError} `INVALID_ARGUMENT` for wrong arguments and options.
   *
   * @example
   * ```ts
   * import { AsyncConvexClient } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * const query = () => ({ page: ["pen"], isDone: true, continueCursor: "" });
   * await using client = AsyncConvexClient.wrap({ query, mutation: query, action: query });
   * for await (const item of client.paginate("stock:list")) assertEquals(item, "pen");
   * ```
   */
  paginate<Ref extends TypedRef<"query"> = NamedRef>(
    ref: Ref | string,
    args?: Partial<ArgsOf<Ref>>,
    options: PaginateOptions & CallOptions = {},
  ): Paginated<PageItemOf<Ref>> {
    const { args: named } = this.#runner.prepare("query", ref, args);
    return new Paginated(
      (paginationOpts, rest) =>
        this.#runner.run("query", ref, [{ ...named, paginationOpts }, rest]),
      options,
    );
  }

  /**
   * Sets the identity of later calls: a token (JWT), or a function that returns one and is called again before the token
   * expires or when it is refused. With {@link OnAuthChange}, opens the source.
   *
   * @throws {ClientError} `INVALID_ARGUMENT` for anything else, also for undefined; see {@link clearAuth}.
   */
  setAuth(auth: AuthSource, onChange?: OnAuthChange): void {
    // A token that is not there, such as an unset variable, must not make calls anonymous.
    this.#runner.setAuth(auth ?? null!, onChange);
  }

  /** Makes calls anonymous from now on. */
  clearAuth(): void {
    this.#runner.setAuth(undefined);
  }

  /** Returns the current state, with the same members as Convex's own clients. */
  connectionState(): ConnectionState {
    return this.#runner.state();
  }

  /** Returns counters: calls made, requests or worker messages sent for them, calls in flight. */
  stats(): ClientStats {
    return this.#runner.stats();
  }

  /**
   * Ends watches, waits for calls in flight, then releases the source. Later calls reject with `CLIENT_CLOSED`. Closing
   * again has no effect.
   */
  close(): Promise<void> {
    return this.#runner.close();
  }

  /** Same as {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
