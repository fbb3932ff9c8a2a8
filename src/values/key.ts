/**
 * Values as memcomparable keys: two keys compare as strings like their values do in `compareValues`. Every character of
 * a key is below U+0100 and represents one byte.
 *
 * A part is a tag and a self-delimiting body, so no part is a prefix of another, and the key of the first parts is a
 * prefix of the key of all parts.
 *
 * @module
 */

import { PENDING_TS } from "./commit_ts.ts";
import { isCommitTs } from "./is_commit_ts.ts";
import { definedFields } from "./compare.ts";
import { isBytes } from "./kinds.ts";
import type { Value } from "./types.ts";

const UNDEFINED = "\x01";
const NULL = "\x03";
const INT64 = 0x04;
const FLOAT64 = 0x0d;
const FALSE = "\x0e";
const TRUE = "\x0f";
const STRING = "\x10";
const BYTES = "\x11";
const ARRAY = "\x12";
const OBJECT = "\x15";
/**
 * Ends strings, bytes, arrays and objects; smaller than every tag, so that a prefix comes first. In strings and bytes,
 * 00 and 01 are escaped, so that a key that ends here is not a prefix of one that continues.
 */
const END = "\0";
const ESCAPED_0 = "\x01\x01";
const ESCAPED_1 = "\x01\x02";

/** Buffer to read a number's bits. Never read before it is written, so nothing is shared between calls. */
const bits = new DataView(new ArrayBuffer(8));

/** Encodes the parts of a compound key, undefined for a missing field. Costs about 0.1 µs for a short string. */
export function encodeKey(parts: readonly (Value | undefined)[]): string {
  let key = "";
  for (let i = 0; i < parts.length; i++) key += encodePart(parts[i]);
  return key;
}

/** The first key after all keys with the prefix; undefined if no key can follow them. */
export function prefixEnd(prefix: string): string | undefined {
  let length = prefix.length;
  while (length > 0 && prefix.charCodeAt(length - 1) === 0xff) length--;
  if (length === 0) return undefined;
  return prefix.slice(0, length - 1) +
    String.fromCharCode(prefix.charCodeAt(length - 1) + 1);
}

function encodePart(value: Value | undefined): string {
  switch (typeof value) {
    case "string":
      return STRING + encodeText(value) + END;
    case "number":
      return encodeNumber(value);
    case "boolean":
      return value ? TRUE : FALSE;
    case "bigint":
      bits.setBigInt64(0, value);
      return encodeBits(INT64, bits.getUint32(0) ^ 0x80000000);
    case "undefined":
      return UNDEFINED;
    default:
      return value === null ? NULL : encodeContainer(value);
  }
}

function encodeContainer(
  value: ArrayBuffer | Value[] | { [key: string]: Value | undefined },
): string {
  if (Array.isArray(value)) return ARRAY + encodeKey(value) + END;
  if (isBytes(value)) return BYTES + encodeBytes(new Uint8Array(value)) + END;
  const names = definedFields(value);
  if (names.length === 0 && isCommitTs(value)) return encodePart(PENDING_TS);
  let body = "";
  for (const name of names) {
    body += STRING + encodeText(name) + END + encodePart(value[name]);
  }
  return OBJECT + body + END;
}

function encodeNumber(value: number): string {
  // Writes every NaN as the same positive NaN, because JavaScript engines differ in the bits they keep.
  if (value !== value) {
    bits.setUint32(0, 0x7ff80000);
    bits.setUint32(4, 0);
  } else {
    bits.setFloat64(0, value);
  }
  const high = bits.getUint32(0);
  if (high < 0x80000000) return encodeBits(FLOAT64, high ^ 0x80000000);
  bits.setUint32(4, ~bits.getUint32(4));
  return encodeBits(FLOAT64, ~high);
}

/** Writes a tag, the given upper half, and the lower half from `bits`, most significant byte first. */
function encodeBits(tag: number, high: number): string {
  const low = bits.getUint32(4);
  return String.fromCharCode(
    tag,
    high >>> 24,
    (high >>> 16) & 0xff,
    (high >>> 8) & 0xff,
    high & 0xff,
    low >>> 24,
    (low >>> 16) & 0xff,
    (low >>> 8) & 0xff,
    low & 0xff,
  );
}

function encodeBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    text += byte > 1
      ? String.fromCharCode(byte)
      : byte === 0
      ? ESCAPED_0
      : ESCAPED_1;
  }
  return text;
}

/** Encodes a text in UTF-8. A lone surrogate becomes three bytes, so that the order remains that of code points. */
function encodeText(text: string): string {
  let plain = 0;
  while (plain < text.length) {
    const code = text.charCodeAt(plain);
    if (code <= 1 || code >= 0x80) break;
    plain++;
  }
  if (plain === text.length) return text;
  let out = text.slice(0, plain);
  for (let i = plain; i < text.length; i++) {
    const code = text.codePointAt(i)!;
    if (code <= 1) {
      out += code === 0 ? ESCAPED_0 : ESCAPED_1;
    } else if (code < 0x80) {
      out += text[i];
    } else if (code < 0x800) {
      out += String.fromCharCode(0xc0 | code >> 6, 0x80 | code & 0x3f);
    } else if (code < 0x10000) {
      out += String.fromCharCode(
        0xe0 | code >> 12,
        0x80 | code >> 6 & 0x3f,
        0x80 | code & 0x3f,
      );
    } else {
      i++;
      out += String.fromCharCode(
        0xf0 | code >> 18,
        0x80 | code >> 12 & 0x3f,
        0x80 | code >> 6 & 0x3f,
        0x80 | code & 0x3f,
      );
    }
  }
  return out;
}
