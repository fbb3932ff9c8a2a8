import { cutBefore, decodeText } from "../json/json_text.ts";

/** Text that is encoded at a time, in characters. */
const PART = 128 * 1024;

/**
 * Encodes the parts of a text of any length as UTF-8; `length` is the approximate length of the whole. After each part
 * of the work, yields how many bytes it made.
 */
export function* encode(
  texts: Iterable<string>,
  length: number,
): Generator<number, Uint8Array> {
  const encoder = new TextEncoder();
  let bytes = new Uint8Array(length);
  let end = 0;
  // The first half of a surrogate pair that was cut in two.
  let half = "";
  for (const text of texts) {
    for (let at = 0; at < text.length; at += PART) {
      const letters = half + text.slice(at, at + PART);
      const isCut =
        (letters.charCodeAt(letters.length - 1) & 0xfc00) === 0xd800;
      half = isCut ? letters.slice(-1) : "";
      let left = isCut ? letters.slice(0, -1) : letters;
      const before = end;
      while (left !== "") {
        const { read, written } = encoder.encodeInto(left, bytes.subarray(end));
        end += written;
        left = left.slice(read);
        if (left !== "") bytes = grown(bytes, left.length);
      }
      yield end - before;
    }
  }
  if (half !== "") throw new TypeError("a text ends in half of a letter");
  return bytes.subarray(0, end);
}

function grown(bytes: Uint8Array, by: number): Uint8Array<ArrayBuffer> {
  const more = new Uint8Array(Math.ceil(bytes.length * 1.5) + by * 3);
  more.set(bytes);
  return more;
}

/** The content of a JSON string whose inside is given as UTF-8, in parts. Throws what `JSON.parse` throws. */
export function* unescaped(inside: Uint8Array): Generator<string> {
  for (let at = 0; at < inside.length;) {
    const to = inside.length - at <= PART
      ? inside.length
      : cutBefore(inside, at + PART);
    yield JSON.parse(`"${decodeText(inside.subarray(at, to))}"`);
    at = to;
  }
}
