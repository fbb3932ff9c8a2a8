import { EngineError } from "../../errors.ts";
import { encodeBase64 } from "../../values/base64.ts";
import { encodeHex } from "../../values/hex.ts";

/** SHA-256 of bytes, in base64. Throws `CHECKSUM_MISMATCH` if `expected`, in base64 or hexadecimal, differs. */
export async function checksumOf(
  bytes: Uint8Array<ArrayBuffer>,
  expected?: string,
): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const own = encodeBase64(digest);
  if (
    expected !== undefined && expected !== own && expected !== encodeHex(digest)
  ) {
    throw new EngineError(
      "CHECKSUM_MISMATCH",
      `Sha256 mismatch. Expected: ${expected.slice(0, 80)} Actual: ${own}`,
    );
  }
  return own;
}
