/**
 * Document ids in Convex's format: base32 of the table's number as a variable-length integer, 16 bytes that name the
 * document, and a checksum of two bytes. Ids of one table order as their 16 bytes do.
 *
 * @module
 */

import { ValueError } from "../errors.ts";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
/** Bytes that name the document inside of its table. */
const INTERNAL_BYTES = 16;
const MAX_TABLE_NUMBER = 0xffffffff;

/**
 * Writes an id: 31 to 37 characters.
 *
 * @param tableNumber number of the table, 1 to 2^32 - 1
 * @param bytes the 16 bytes that name the document
 * @throws {ValueError} `INVALID_VALUE` when either is out of its bounds
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

/** Reads an id, or gives undefined when the text is not one: wrong length, alphabet, checksum or form. */
export function decodeId(
  id: string,
): { tableNumber: number; bytes: Uint8Array } | undefined {
  const buffer = decode(id);
  if (buffer === undefined) return undefined;
  const end = buffer.length - 2;
  return {
    tableNumber: readTableNumber(buffer),
    bytes: Uint8Array.from(buffer.slice(end - INTERNAL_BYTES, end)),
  };
}

/** Number of the table that an id belongs to, or undefined for a text that is none, as {@link decodeId} tells. */
export function tableNumberOf(id: string): number | undefined {
  const buffer = decode(id);
  return buffer && readTableNumber(buffer);
}

/** Bytes of a text that is an id. */
function decode(id: string): number[] | undefined {
  if (typeof id !== "string" || id.length < 31 || id.length > 37) return;
  const buffer = decodeBase32(id);
  if (buffer === undefined) return;
  const end = buffer.length - 2;
  const prefix = end - INTERNAL_BYTES;
  for (let at = 0; at < prefix; at++) {
    if (buffer[at]! < 0x80 !== (at === prefix - 1)) return;
  }
  // A last group of zero could be left out: the same number has a shorter form.
  if (prefix < 1 || prefix > 5 || buffer[prefix - 1] === 0) return;
  if (readTableNumber(buffer) > MAX_TABLE_NUMBER) return;
  const checksum = checksumOf(buffer, end);
  return buffer[end] === (checksum & 0xff) && buffer[end + 1] === checksum >> 8
    ? buffer
    : undefined;
}

function readTableNumber(buffer: readonly number[]): number {
  let tableNumber = 0;
  let scale = 1;
  for (let at = 0;; at++, scale *= 0x80) {
    const byte = buffer[at]!;
    tableNumber += (byte & 0x7f) * scale;
    if (byte < 0x80) return tableNumber;
  }
}

/** Fletcher's checksum as Convex computes it: its sums wrap at 256, not at 255 as in the textbook. */
function checksumOf(bytes: readonly number[], length: number): number {
  let low = 0;
  let high = 0;
  for (let i = 0; i < length; i++) {
    low = (low + bytes[i]!) & 0xff;
    high = (high + low) & 0xff;
  }
  return high << 8 | low;
}

function encodeBase32(bytes: readonly number[]): string {
  let text = "";
  let bits = 0;
  let width = 0;
  for (const byte of bytes) {
    bits = bits << 8 | byte;
    width += 8;
    while (width >= 5) {
      width -= 5;
      text += ALPHABET[bits >> width];
      bits &= (1 << width) - 1;
    }
  }
  return width === 0 ? text : text + ALPHABET[bits << 5 - width];
}

function decodeBase32(text: string): number[] | undefined {
  const bytes: number[] = [];
  let bits = 0;
  let width = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = digitOf(text.charCodeAt(i));
    if (digit === -1) return undefined;
    bits = bits << 5 | digit;
    width += 5;
    if (width >= 8) {
      width -= 8;
      bytes.push(bits >> width);
      bits &= (1 << width) - 1;
    }
  }
  // Padding is shorter than a digit and zero, so that each id has one text only.
  return width < 5 && bits === 0 ? bytes : undefined;
}

/** Place of a character in the alphabet, which leaves out i, l, o and u; -1 for one that is not in it. */
function digitOf(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code < 97 || code > 122) return -1;
  if (code < 105) return code - 87;
  if (code < 108) return code === 105 ? -1 : code - 88;
  if (code < 111) return code === 108 ? -1 : code - 89;
  if (code < 117) return code === 111 ? -1 : code - 90;
  return code === 117 ? -1 : code - 91;
}
