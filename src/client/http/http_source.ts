import { deploymentUrl } from "../../at_once.ts";
import { checkOptions } from "../check.ts";
import { HTTP_CHECKS, type HttpSourceOptions } from "../http_options.ts";
import type { ClientSource } from "../types.ts";

export type { HttpSourceOptions } from "../http_options.ts";

/** Loads what makes the calls; by the first of them, so that who makes a client is not held up by it. */
export const loadHttpConnection = (): Promise<
  typeof import("./open_http.ts")
> => import("./open_http.ts");

/**
 * A source over a Convex deployment's HTTP API, using only `fetch`. Mutations are not queued; queries started in one
 * tick share a request, and identical ones share the answer.
 *
 * Calls reject with `ConvexError`, or with a `ClientError`: `FunctionError` (`FUNCTION_ERROR`, `FUNCTION_NOT_FOUND`,
 * `ARGUMENT_VALIDATION`, `RETURN_VALIDATION`, `LIMIT_EXCEEDED`, as far as the deployment tells), `RateLimitedError`,
 * `OverloadedError`, `ConnectionError`, `ProtocolError`, or `HTTP_ERROR` (from the deployment itself, with `data: {
 * status, code }`).
 *
 * Throws `ClientError` `INVALID_ARGUMENT` if the URL or an option is invalid.
 *
 * @example
 * ```ts
 * import { AsyncConvexClient, httpSource } from "@cortex/memory";
 *
 * // `new AsyncConvexClient(url, options)` does the same.
 * const source = httpSource("https://your-deployment.convex.cloud", { maxInFlight: 32 });
 * await using client = new AsyncConvexClient(source, { timeoutMs: 5000 });
 * ```
 */
export function httpSource(
  url: string | URL,
  options: HttpSourceOptions = {},
): ClientSource {
  checkOptions("httpSource", options, HTTP_CHECKS);
  return checkedHttpSource(url, options);
}

/** {@link httpSource} for options that were checked. */
export function checkedHttpSource(
  url: string | URL,
  options: HttpSourceOptions,
): ClientSource {
  const address = deploymentUrl(url);
  return {
    open: async (hooks) =>
      await (await loadHttpConnection()).openHttp(address, options, hooks),
  };
}
