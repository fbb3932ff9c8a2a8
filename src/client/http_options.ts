import { isPlainObject } from "../values/kinds.ts";
import {
  aFunction,
  anAddress,
  checkOptions,
  mustBe,
  numberFrom,
  oneOf,
  type OptionChecks,
  that,
} from "./check.ts";
import { checkAuth } from "./check_auth.ts";
import type { CircuitBreakerOptions } from "./circuit_breaker.ts";
import { MAX_TIMER_MS } from "./deadline.ts";
import type { RetryOptions } from "./retry_policy.ts";
import type { AuthSource, WebSocketLike } from "./types.ts";

/** Options of `httpSource`. */
export interface HttpSourceOptions {
  /** Replaces the host's `fetch`, for tests, proxies and service bindings. */
  fetch?: ((input: string, init: RequestInit) => Promise<Response>) | undefined;
  /** Replaces the host's `WebSocket`, which live queries use. On Node 20, pass the class from `ws`. */
  WebSocket?: (new (url: string) => WebSocketLike) | undefined;
  /** Headers sent with each request. */
  headers?: { [name: string]: string } | undefined;
  /**
   * Identity token (JWT), or a function that returns one. Sent as `Authorization: Bearer`. The function is called again
   * 10 s (at most half of its lifetime) before its token expires, if that was new, because the lifetime is `exp - iat`,
   * whatever this host's clock says; when the deployment refuses it; and when a call needs one after a minute without
   * an answer; for a token without expiry, before each request.
   */
  auth?: AuthSource | undefined;
  /**
   * Most requests in flight, 1 to 65 536; further calls wait their turn, and share requests meanwhile. At first 128 are
   * sent at once, more while answers take no longer than usual, and fewer while the deployment refuses some. Default
   * 256, or 6 on hosts that allow no more (Cloudflare).
   */
  maxInFlight?: number | undefined;
  /**
   * Most requests in total, for hosts that count them (Cloudflare: 50 or 10 000 per invocation). Beyond that, calls
   * reject with `REQUEST_LIMIT` before anything is sent. Default: no limit.
   */
  maxRequests?: number | undefined;
  /**
   * Most bytes of one answer, after decompression, 1 to 2⁵³ − 1. A longer one is read no further, and its calls reject
   * with `BAD_RESPONSE`. Default 268 435 456 (256 MiB): Convex's largest value, of 16 MiB, takes up to 96 MiB as JSON, so
   * only an answer to many queries together can be longer. After a longer message of live queries, whose characters are
   * counted, all queries and calls of the WebSocket get that error, and it is closed until the next of them. A host
   * receives a message whole, and has a limit of its own: 64 MiB on Deno, 128 MiB on Node and Bun. As much again may wait
   * to be read; where more does, the client reconnects for the latest results.
   */
  maxAnswerBytes?: number | undefined;
  /** How calls are retried. */
  retry?: RetryOptions | undefined;
  /**
   * When to stop sending requests to a failing deployment; `false`: never. Queries, and mutations and actions, have a
   * circuit each: where writes alone fail, reads go on.
   */
  circuitBreaker?: CircuitBreakerOptions | false | undefined;
  /**
   * Time limit for one attempt of a query, or of a mutation with an idempotency key, in ms, after which it is retried;
   * for connections that went silent. Default: none.
   */
  attemptTimeoutMs?: number | undefined;
  /**
   * Where requests are made and long answers decoded. `"auto"` (default): functions with long answers move to a worker
   * where measurement shows that it costs this thread less. All others, and all on a host without workers, stay on this
   * thread, long answers in slices of a few milliseconds. The worker starts once long answers take up more than a
   * twentieth of this thread's time, and no answer waits for it. `"always"`: all in a worker. `"never"`: all on this
   * thread. With your own `fetch`, in a page, and where a program has replaced the host's `fetch` or Node's dispatcher,
   * requests are made on this thread and only decoding moves. The WebSocket of live queries moves likewise: in `"auto"`
   * after a message of half a MiB, to a second connection that is opened first and takes over when no mutation or
   * action is on its way over the socket. With your own `WebSocket` it stays on this thread.
   */
  workers?: "auto" | "always" | "never" | undefined;
  /**
   * Module that starts the worker by `startClientWorker` of `@cortex/memory/worker/client`, for a
   * Content-Security-Policy that forbids `data:` workers.
   */
  workerUrl?: string | URL | undefined;
  /**
   * The backend's public mutation that runs several calls, each in a subtransaction, such as `batch:run`. With it,
   * mutations that carry `CallOptions.batch` and were started in one tick share a few requests.
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
  WebSocket: aFunction,
  headers: checkHeaders,
  auth: checkAuth,
  maxInFlight: numberFrom(1, 65_536, true),
  maxAnswerBytes: numberFrom(1, 2 ** 53 - 1, true),
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

/** Headers may be secrets, so errors state only their types. */
function checkHeaders(headers: unknown, name: string): void {
  if (!isPlainObject(headers)) {
    const type = Object.prototype.toString.call(headers);
    throw mustBe(name, "an object of strings", headers, type);
  }
  for (const [header, value] of Object.entries(headers)) {
    try {
      new Headers([[header, value as string]]);
      if (typeof value === "string") continue;
    } catch {
      // The host's error may show the value.
    }
    throw mustBe(
      `${name}.${header}`,
      "a string for a header",
      value,
      typeof value,
    );
  }
}
