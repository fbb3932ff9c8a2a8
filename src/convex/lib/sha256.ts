import { fail } from "./errors.ts";

/** SHA-256 of a text in UTF-8, as 64 hexadecimal digits. Fails with `UNSUPPORTED` in a page that came over plain HTTP. */
export async function sha256(text: string): Promise<string> {
  if (crypto.subtle === undefined) {
    fail(
      "UNSUPPORTED",
      "SHA-256 needs crypto.subtle, which a page has only over HTTPS or from localhost",
    );
  }
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(text),
  );
  return Array.from(
    new Uint8Array(digest),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
}
