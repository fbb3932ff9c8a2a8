import type { OptionNames } from "../../unknown_option.ts";
import { checkNames, checkNumber, mustBe } from "../check.ts";
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
   * stay on this thread, long ones in parts of a few milliseconds. `"always"`: all in a worker. `"never"`: all here.
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

/** Their names. */
export const HTTP_NAMES: OptionNames<HttpSourceOptions> = {
  fetch: 1,
  WebSocket: 1,
  headers: 1,
  auth: 1,
  maxInFlight: 1,
  maxRequests: 1,
  retry: 1,
  circuitBreaker: 1,
  attemptTimeoutMs: 1,
  workers: 1,
  workerUrl: 1,
  batchFunction: 1,
};

const RETRY_NAMES: OptionNames<RetryOptions> = {
  maxAttempts: 1,
  minDelayMs: 1,
  maxDelayMs: 1,
  budget: 1,
};
const BREAKER_NAMES: OptionNames<CircuitBreakerOptions> = {
  failures: 1,
  openMs: 1,
};

const HOUR_MS = 3_600_000;

/** Throws `ClientError` `INVALID_ARGUMENT` that names the option, its bound and its value. */
export function checkHttpOptions(options: HttpSourceOptions): void {
  checkNames("httpSource", options, HTTP_NAMES);
  const { retry = {}, circuitBreaker, workers = "auto" } = options;
  const breaker = circuitBreaker || {};
  checkNames("retry", retry, RETRY_NAMES);
  checkNames("circuitBreaker", breaker, BREAKER_NAMES);
  checkNumber("maxInFlight", options.maxInFlight, 1, 65_536, true);
  checkNumber("maxRequests", options.maxRequests, 1, 2 ** 53 - 1, true);
  checkNumber("attemptTimeoutMs", options.attemptTimeoutMs, 1, MAX_TIMER_MS);
  checkNumber("retry.maxAttempts", retry.maxAttempts, 1, 100, true);
  checkNumber("retry.minDelayMs", retry.minDelayMs, 0, HOUR_MS);
  checkNumber("retry.maxDelayMs", retry.maxDelayMs, 0, HOUR_MS);
  checkNumber("retry.budget", retry.budget, 0, 100);
  checkNumber("circuitBreaker.failures", breaker.failures, 1, 1e6, true);
  checkNumber("circuitBreaker.openMs", breaker.openMs, 1, HOUR_MS);
  if (!["auto", "always", "never"].includes(workers)) {
    throw mustBe("workers", '"auto", "always" or "never"', workers);
  }
  checkAuth(options.auth);
}
