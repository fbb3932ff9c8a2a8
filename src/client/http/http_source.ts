import { deploymentUrl } from "../../at_once.ts";
import { checkOptions } from "../check.ts";
import { HTTP_CHECKS, type HttpSourceOptions } from "./http_options.ts";
import type { ClientSource, ConnectionHooks } from "../types.ts";

export type { HttpSourceOptions } from "./http_options.ts";

/** Loads what makes the calls; by the first of them, so that who makes a client is not held up by it. */
export const loadHttpConnection = (): Promise<
  typeof import("./open_http.ts")
> => import("./open_http.ts");

const NO_HOOKS: ConnectionHooks = { onRetry() {}, onStateChange() {} };

/**
 * A source over a Convex deployment's HTTP API, by `fetch` alone. Mutations are not queued; queries that were started
 * in one tick share a request, and equal ones their answer.
 *
 * Calls reject with `ConvexError`, or with a `ClientError`: `FunctionError` (`FUNCTION_ERROR`, `FUNCTION_NOT_FOUND`,
 * `ARGUMENT_VALIDATION`, `RETURN_VALIDATION`, `LIMIT_EXCEEDED`, as far as the deployment tells), `RateLimitedError`,
 * `OverloadedError`, `ConnectionError`, `ProtocolError`, or `HTTP_ERROR` (the deployment itself, with
 * `data: { status, code }`).
 *
 * Throws `ClientError` `INVALID_ARGUMENT` when the URL or an option is malformed.
 */
export function httpSource(
  url: string | URL,
  options: HttpSourceOptions = {},
): ClientSource {
  const address = deploymentUrl(url);
  checkOptions("httpSource", options, HTTP_CHECKS);
  return {
    open: async (hooks = NO_HOOKS) =>
      await (await loadHttpConnection()).openHttp(address, options, hooks),
  };
}
