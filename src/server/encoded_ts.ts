import { ValueError } from "../errors.ts";
import { decodeBase64, encodeBase64 } from "../values/base64.ts";
import { formatJson } from "../values/format_json.ts";

/** Length of an encoded timestamp. */
const LENGTH = 12;

/** A timestamp as in Convex's protocols: base64 of a little-endian u64. */
export function encodeTs(ts: bigint): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, ts, true);
  return encodeBase64(new Uint8Array(view.buffer));
}

/** Decodes a timestamp written by `encodeTs`. Throws `INVALID_TIMESTAMP`. */
export function decodeTs(encoded: unknown): bigint {
  const bytes = typeof encoded === "string" && encoded.length === LENGTH
    ? decodeBase64(encoded)
    : undefined;
  if (bytes?.length === 8) {
    return new DataView(bytes.buffer).getBigUint64(0, true);
  }
  throw new ValueError(
    "INVALID_TIMESTAMP",
    `a timestamp must be the base64 of 8 bytes; got ${formatJson(encoded)}`,
  );
}
