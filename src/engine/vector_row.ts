import type { Value } from "../values/types.ts";
import type { VectorIndexInfo } from "./catalog.ts";
import { corruptRow } from "./corrupt_row.ts";
import { type Document, fieldAt } from "./fields.ts";
import { filterKeys } from "./text_row.ts";

const ALPHABET =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** What a vector index keeps of a document. */
export interface VectorRow {
  /** Encoded value of each filter field. */
  filters: string[];
  /** The vector as the document holds it, in f32. */
  vector: Float32Array;
}

/**
 * The row of a document in a vector index; undefined when its field holds no array of as many numbers as the index
 * has dimensions. Kept beside the document, because reading a vector out of a document's JSON costs ten times more.
 */
export function vectorRow(
  index: VectorIndexInfo,
  document: Document,
): string | undefined {
  const value = fieldAt(document, index.path);
  if (!isVector(value, index.dimensions)) return undefined;
  return encodeFloats(Float32Array.from(value)) +
    JSON.stringify(filterKeys(index, document));
}

/** Reads what `vectorRow` wrote for the document `id`. Throws `STORE_CORRUPT`. */
export function parseVectorRow(
  id: string,
  row: string,
  dimensions: number,
): VectorRow {
  const end = base64Length(dimensions * 4);
  try {
    return {
      filters: JSON.parse(row.slice(end)) as string[],
      vector: decodeFloats(row, dimensions, end),
    };
  } catch (cause) {
    throw corruptRow("vector", id, cause);
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

/** Base64 without the detour over a string of bytes; the last group is filled up with zero bytes. */
function encodeFloats(vector: Float32Array): string {
  const bytes = littleEndianBytes(vector);
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const bits = bytes[at]! << 16 | (bytes[at + 1] ?? 0) << 8 |
      (bytes[at + 2] ?? 0);
    parts.push(
      ALPHABET[bits >>> 18]! + ALPHABET[bits >>> 12 & 63]! +
        ALPHABET[bits >>> 6 & 63]! + ALPHABET[bits & 63]!,
    );
  }
  return parts.join("");
}

function decodeFloats(
  text: string,
  dimensions: number,
  end: number,
): Float32Array {
  const bytes = new Uint8Array(end / 4 * 3);
  let to = 0;
  for (let at = 0; at < end; at += 4) {
    const bits = sextet(text.charCodeAt(at)) << 18 |
      sextet(text.charCodeAt(at + 1)) << 12 |
      sextet(text.charCodeAt(at + 2)) << 6 | sextet(text.charCodeAt(at + 3));
    bytes[to++] = bits >>> 16;
    bytes[to++] = bits >>> 8;
    bytes[to++] = bits;
  }
  const view = new DataView(bytes.buffer);
  const vector = new Float32Array(dimensions);
  for (let at = 0; at < dimensions; at++) {
    vector[at] = view.getFloat32(at * 4, true);
  }
  return vector;
}

function sextet(code: number): number {
  if (code >= 97) return code - 71;
  if (code >= 65) return code - 65;
  if (code >= 48) return code + 4;
  return code === 43 ? 62 : 63;
}

function littleEndianBytes(vector: Float32Array): Uint8Array {
  const bytes = new Uint8Array(vector.length * 4);
  const view = new DataView(bytes.buffer);
  vector.forEach((element, at) => view.setFloat32(at * 4, element, true));
  return bytes;
}
