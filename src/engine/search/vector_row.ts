import { encodeBase64 } from "../../values/base64.ts";
import type { Value } from "../../values/types.ts";
import type { VectorIndexInfo } from "../schema/catalog.ts";
import { corruptRow } from "../rows/corrupt_row.ts";
import { type Document, fieldAt } from "../rows/fields.ts";
import { filterKeys } from "./text_row.ts";

/** The entry of a document in a vector index. */
export interface VectorRow {
  /** Encoded value of each filter field. */
  filters: string[];
  /** The vector as the document holds it, in f32. */
  vector: Float32Array;
}

/**
 * The row of a document in a vector index; undefined unless its field holds an array with one number per dimension.
 * Stored beside the document, because reading a vector out of the document's JSON costs ten times more.
 */
export function vectorRow(
  index: VectorIndexInfo,
  document: Document,
): string | undefined {
  const value = fieldAt(document, index.path);
  if (!isVector(value, index.dimensions)) return undefined;
  // In the host's byte order: all supported hosts are little-endian.
  const { buffer } = new Float32Array(value);
  return encodeBase64(new Uint8Array(buffer)) +
    JSON.stringify(filterKeys(index, document));
}

/** Parses a row that `vectorRow` wrote for the document `id`. Throws `STORE_CORRUPT`. */
export function parseVectorRow(
  id: string,
  row: string,
  dimensions: number,
): VectorRow {
  const end = base64Length(dimensions * 4);
  try {
    // Not `decodeBase64`: it checks the alphabet, as `atob` does anyway, which costs as much as everything else here.
    const binary = atob(row.slice(0, end));
    const bytes = new Uint8Array(dimensions * 4);
    if (binary.length !== bytes.length) throw new Error("it is cut off");
    for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
    return {
      filters: JSON.parse(row.slice(end)) as string[],
      vector: new Float32Array(bytes.buffer),
    };
  } catch (cause) {
    throw corruptRow("vector", id, cause);
  }
}

const EQUALS = 0x3d;
/** Marks a byte that is no base64 digit: the bit above those of the digits. */
const NO_DIGIT = 64;

/** Reads rows byte by byte into one vector, which is used again for each row. */
export class VectorRowReader {
  /** Value of each byte as a base64 digit. */
  readonly #digits: Uint8Array = new Uint8Array(256).fill(NO_DIGIT);
  readonly #bytes: Uint8Array;
  readonly #vector: Float32Array;
  readonly #decoder: TextDecoder = new TextDecoder("utf-8", {
    ignoreBOM: true,
  });

  /** Reads vectors with this many elements. */
  constructor(dimensions: number) {
    this.#vector = new Float32Array(dimensions);
    this.#bytes = new Uint8Array(this.#vector.buffer);
    const digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (let digit = 0; digit < NO_DIGIT; digit++) {
      this.#digits[digits.charCodeAt(digit)] = digit;
    }
  }

  /**
   * Parses a row that `vectorRow` wrote for the document `id`, in UTF-8. The next call overwrites the vector. Throws
   * `STORE_CORRUPT`.
   */
  read(id: string, row: Uint8Array): VectorRow {
    const end = base64Length(this.#bytes.length);
    if (row.length < end || !this.#readDigits(row, end)) {
      const text = this.#decoder.decode(row);
      return parseVectorRow(id, text, this.#vector.length);
    }
    try {
      const filters = this.#decoder.decode(row.subarray(end));
      return { filters: JSON.parse(filters), vector: this.#vector };
    } catch (cause) {
      throw corruptRow("vector", id, cause);
    }
  }

  /** False for anything but plain base64: `parseVectorRow` decides whether that is an error. */
  #readDigits(row: Uint8Array, end: number): boolean {
    const out = this.#bytes;
    const digits = this.#digits;
    const left = out.length % 3;
    const whole = out.length - left;
    let all = 0;
    let from = 0;
    for (let at = 0; at < whole; at += 3, from += 4) {
      const a = digits[row[from]!]!;
      const b = digits[row[from + 1]!]!;
      const c = digits[row[from + 2]!]!;
      const d = digits[row[from + 3]!]!;
      all |= a | b | c | d;
      out[at] = a << 2 | b >> 4;
      out[at + 1] = b << 4 | c >> 2;
      out[at + 2] = c << 6 | d;
    }
    if (left > 0) {
      const a = digits[row[from]!]!;
      const b = digits[row[from + 1]!]!;
      const c = left === 2 ? digits[row[from + 2]!]! : 0;
      if (left === 1 && row[end - 2] !== EQUALS || row[end - 1] !== EQUALS) {
        return false;
      }
      all |= a | b | c;
      out[whole] = a << 2 | b >> 4;
      if (left === 2) out[whole + 1] = b << 4 | c >> 2;
    }
    return (all & NO_DIGIT) === 0;
  }
}

function isVector(
  value: Value | undefined,
  dimensions: number,
): value is number[] {
  return Array.isArray(value) && value.length === dimensions &&
    value.every((element) => typeof element === "number");
}

function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}
