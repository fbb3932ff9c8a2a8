import { encodeBase64 } from "../../values/base64.ts";
import type { Value } from "../../values/types.ts";
import type { VectorIndexInfo } from "../schema/catalog.ts";
import { corruptRow } from "../rows/corrupt_row.ts";
import { type Document, fieldAt } from "../rows/fields.ts";
import { filterKeys } from "./text_row.ts";

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
  // In the host's byte order, which is little-endian on every host there is.
  const { buffer } = new Float32Array(value);
  return encodeBase64(new Uint8Array(buffer)) +
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
    // Not `decodeBase64`: its check of the alphabet costs as much as all the rest, and `atob` makes one, too.
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
