/** Sizes of rows, checked before they are written so that the error names what is too large. */
import { INVALID_EMBEDDING } from "./codes.ts";
import { getConvexSize, type Value } from "convex/values";
import { fail } from "./errors.ts";

/** Largest document that the backend writes, in bytes; Convex refuses over 1 MiB. */
const MAX_ROW_BYTES = 1_000_000;
/** Longest embedding: the longest array of Convex. */
const MAX_DIMENSIONS = 8192;
const BYTES_PER_NUMBER = 8;
/** Convex also counts the type of each number. */
const BYTES_PER_NUMBER_READ = 9;

/** Bytes of a row, or of another value, as Convex counts them. */
export function sizeOf(row: object | null): number {
  return getConvexSize(row as Value);
}

/** Bytes of a row's embedding, which is in another table. */
export function embeddingBytes(row: { embeddingDims?: number }): number {
  return BYTES_PER_NUMBER * (row.embeddingDims ?? 0);
}

/** Bytes that Convex counts when an embedding of this length is read. */
export function vectorBytes(dimensions: number): number {
  return BYTES_PER_NUMBER_READ * dimensions;
}

/** Up to this many characters, a text is tested for being ASCII, which saves encoding it. */
const MAX_SHORT = 512;

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  // deno-lint-ignore no-control-regex
  if (text.length <= MAX_SHORT && !/[^\x00-\x7f]/.test(text)) {
    return text.length;
  }
  return new TextEncoder().encode(text).length;
}

/** Up to this many characters, the length of a search text stands for its bytes: counting them takes longer. */
const MAX_ROUGH = 1024;

/**
 * Bytes of a memory's or a record's row as it is read: its `bytes` leave out its search text, which may be longer than
 * its content.
 */
export function bytesRead(
  { bytes, searchText }: { bytes: number; searchText: string },
): number {
  const { length } = searchText;
  return bytes + (length <= MAX_ROUGH ? length : utf8Length(searchText));
}

/**
 * Size of a row to be stored, in bytes.
 *
 * @throws {ConvexError} `CONTENT_TOO_LARGE` over the limit, by default {@link MAX_ROW_BYTES}.
 */
export function rowSize(
  what: string,
  row: object,
  limit: number = MAX_ROW_BYTES,
): number {
  const bytes = sizeOf(row);
  checkSize(what, bytes, limit);
  return bytes;
}

/**
 * Refuses a row that is too large, like {@link rowSize}, if its size is known already.
 *
 * @throws {ConvexError} `CONTENT_TOO_LARGE` over the limit.
 */
export function checkSize(
  what: string,
  bytes: number,
  limit: number = MAX_ROW_BYTES,
): void {
  if (bytes <= limit) return;
  fail(
    "CONTENT_TOO_LARGE",
    `${what} takes ${bytes} bytes, at most ${limit} are allowed`,
  );
}

/**
 * Checks an embedding; returns undefined for an absent or empty one.
 *
 * @throws {ConvexError} `INVALID_EMBEDDING` for an element that is not a finite number of 32 bits, as vector indexes
 * hold it, or more than 8,192 elements.
 */
export function checkEmbedding(
  embedding: readonly number[] | undefined,
): number[] | undefined {
  if (embedding === undefined || embedding.length === 0) return undefined;
  if (embedding.length > MAX_DIMENSIONS) {
    fail(
      INVALID_EMBEDDING,
      `embedding has ${embedding.length} numbers, at most ${MAX_DIMENSIONS} are allowed`,
    );
  }
  const wrong = embedding.findIndex((number) =>
    !Number.isFinite(Math.fround(number))
  );
  if (wrong >= 0) {
    fail(
      INVALID_EMBEDDING,
      `embedding[${wrong}] is not a finite number of at most 3.4e38`,
    );
  }
  return [...embedding];
}
