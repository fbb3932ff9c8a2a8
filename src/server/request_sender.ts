import type { RequestFacts } from "../engine/engine.ts";
import { encodeHex } from "../values/hex.ts";

/** A name for a request in messages and logs: 16 hex digits. */
export function newRequestId(): string {
  return encodeHex(crypto.getRandomValues(new Uint8Array(8)));
}

/** The name that a request has, or gets. */
export function requestIdOf(request: Request): string {
  return request.headers.get("convex-request-id") ?? newRequestId();
}

/** What a request from an address says of its sender, for `ctx.meta`. */
export function senderOf(
  { headers }: Request,
  requestId: string,
  ip: string | null,
): RequestFacts {
  const [, authToken = null] =
    /^bearer (.+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  return { authToken, ip, requestId, userAgent: headers.get("user-agent") };
}
