import { isPlainObject } from "../../values/kinds.ts";
import {
  aFunction,
  anAddress,
  checkOptions,
  isFunction,
  mustBe,
  numberFrom,
  oneOf,
  type OptionChecks,
  that,
} from "../check.ts";
import { checkAuth } from "../check_auth.ts";
import type { CircuitBreakerOptions } from "./circuit_breaker.ts";
import { MAX_TIMER_MS } from "../deadline.ts";
import type { RetryOptions } from "../retry_policy.ts";
import type { AuthSource } from "../types.ts";

/** Options of `httpSource`. */
export interface HttpSourceOptions {
  /** Replaces the host's `fetch`, for tests, proxies and service bindings. */
  fetch?: ((input: string, init: RequestInit) => Promise<Response>) | undefined;
  /** Replaces the host's `WebSocket`, which live queries use; for Node 20, the class of `ws`. */
  WebSocket?: (new (url: string) => WebSocket) | undefined;
  /** Headers sent with each request. */
  headers?: { [name: string]: string } | undefined;
  /**
   * Identity token (JWT), or what gives one. Sent as `Authorization: Bearer`. A token with an end is asked for again
   * 10 s before, and when the deployment refuses it; one without before each request.
   */
  auth?: AuthSource | undefined;
  /**
   * Requests in flight at most, 1 to 65 536; more wait their turn, and share requests meanwhile. Fewer are sent at
   * once while the deployment answers slowly or refuses some. Default 256; 6 on hosts that allow no more (Cloudflare).
   */
  maxInFlight?: number | undefined;
  /**
   * Requests in all at most, for hosts that count them (Cloudflare: 50 or 10 000 an invocation); beyond calls reject
   * with `OVERLOADED` before anything is sent. Default: no bound.
   */
  maxRequests?: number | undefined;
  /** How calls are made again. */
  retry?: RetryOptions | undefined;
  /** When the deployment is left alone; `false`: never. */
  circuitBreaker?: CircuitBreakerOptions | false | undefined;
  /**
   * Time for one attempt of a query or of a mutation with an idempotency key, in ms, after which it is made again:
   * for connections that went silent. Default: none.
   */
  attemptTimeoutMs?: number | undefined;
  /**
   * Where requests are made and long answers decoded. `"auto"`, the default: those of functions whose answers are long
   * go to a worker where that was measured to cost this thread less; all others, and all on a host without workers,
   * stay on this thread, long ones in parts of a few milliseconds. The worker starts when long answers keep this thread
   * for over a twentieth of the time, and no answer waits for that. `"always"`: all in a worker. `"never"`: all here.
   * With a `fetch` of your own, in a page, and where a program has replaced the host's `fetch` or Node's dispatcher,
   * requests are made on this thread and only decoding moves.
   */
  workers?: "auto" | "always" | "never" | undefined;
  /** Module to start the worker from, where a strict CSP forbids `data:` workers. */
  workerUrl?: string | URL | undefined;
  /**
   * Backend's public mutation that runs several calls, each in a subtransaction, such as `batch:run`. With it,
   * mutations that carry `CallOptions.batch` and were started in one tick travel by few requests.
   */
  batchFunction?: string | undefined;
}

const HOUR_MS = 3_600_000;

const RETRY_CHECKS: OptionChecks<RetryOptions> = {
  maxAttempts: numberFrom(1, 100, true),
  minDelayMs: numberFrom(0, HOUR_MS),
  maxDelayMs: numberFrom(0, HOUR_MS),
  budget: numberFrom(0, 100),
};
const BREAKER_CHECKS: OptionChecks<CircuitBreakerOptions> = {
  failures: numberFrom(1, 1e6, true),
  openMs: numberFrom(1, HOUR_MS),
};

/** What is asked of them. */
export const HTTP_CHECKS: OptionChecks<HttpSourceOptions> = {
  fetch: aFunction,
  WebSocket: that("a class", isFunction),
  headers: checkHeaders,
  auth: checkAuth,
  maxInFlight: numberFrom(1, 65_536, true),
  maxRequests: numberFrom(1, 2 ** 53 - 1, true),
  retry: (retry) => checkOptions("retry", retry, RETRY_CHECKS, "retry."),
  circuitBreaker(breaker) {
    if (breaker === false) return;
    checkOptions("circuitBreaker", breaker, BREAKER_CHECKS, "circuitBreaker.");
  },
  attemptTimeoutMs: numberFrom(1, MAX_TIMER_MS),
  workers: oneOf("auto", "always", "never"),
  workerUrl: anAddress,
  batchFunction: that(
    "a function's name",
    (value) => typeof value === "string" && value !== "",
  ),
};

/** Headers may be secrets: their types alone are told. */
function checkHeaders(headers: unknown, name: string): void {
  if (!isPlainObject(headers)) {
    const type = Object.prototype.toString.call(headers);
    throw mustBe(name, "an object of strings", headers, type);
  }
  for (const [header, value] of Object.entries(headers)) {
    if (typeof value === "string") continue;
    throw mustBe(`${name}.${header}`, "a string", value, typeof value);
  }
}
