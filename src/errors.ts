/**
 * Every error class of the module, and the guards that tell them apart.
 *
 * The guards check a registered symbol rather than `instanceof`, so an error stays recognisable when two copies of the
 * module meet in one program, or when it has crossed a worker boundary.
 *
 * @module
 */
import {
  CONVEX_ERROR,
  CORTEX_ERROR,
  type CortexError,
  ValidationError,
} from "./error_classes.ts";

export * from "./error_classes.ts";

/**
 * An error of this module with one of these codes. A guard that promised less would leave a program that has excluded
 * a code with no type at all.
 */
export type CodedError<Code extends string> = CortexError & {
  readonly code: Code;
};

/** Code of a function that failed by itself. */
export type FunctionErrorCode =
  | "FUNCTION_ERROR"
  | "FUNCTION_NOT_FOUND"
  | "ARGUMENT_VALIDATION"
  | "RETURN_VALIDATION"
  | "LIMIT_EXCEEDED";

/**
 * True for any error of this module, from any copy of it. Not for one that came over RPC from a Durable Object or another
 * Cloudflare worker: that is a copy without class, so ask the guards in there.
 *
 * @example
 * ```ts
 * import { Cortex, isCortexError } from "@cortex/memory";
 * import { assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * try {
 *   await cortex.memory.recall({ memorySpaceId: "mia", query: "" });
 * } catch (error) {
 *   if (!isCortexError(error)) throw error;
 *   assertEquals(error.code, "MISSING_REQUIRED_FIELD");
 * }
 * ```
 */
export function isCortexError(error: unknown): error is CortexError {
  return typeof error === "object" && error !== null && CORTEX_ERROR in error;
}

/**
 * True for an error that a Convex function threw on purpose: ours or the `convex` package's.
 *
 * @example
 * ```ts
 * import { AsyncConvexClient, ConvexError, isConvexError } from "@cortex/memory";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const mutation = () => {
 *   throw new ConvexError({ code: "OUT_OF_STOCK", left: 2 });
 * };
 * await using client = new AsyncConvexClient({ query: mutation, mutation, action: mutation });
 * const error = await client.mutation("pens:order", { count: 3 }).catch((error) => error);
 * assert(isConvexError(error));
 * assertEquals(error.data, { code: "OUT_OF_STOCK", left: 2 });
 * ```
 */
export function isConvexError(
  error: unknown,
): error is Error & { data: unknown } {
  return typeof error === "object" && error !== null && CONVEX_ERROR in error;
}

/**
 * True for an argument that a facade method rejected before anything was sent. What the backend has to refuse, such as
 * `CONTENT_TOO_LARGE`, is a `ConvexError`: `isConvexError` tells those. A wrong `timeoutMs`, `signal` or
 * `idempotencyKey` is a `ClientError`, and a value that Convex cannot hold, such as a function, a `ValueError`.
 *
 * @example
 * ```ts
 * import { Cortex, isValidationError } from "@cortex/memory";
 * import { assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * try {
 *   await cortex.memory.list({ memorySpaceId: "mia", limit: -1 });
 * } catch (error) {
 *   if (!isValidationError(error)) throw error;
 *   assertEquals(error.field, "limit"); // for the form that it was typed in
 * }
 * ```
 */
export function isValidationError(error: unknown): error is ValidationError {
  return isCortexError(error) && "field" in error ||
    error instanceof ValidationError;
}

/**
 * True for a function that failed without throwing `ConvexError`, whichever source reports it.
 *
 * @example
 * ```ts
 * import { AsyncConvexClient, isFunctionError } from "@cortex/memory";
 * import { assert, assertEquals } from "@std/assert";
 *
 * await using client = AsyncConvexClient.embedded();
 * const error = await client.query("mutable:got").catch((error) => error);
 * assert(isFunctionError(error));
 * assertEquals(error.code, "FUNCTION_NOT_FOUND");
 * ```
 */
export function isFunctionError(
  error: unknown,
): error is CodedError<FunctionErrorCode> {
  return isCortexError(error) &&
    (FUNCTION_CODES as readonly string[]).includes(error.code);
}

/**
 * True for a call that was not answered in time.
 *
 * @example
 * ```ts
 * import { Cortex, isTimeoutError } from "@cortex/memory";
 *
 * await using cortex = new Cortex();
 * try {
 *   await cortex.mutable.get("stock", "pens", { timeoutMs: 5000 });
 * } catch (error) {
 *   if (!isTimeoutError(error)) throw error;
 * }
 * ```
 */
export function isTimeoutError(
  error: unknown,
): error is CodedError<"TIMEOUT"> {
  return hasCode(error, "TIMEOUT");
}

/**
 * True for a deployment that could not be reached, or whose connection broke.
 *
 * @example
 * ```ts
 * import { AsyncConvexClient, isConnectionError } from "@cortex/memory";
 * import { assert } from "@std/assert";
 *
 * const fetch = () => Promise.reject(new TypeError("network is down"));
 * await using client = new AsyncConvexClient("https://your-deployment.convex.cloud", { fetch });
 * const error = await client.query("a:b", {}, { retry: "never" }).catch((error) => error);
 * assert(isConnectionError(error)); // show what was read before
 * ```
 */
export function isConnectionError(
  error: unknown,
): error is CodedError<"UNREACHABLE"> {
  return hasCode(error, "UNREACHABLE");
}

/**
 * True for a deployment that refused the call for now, or to which none was sent: because it failed before
 * (`CIRCUIT_OPEN`), or because the host, or the option `maxRequests`, allows no more requests (`REQUEST_LIMIT`).
 *
 * @example
 * ```ts
 * import { AsyncConvexClient, isOverloadedError } from "@cortex/memory";
 * import { assert } from "@std/assert";
 *
 * const fetch = () => Promise.resolve(new Response("", { status: 503 }));
 * await using client = new AsyncConvexClient("https://your-deployment.convex.cloud", { fetch });
 * const error = await client.action("mail:send", {}).catch((error) => error);
 * assert(isOverloadedError(error)); // keep the mail, and try later
 * ```
 */
export function isOverloadedError(
  error: unknown,
): error is CodedError<
  "OVERLOADED" | "CIRCUIT_OPEN" | "REQUEST_LIMIT" | "RATE_LIMITED"
> {
  return isCortexError(error) &&
    (OVERLOAD_CODES as readonly string[]).includes(error.code);
}

/**
 * True for a deployment that takes no more calls from this client for a while.
 *
 * @example
 * ```ts
 * import { AsyncConvexClient, isRateLimitedError } from "@cortex/memory";
 * import { assert } from "@std/assert";
 *
 * const fetch = () => Promise.resolve(new Response("", { status: 429 }));
 * await using client = new AsyncConvexClient("https://your-deployment.convex.cloud", { fetch });
 * const error = await client.query("a:b", {}, { retry: "never" }).catch((error) => error);
 * assert(isRateLimitedError(error)); // send less
 * ```
 */
export function isRateLimitedError(
  error: unknown,
): error is CodedError<"RATE_LIMITED"> {
  return hasCode(error, "RATE_LIMITED");
}

/**
 * True for an answer that is not a Convex deployment's.
 *
 * @example
 * ```ts
 * import { AsyncConvexClient, isProtocolError } from "@cortex/memory";
 * import { assert } from "@std/assert";
 *
 * // A wrong URL, or a proxy that shows its own page.
 * const fetch = () => Promise.resolve(new Response("<h1>Welcome</h1>"));
 * await using client = new AsyncConvexClient("https://example.com", { fetch });
 * const error = await client.query("a:b").catch((error) => error);
 * assert(isProtocolError(error));
 * ```
 */
export function isProtocolError(
  error: unknown,
): error is CodedError<"BAD_RESPONSE"> {
  return hasCode(error, "BAD_RESPONSE");
}

/**
 * True for a call on a closed client.
 *
 * @example
 * ```ts
 * import { Cortex, isClosedError } from "@cortex/memory";
 * import { assert } from "@std/assert";
 *
 * const cortex = new Cortex();
 * await cortex.close();
 * const error = await cortex.users.get("mia").catch((error) => error);
 * assert(isClosedError(error)); // the program is about to end: nothing to report
 * ```
 */
export function isClosedError(
  error: unknown,
): error is CodedError<"CLIENT_CLOSED"> {
  return hasCode(error, "CLIENT_CLOSED");
}

/**
 * True for the platform's own rejection when a call is cancelled by `controller.abort()` without a reason.
 *
 * @example
 * ```ts
 * import { Cortex, isAbortError } from "@cortex/memory";
 * import { assert } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * const typing = new AbortController();
 * const found = cortex.memory.search("mia", "Lis", { signal: typing.signal });
 * typing.abort(); // the user types on
 * await found.catch((error) => assert(isAbortError(error)));
 * ```
 */
export function isAbortError(
  error: unknown,
): error is Error & { name: "AbortError" } {
  return (error as { name?: unknown } | null | undefined)?.name ===
    "AbortError";
}

const FUNCTION_CODES: readonly FunctionErrorCode[] = [
  "FUNCTION_ERROR",
  "FUNCTION_NOT_FOUND",
  "ARGUMENT_VALIDATION",
  "RETURN_VALIDATION",
  "LIMIT_EXCEEDED",
];

const OVERLOAD_CODES = [
  "OVERLOADED",
  "CIRCUIT_OPEN",
  "REQUEST_LIMIT",
  "RATE_LIMITED",
] as const;

function hasCode<Code extends string>(
  error: unknown,
  code: Code,
): error is CodedError<Code> {
  return isCortexError(error) && error.code === code;
}
