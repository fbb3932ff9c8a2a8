/** An asynchronous client over any source of Convex calls. */
import { type AsyncConvexClientOptions, CLIENT_CHECKS } from "./call_runner.ts";
import { checkOptions, isAddress } from "./check.ts";
import { ConvexCalls } from "./convex_calls.ts";
import {
  checkedHttpSource,
  type HttpSourceOptions,
} from "./http/http_source.ts";
import { HTTP_CHECKS } from "./http_options.ts";
import type { EmbeddedSourceOptions } from "./sources/embedded_source.ts";
import type { ModuleSourceOptions } from "./sources/module_source.ts";
import { anySource, objectSource } from "./sources/object_source.ts";
import type {
  ClientSource,
  ConvexClientLike,
  SyncConvexClient,
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
export class AsyncConvexClient extends ConvexCalls {
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
    super(
      isUrl ? checkedHttpSource(source, { ...options }) : anySource(source),
      options,
    );
  }

  /**
   * Makes a client for a Convex deployment over HTTP. Throws as the constructor does.
   *
   * @example
   * ```ts
   * import { AsyncConvexClient } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * const url = "https://your-deployment.convex.cloud";
   * await using client = AsyncConvexClient.http(url, { timeoutMs: 5000, maxInFlight: 32 });
   * assertEquals(client.connectionState().hasEverConnected, false); // nothing was sent yet
   * ```
   */
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
    options?: AsyncConvexClientOptions,
  ): AsyncConvexClient {
    return new AsyncConvexClient(objectSource(client), options);
  }

  /**
   * Makes a client over synchronous clients, which a module's `createClient(config)` builds in workers: one in each
   * worker, rebuilt after a while without calls. With `stateful` there is only one, kept until {@link close}. What is
   * wrong with these options rejects the first call.
   *
   * @example
   * ```ts
   * import { AsyncConvexClient } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * // Usually a file: new URL("./blocking_client.ts", import.meta.url)
   * const module = `export const createClient = ({ rate }) => {
   *   const query = (name, { price }) => price * rate;
   *   return { query, mutation: query, action: query };
   * };`;
   * const url = `data:text/javascript,${encodeURIComponent(module)}`;
   * await using client = AsyncConvexClient.fromModule(url, { rate: 1.2 });
   * assertEquals(await client.query("prices:gross", { price: 10 }), 12);
   * ```
   */
  static fromModule(
    url: string | URL,
    config?: unknown,
    options: Omit<ModuleSourceOptions, "config"> & AsyncConvexClientOptions =
      {},
  ): AsyncConvexClient {
    return lazily(
      options,
      async () =>
        (await import("./sources/module_source.ts"))
          .moduleSource(url, options, config),
    );
  }

  /**
   * Makes a client for the embedded engine with Cortex's functions: in memory, or durable with a `path`. What is wrong
   * with these options rejects the first call.
   *
   * @example
   * ```ts
   * import { AsyncConvexClient } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using client = AsyncConvexClient.embedded(); // or: { path: "./cortex.db" }
   * const pens = { namespace: "stock", key: "pens" };
   * await client.mutation("mutable:set", { ...pens, value: 12 });
   * assertEquals(await client.query("mutable:exists", pens), true);
   * ```
   */
  static embedded(
    options: EmbeddedSourceOptions & AsyncConvexClientOptions = {},
  ): AsyncConvexClient {
    // The engine's bundle is large: it is loaded by the first call, and never by who talks to a deployment.
    return lazily(
      options,
      async () =>
        (await import("./sources/embedded_source.ts")).embeddedSource(options),
    );
  }
}

/** Makes a client over a source that its first call loads. */
function lazily(
  options: AsyncConvexClientOptions,
  load: () => Promise<ClientSource>,
): AsyncConvexClient {
  const { timeoutMs, hooks }: AsyncConvexClientOptions = Object(options);
  return new AsyncConvexClient({
    open: async () => await (await load()).open(),
  }, { timeoutMs, hooks });
}
