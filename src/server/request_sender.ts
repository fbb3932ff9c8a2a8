import type { RequestFacts } from "../engine/engine.ts";
import { encodeHex } from "../values/hex.ts";

/** Header with the id of a request. */
export const REQUEST_ID = "convex-request-id";

/** A random id for a request, for messages and logs: 16 hex digits. */
export function newRequestId(): string {
  return encodeHex(crypto.getRandomValues(new Uint8Array(8)));
}

/** The id in a request's header, or a new one. */
export function requestIdOf(request: Request): string {
  return request.headers.get(REQUEST_ID) ?? newRequestId();
}

/** Facts about a request and its sender, for `ctx.meta`. */
export function senderOf(
  { headers }: Request,
  requestId: string,
  ip: string | null,
): RequestFacts {
  const [, authToken = null] =
    /^bearer (.+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  const userAgent = headers.get("user-agent");
  return { authToken, refusal: null, ip, requestId, userAgent };
}
