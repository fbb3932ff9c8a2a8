/**
 * Document ids in Convex's format: base32 of the table number as a variable-length integer, 16 bytes that identify the
 * document, and a checksum of two bytes. Ids of one table sort like their 16 bytes.
 *
 * @module
 */

import { ValueError } from "../errors.ts";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
/** Number of bytes that identify the document within its table. */
const INTERNAL_BYTES = 16;
const MAX_TABLE_NUMBER = 0xffffffff;

/** Buffer for decoded bytes. Never read before it is written, so nothing is shared between calls. */
const scratch = new Uint8Array(24);

/**
 * Encodes an id: 31 to 37 characters.
 *
 * @param tableNumber number of the table, 1 to 2^32 - 1
 * @param bytes the 16 bytes that identify the document
 * @throws {ValueError} `INVALID_VALUE` if either is out of bounds
 */
export function encodeId(tableNumber: number, bytes: Uint8Array): string {
  if (
    !Number.isInteger(tableNumber) || tableNumber < 1 ||
    tableNumber > MAX_TABLE_NUMBER
  ) {
    throw new ValueError(
      "INVALID_VALUE",
      `tableNumber: expected an integer from 1 to ${MAX_TABLE_NUMBER}, got ${tableNumber}`,
    );
  }
  if (bytes.length !== INTERNAL_BYTES) {
    throw new ValueError(
      "INVALID_VALUE",
      `bytes: expected ${INTERNAL_BYTES} bytes, got ${bytes.length}`,
    );
  }
  const buffer: number[] = [];
  let rest = tableNumber;
  while (rest >= 0x80) {
    buffer.push(rest % 0x80 | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  buffer.push(rest);
  for (let i = 0; i < INTERNAL_BYTES; i++) buffer.push(bytes[i]!);
  const checksum = checksumOf(buffer, buffer.length);
  buffer.push(checksum & 0xff, checksum >> 8);
  return encodeBase32(buffer);
}

/** Decodes an id; undefined if the text is not one: wrong length, alphabet, checksum or form. */
export function decodeId(
  id: string,
): { tableNumber: number; bytes: Uint8Array } | undefined {
  const end = decode(id);
  return end === undefined ? undefined : {
    tableNumber: readTableNumber(),
    bytes: scratch.slice(end - INTERNAL_BYTES, end),
  };
}

/** Number of the table that an id belongs to; undefined for a text that is not an id, as in {@link decodeId}. */
export function tableNumberOf(id: string): number | undefined {
  return decode(id) === undefined ? undefined : readTableNumber();
}

/**
 * Writes the bytes of an id to `scratch`, and returns where the checksum begins; undefined for a text that is not an
 * id.
 */
function decode(id: string): number | undefined {
  if (typeof id !== "string" || id.length < 31 || id.length > 37) return;
  const end = decodeBase32(id) - 2;
  const prefix = end - INTERNAL_BYTES;
  for (let at = 0; at < prefix; at++) {
    if (scratch[at]! < 0x80 !== (at === prefix - 1)) return;
  }
  // If the last group is zero, the number has a shorter form, which is the only valid one.
  if (prefix < 1 || prefix > 5 || scratch[prefix - 1] === 0) return;
  if (readTableNumber() > MAX_TABLE_NUMBER) return;
  const checksum = checksumOf(scratch, end);
  return scratch[end] === (checksum & 0xff) &&
      scratch[end + 1] === checksum >> 8
    ? end
    : undefined;
}

function readTableNumber(): number {
  let tableNumber = 0;
  let scale = 1;
  for (let at = 0;; at++, scale *= 0x80) {
    const byte = scratch[at]!;
    tableNumber += (byte & 0x7f) * scale;
    if (byte < 0x80) return tableNumber;
  }
}

/** Fletcher's checksum as Convex computes it: its sums wrap at 256, not at 255 as in the textbook. */
function checksumOf(bytes: ArrayLike<number>, length: number): number {
  let low = 0;
  let high = 0;
  for (let i = 0; i < length; i++) {
    low = (low + bytes[i]!) & 0xff;
    high = (high + low) & 0xff;
  }
  return high << 8 | low;
}

/** Makes the text in one call: concatenating letters would build a rope, which slows down every later read. */
function encodeBase32(bytes: readonly number[]): string {
  const codes: number[] = [];
  let bits = 0;
  let width = 0;
  for (const byte of bytes) {
    bits = bits << 8 | byte;
    width += 8;
    while (width >= 5) {
      width -= 5;
      codes.push(ALPHABET.charCodeAt(bits >> width));
      bits &= (1 << width) - 1;
    }
  }
  if (width > 0) codes.push(ALPHABET.charCodeAt(bits << 5 - width));
  return String.fromCharCode.apply(null, codes);
}

/** Writes the bytes of a text to `scratch`, and returns their number; -1 if it is not base32. */
function decodeBase32(text: string): number {
  let length = 0;
  let bits = 0;
  let width = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = digitOf(text.charCodeAt(i));
    if (digit === -1) return -1;
    bits = bits << 5 | digit;
    width += 5;
    if (width >= 8) {
      width -= 8;
      scratch[length++] = bits >> width;
      bits &= (1 << width) - 1;
    }
  }
  // Padding must be zero and shorter than a digit, so that each id has only one text.
  return width < 5 && bits === 0 ? length : -1;
}

/** Index of a character in the alphabet, which has no i, l, o and u; -1 for any other character. */
function digitOf(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code < 97 || code > 122) return -1;
  if (code < 105) return code - 87;
  if (code < 108) return code === 105 ? -1 : code - 88;
  if (code < 111) return code === 108 ? -1 : code - 89;
  if (code < 117) return code === 111 ? -1 : code - 90;
  return code === 117 ? -1 : code - 91;
}
