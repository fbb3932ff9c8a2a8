import { EngineError } from "../../errors.ts";
import { decodeBase64, encodeBase64 } from "../../values/base64.ts";

/**
 * SHA-256 of bytes, written by `textOf`. Throws `CHECKSUM_MISMATCH` if `expected`, in that form or in base64, differs.
 */
export async function checksumOf(
  bytes: Uint8Array<ArrayBuffer>,
  textOf: (digest: Uint8Array) => string,
  expected?: string,
): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const base64 = encodeBase64(digest);
  const own = textOf(digest);
  if (expected !== undefined && expected !== base64 && expected !== own) {
    throw new EngineError(
      "CHECKSUM_MISMATCH",
      `Sha256 mismatch. Expected: ${expected.slice(0, 80)} Actual: ${own}`,
    );
  }
  return own;
}

/** A stored checksum in base64, as `Digest` headers carry it. */
export function digestOf(sha256: string): string {
  if (decodeBase64(sha256) !== undefined && sha256.length !== 64) return sha256;
  const bytes = sha256.match(/../g)!.map((byte) => parseInt(byte, 16));
  return encodeBase64(new Uint8Array(bytes));
}
