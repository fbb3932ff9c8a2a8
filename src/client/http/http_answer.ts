import {
  ClientError,
  ConnectionError,
  isCortexError,
  OverloadedError,
  ProtocolError,
  RateLimitedError,
} from "../../errors.ts";
import type { Answer } from "./exchanger.ts";
import { shown } from "../../values/shown.ts";

/** Status that Convex once gave to an answer about a failed function; the body is the same as with 200. */
const FUNCTION_FAILED = 560;

/** What hosts say when no connection could be made. */
const NEVER_SENT =
  /client error \(Connect\)|dns error|connection ?refused|Unable to connect|FailedToOpenSocket|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT/i;

/**
 * Reads an answer: its value if it has the form that is `expected`. Throws `RATE_LIMITED` (429), `OVERLOADED` (503),
 * `HTTP_ERROR` (with `data: { status, code }`) or `BAD_RESPONSE`.
 */
export function readAnswer<T>(
  endpoint: string,
  reply: Answer,
  expected: (answer: unknown) => answer is T,
  requestId: string | undefined,
): T {
  const { status, headers, json, isDamaged = false } = reply;
  const ok = status >= 200 && status < 300;
  if (!isDamaged && (ok || status === FUNCTION_FAILED) && expected(json)) {
    return json;
  }
  const { code, message } = Object(json) as { [name: string]: unknown };
  const isConvex = !ok && typeof code === "string" &&
    typeof message === "string";
  const data = {
    status,
    ...(isConvex ? { code } : { contentType: contentType(headers) }),
    // Invalid JSON in an answer labelled as JSON was cut off on its way.
    ...isDamaged && ok && /json/.test(contentType(headers)) && { isDamaged },
    ...retryAfter(headers),
  };
  const options = {
    data,
    requestId: headers["convex-request-id"] ?? requestId,
  };
  const says = isConvex
    ? `Convex answered ${endpoint} with ${status} ${code}: ${message}`
    : notConvex(endpoint, reply);
  if (status === 429) {
    throw new RateLimitedError("RATE_LIMITED", says, options);
  }
  if (status === 503) throw new OverloadedError("OVERLOADED", says, options);
  if (isConvex) throw new ClientError("HTTP_ERROR", says, options);
  throw new ProtocolError("BAD_RESPONSE", says, options);
}

/** What Cloudflare's runtime says when an invocation has made all the requests that it may. */
const TOO_MANY_REQUESTS = /too many subrequests/i;

/**
 * Error for a request that broke; `data.sent` is false when it never left. `REQUEST_LIMIT` when the host lets the
 * program make no more.
 */
export function unreachable(
  address: string,
  error: unknown,
  requestId: string | undefined,
): ClientError {
  const { message } = Object(error) as { message?: unknown };
  if (TOO_MANY_REQUESTS.test(String(message))) {
    return new OverloadedError(
      "REQUEST_LIMIT",
      `The host allows this program no more requests: ${shown(message)}`,
      { cause: error, requestId },
    );
  }
  return new ConnectionError(
    "UNREACHABLE",
    // The address contains no credentials: URLs with any are refused earlier.
    `Cannot reach ${new URL(address).origin}: ${shown(reasonOf(error))}`,
    {
      cause: error,
      requestId,
      data: neverSent(error) ? { sent: false } : undefined,
    },
  );
}

/** The root reason: hosts say "fetch failed" and give the reason as the cause; for several addresses, Node gives only a code. */
function reasonOf(error: unknown): unknown {
  const { code, message, cause } = Object(error);
  return (cause && reasonOf(cause)) ||
    (message && `${message}`.replace(/^.* for url \(.*?\): /, "")) || code;
}

function neverSent(error: unknown): boolean {
  const { code, message, cause } = Object(error) as {
    [name: string]: unknown;
  };
  return NEVER_SENT.test(`${code} ${message}`) ||
    !!cause && neverSent(cause);
}

/** Describes an answer that is not from Convex, so that a wrong URL is noticed at once. */
function notConvex(
  endpoint: string,
  { status, headers, text }: Answer,
): string {
  const { location } = headers;
  return `${endpoint} was not answered by Convex: status ${status}, ${
    contentType(headers)
  }, ${location ? `a redirection to ${shown(location)}` : shown(text)}`;
}

function contentType(headers: Answer["headers"]): string {
  return headers["content-type"] ?? "no content type";
}

/** How long the deployment asks to wait. A date is compared with the deployment's own clock. */
function retryAfter(headers: Answer["headers"]): { retryAfterMs?: number } {
  const value = headers["retry-after"] ?? "x";
  const now = Date.parse(headers.date ?? "") || Date.now();
  // Not `parseFloat`: some write a date as ISO does, which begins with a number. Two such headers arrive as "5, 5".
  const seconds = +value.split(",")[0]!;
  const ms = seconds >= 0 ? seconds * 1000 : Date.parse(value) - now;
  return Number.isFinite(ms) ? { retryAfterMs: Math.max(0, ms) } : {};
}

/** The HTTP status of an error, if it has one. */
export function statusOf(error: unknown): unknown {
  return isCortexError(error)
    ? (error.data as { status?: unknown } | undefined)?.status
    : undefined;
}
