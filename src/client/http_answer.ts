import {
  ClientError,
  ConnectionError,
  OverloadedError,
  ProtocolError,
  RateLimitedError,
} from "../errors.ts";
import { shown } from "./shown.ts";

/** Status that Convex once gave to an answer about a failed function; the body is the same as with 200. */
const FUNCTION_FAILED = 560;

/** What hosts call a connection that never came about. */
const NEVER_SENT =
  /client error \(Connect\)|dns error|connection ?refused|Unable to connect|FailedToOpenSocket|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT/i;

/**
 * Reads an answer: its value if it has the form that is `expected`. Throws `RATE_LIMITED` (429), `OVERLOADED` (503),
 * `HTTP_ERROR` (with `data: { status, code }`) or `BAD_RESPONSE`.
 */
export function readAnswer<T>(
  endpoint: string,
  response: Response,
  text: string,
  expected: (answer: unknown) => answer is T,
  requestId: string | undefined,
): T {
  let answer: unknown;
  let isDamaged = false;
  try {
    answer = JSON.parse(text);
  } catch {
    isDamaged = true;
  }
  const { ok, status, headers } = response;
  if (!isDamaged && (ok || status === FUNCTION_FAILED) && expected(answer)) {
    return answer;
  }
  const { code, message } = (answer ?? {}) as { [name: string]: unknown };
  const isConvex = !ok && typeof code === "string" &&
    typeof message === "string";
  const data = {
    status,
    ...(isConvex ? { code } : { contentType: contentType(headers) }),
    // JSON that is none was cut on its way.
    ...(isDamaged && ok && /json/.test(headers.get("content-type") ?? "")
      ? { isDamaged }
      : {}),
  };
  const options = {
    data: { ...data, ...retryAfter(headers) },
    requestId: headers.get("convex-request-id") ?? requestId,
  };
  const text_ = isConvex
    ? `Convex answered ${endpoint} with ${status} ${code}: ${message}`
    : notConvex(endpoint, response, text);
  if (status === 429) {
    throw new RateLimitedError("RATE_LIMITED", text_, options);
  }
  if (status === 503) throw new OverloadedError("OVERLOADED", text_, options);
  if (isConvex) throw new ClientError("HTTP_ERROR", text_, options);
  throw new ProtocolError("BAD_RESPONSE", text_, options);
}

/** Error for a request that broke; `data.sent` is false when it never left. */
export function unreachable(
  address: string,
  error: unknown,
  requestId: string | undefined,
): ConnectionError {
  return new ConnectionError(
    "UNREACHABLE",
    // The address holds no credentials: such URLs are refused before.
    `Cannot reach ${new URL(address).origin}: ${
      shown((error as Error | undefined)?.message)
    }`,
    {
      cause: error,
      requestId,
      data: neverSent(error) ? { sent: false } : undefined,
    },
  );
}

function neverSent(error: unknown): boolean {
  const { code, message, cause } = (error ?? {}) as { [name: string]: unknown };
  return NEVER_SENT.test(`${code} ${message}`) ||
    cause !== undefined && neverSent(cause);
}

/** Says what came, so that a wrong URL is seen at once. */
function notConvex(endpoint: string, response: Response, text: string): string {
  const type = contentType(response.headers);
  const location = response.headers.get("location");
  return `${endpoint} was not answered by Convex: status ${response.status}, ${type}, ${
    location === null ? shown(text) : `a redirection to ${shown(location)}`
  }`;
}

function contentType(headers: Headers): string {
  return headers.get("content-type") ?? "no content type";
}

/** The time that the deployment asks to wait, by its own clock where it gives a date. */
function retryAfter(headers: Headers): { retryAfterMs?: number } {
  const value = headers.get("retry-after");
  if (value === null) return {};
  const now = Date.parse(headers.get("date") ?? "") || Date.now();
  const ms = /^\d+(\.\d+)?$/.test(value.trim())
    ? Number(value) * 1000
    : Date.parse(value) - now;
  return Number.isFinite(ms) ? { retryAfterMs: Math.max(0, ms) } : {};
}
