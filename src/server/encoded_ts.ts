import { ValueError } from "../errors.ts";
import { formatJson } from "../values/format_json.ts";

/** A timestamp as in Convex's protocols: base64 of a little-endian u64. */
export function encodeTs(ts: bigint): string {
  let text = "";
  for (let at = 0n; at < 64n; at += 8n) {
    text += String.fromCharCode(Number(ts >> at & 255n));
  }
  return btoa(text);
}

/** Decodes a timestamp written by `encodeTs`. Throws `INVALID_TIMESTAMP`. */
export function decodeTs(encoded: unknown): bigint {
  if (typeof encoded === "string" && /^[A-Za-z0-9+/]{11}=$/.test(encoded)) {
    const bytes = atob(encoded);
    let ts = 0n;
    for (let at = 7; at >= 0; at--) {
      ts = ts << 8n | BigInt(bytes.charCodeAt(at));
    }
    return ts;
  }
  throw new ValueError(
    "INVALID_TIMESTAMP",
    `a timestamp must be the base64 of 8 bytes; got ${formatJson(encoded)}`,
  );
}
