/** Text that is encoded in one go, in characters. */
const PART = 128 * 1024;

/** Encodes the parts of a text as UTF-8, however long. Yields between parts of the work the bytes that it made. */
export function* encode(
  texts: readonly string[],
): Generator<number, Uint8Array> {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  let length = 0;
  // Half of a letter that was cut in two.
  let half = "";
  for (const text of texts) {
    for (let at = 0; at < text.length; at += PART) {
      const letters = half + text.slice(at, at + PART);
      const isCut =
        (letters.charCodeAt(letters.length - 1) & 0xfc00) === 0xd800;
      half = isCut ? letters.slice(-1) : "";
      const part = encoder.encode(isCut ? letters.slice(0, -1) : letters);
      parts.push(part);
      length += part.length;
      yield part.length;
    }
  }
  if (half !== "") throw new TypeError("a text ends in half of a letter");
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
    yield part.length / 4;
  }
  return bytes;
}
