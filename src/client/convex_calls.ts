import {
  type AsyncConvexClientOptions,
  CallRunner,
  consistently,
} from "./call_runner.ts";
import { checkCallOptions } from "./call_options.ts";
import { aFunction } from "./check.ts";
import { LiveResults } from "./live/live_results.ts";
import type { PaginateOptions } from "./pages.ts";
import { Paginated } from "./paginated.ts";
import type { Subscription } from "./query_subscription.ts";
import type {
  ArgsOf,
  AuthSource,
  BatchedQuery,
  CallOptions,
  CallRest,
  ClientSource,
  ClientStats,
  ConnectionState,
  NamedRef,
  OnAuthChange,
  PageItemOf,
  PagesRest,
  RefOf,
  ResultOf,
  TypedRef,
  Unsubscribe,
} from "./types.ts";

/** What an {@link AsyncConvexClient} does with a source, whatever that is: calls, live queries, identity, state. */
export class ConvexCalls implements AsyncDisposable {
  readonly #runner: CallRunner;

  /** Used by `new AsyncConvexClient()`, which checks the options. */
  constructor(source: ClientSource, options: AsyncConvexClientOptions) {
    this.#runner = new CallRunner(source, options);
  }

  /**
   * Runs a query. Identical queries in flight at the same time share a request, as long as no other call is answered:
   * what begins after an answer shows nothing older. An aborted call rejects with the signal's reason.
   *
   * @throws {ConvexError} The function threw it on purpose.
   * @throws {ValueError} An argument is not a value that Convex can hold.
   * @throws {ClientError} The call failed otherwise; see its subclasses and codes.
   *
   * @example
   * ```ts
   * import { AsyncConvexClient, type FunctionRef } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * const query = (_: string, args: { to?: string }) => [`to ${args.to}`];
   * await using client = new AsyncConvexClient({ query, mutation: query, action: query });
   * // With Convex's generated code: client.query(api.letters.list, { to: "Mia" })
   * type List = FunctionRef<{ to: string }, string[]>;
   * const letters = await client.query<List>("letters:list", { to: "Mia" }, { timeoutMs: 2000 });
   * assertEquals(letters[0]?.toUpperCase(), "TO MIA");
   * ```
   */
  query<Ref extends TypedRef<"query"> = NamedRef>(
    ref: Ref | string,
    ...rest: CallRest<Ref, CallOptions>
  ): Promise<ResultOf<Ref>> {
    return this.#runner.run("query", ref, rest);
  }

  /**
   * Runs a mutation at once; mutations do not queue behind one another. Rejects as {@link query} does.
   *
   * @example
   * ```ts
   * import { AsyncConvexClient } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * const added: unknown[] = [];
   * const mutation = (_: string, { by }: { by?: number }) => void added.push(by);
   * await using client = new AsyncConvexClient({ query: mutation, mutation, action: mutation });
   * const add = (by: number) => client.mutation("sums:add", { by }, { orderKey: "sums" });
   * await Promise.all([add(3), add(4)]);
   * assertEquals(added, [3, 4]);
   * ```
   */
  mutation<Ref extends TypedRef<"mutation"> = NamedRef>(
    ref: Ref | string,
    ...rest: CallRest<Ref, CallOptions>
  ): Promise<ResultOf<Ref>> {
    return this.#runner.run("mutation", ref, rest);
  }

  /**
   * Runs an action. Rejects as {@link query} does.
   *
   * @example
   * ```ts
   * import { AsyncConvexClient } from "@cortex/memory";
   * import { assertRejects } from "@std/assert";
   *
   * const action = () => new Promise(() => {}); // a model that never answers
   * await using client = new AsyncConvexClient({ query: action, mutation: action, action });
   * const stop = new AbortController();
   * const answer = client.action("model:ask", { text: "Hello?" }, { signal: stop.signal });
   * stop.abort(new Error("the user left"));
   * await assertRejects(() => answer, Error, "the user left");
   * ```
   */
  action<Ref extends TypedRef<"action"> = NamedRef>(
    ref: Ref | string,
    ...rest: CallRest<Ref, CallOptions>
  ): Promise<ResultOf<Ref>> {
    return this.#runner.run("action", ref, rest);
  }

  /**
   * Runs a query at a point in time shared by all consistent queries for 25 s, so that their results agree. The request
   * for that point in time is shared too, and repeated whatever `retry` says. Rejects as {@link query} does.
   *
   * @throws {ClientError} `UNSUPPORTED` if the source cannot do this, `OVERLOADED` if the deployment no longer has that
   * point in time.
   *
   * @example
   * ```ts
   * import { AsyncConvexClient } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * const query = (name: string) => Promise.resolve(`${name} at 12:00`);
   * // As Convex's own client has it: new AsyncConvexClient(new ConvexHttpClient(url))
   * const own = { query, mutation: query, action: query, consistentQuery: query };
   * await using client = new AsyncConvexClient(own);
   * assertEquals(await client.consistentQuery("orders:sum"), "orders:sum at 12:00");
   * ```
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
    queries: readonly [...{ [I in keyof Refs]: BatchedQuery<Refs[I]> }],
    options: CallOptions = {},
  ): Promise<{ -readonly [I in keyof Refs]: ResultOf<Refs[I]> }> {
    const calls = this.#runner.prepareAll(queries);
    checkCallOptions(options);
    if (!calls[0]) return [] as never;
    return await this.#runner.start(
      calls[0],
      options,
      (connection, _, options) =>
        connection.batch?.(calls, options) ??
          Promise.all(calls.map((call) => connection.call(call, options))),
    ) as never;
  }

  /**
   * Yields a query's result now and whenever it changes; to a slow reader only the latest. It is never queued. Leaving the
   * loop ends the watch. The iterator rejects, and ends, if the query or, for long, {@link setAuth}'s function fails, or
   * `signal` is aborted. While the deployment cannot be reached, it goes on trying, as {@link connectionState} and the
   * hook `onStateChange` show; with `timeoutMs`, it rejects with `TIMEOUT` if the first result takes longer.
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
    ...rest: PagesRest<Ref, PaginateOptions & CallOptions>
  ): Paginated<PageItemOf<Ref>> {
    const [args, options = {}] = rest as [unknown?, CallOptions?];
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
   *
   * @example
   * ```ts
   * import { AsyncConvexClient } from "@cortex/memory";
   *
   * await using client = new AsyncConvexClient("https://your-deployment.convex.cloud");
   * client.setAuth(async ({ forceRefreshToken }) => {
   *   const url = `/api/token?fresh=${forceRefreshToken}`; // of your own server
   *   const answer = await fetch(url);
   *   return answer.ok ? await answer.text() : null; // null: an anonymous call
   * });
   * ```
   */
  setAuth(auth: AuthSource, onChange?: OnAuthChange): void {
    // A token that is not there, such as an unset variable, must not make calls anonymous.
    this.#runner.setAuth(auth ?? null!, onChange);
  }

  /**
   * Makes calls anonymous from now on.
   *
   * @example
   * ```ts
   * import { AsyncConvexClient } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * let sent: string | null = "";
   * const fetch = (_: string, { headers }: RequestInit) => {
   *   sent = new Headers(headers).get("authorization");
   *   return Promise.resolve(Response.json({ status: "success", value: null }));
   * };
   * await using client = new AsyncConvexClient("https://your-deployment.convex.cloud", { auth: "a.b.c", fetch });
   * client.clearAuth(); // the user signed out
   * await client.action("mail:check");
   * assertEquals(sent, null);
   * ```
   */
  clearAuth(): void {
    this.#runner.setAuth();
  }

  /**
   * Returns the current state, with the same members as Convex's own clients.
   *
   * @example
   * ```ts
   * import { AsyncConvexClient } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using client = new AsyncConvexClient("https://your-deployment.convex.cloud");
   * const { circuit, inflightMutations } = client.connectionState();
   * assertEquals({ circuit, inflightMutations }, { circuit: "closed", inflightMutations: 0 });
   * ```
   */
  connectionState(): ConnectionState {
    return this.#runner.state();
  }

  /**
   * Returns counters: calls made, requests or worker messages sent for them, calls in flight.
   *
   * @example
   * ```ts
   * import { AsyncConvexClient } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * const query = (name: string) => `result of ${name}`;
   * await using client = new AsyncConvexClient({ query, mutation: query, action: query });
   * await Promise.all([client.query("a:b"), client.query("c:d")]);
   * const { calls, inFlight } = client.stats();
   * assertEquals([calls, inFlight], [2, 0]);
   * ```
   */
  stats(): ClientStats {
    return this.#runner.stats();
  }

  /**
   * Ends watches, waits for calls in flight, then releases the source. Later calls reject with `CLIENT_CLOSED`, and so do
   * calls over a WebSocket that fails to connect, which may take a minute, or is lost. Closing again has no effect.
   *
   * @example
   * ```ts
   * import { AsyncConvexClient, isClosedError } from "@cortex/memory";
   * import { assert } from "@std/assert";
   *
   * const query = () => null;
   * const client = new AsyncConvexClient({ query, mutation: query, action: query });
   * const last = client.mutation("log:write", { line: "bye" });
   * await client.close();
   * await last; // it was in flight, so it was waited for
   * assert(isClosedError(await client.query("log:read").catch((error) => error)));
   * ```
   */
  close(): Promise<void> {
    return this.#runner.close();
  }

  /** Same as {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
