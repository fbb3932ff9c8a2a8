/** Keys and values of a store as SQLite holds them. */

import { StoreError } from "../errors.ts";

/** Arguments that String.fromCharCode safely accepts. */
const CHUNK_UNITS = 0x2000;

/** A key as bytes, one per character; all must be below U+0100. */
export function keyToBytes(key: string): Uint8Array {
  const bytes = new Uint8Array(key.length);
  for (let i = 0; i < key.length; i++) bytes[i] = key.charCodeAt(i);
  return bytes;
}

/**
 * A value as TEXT or, where that would be lossy, as a BLOB of UTF-16 (little-endian): on some hosts SQLite's TEXT ends
 * at a NUL, and UTF-8 cannot represent lone surrogates.
 */
export function valueToColumn(value: string): string | Uint8Array {
  if (!value.includes("\0") && value.isWellFormed()) return value;
  const bytes = new Uint8Array(value.length * 2);
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    bytes[2 * i] = unit & 0xff;
    bytes[2 * i + 1] = unit >> 8;
  }
  return bytes;
}

/**
 * Decodes a column.
 *
 * @throws {StoreError} `STORE_CORRUPT` for what {@link valueToColumn} never writes
 */
export function columnToValue(column: unknown): string {
  if (typeof column === "string") return column;
  if (!(column instanceof Uint8Array) || column.length % 2 !== 0) {
    throw new StoreError(
      "STORE_CORRUPT",
      "The file is damaged: a value is neither text nor UTF-16 units",
    );
  }
  const units = new Uint16Array(column.length / 2);
  for (let i = 0; i < units.length; i++) {
    units[i] = column[2 * i]! | column[2 * i + 1]! << 8;
  }
  return unitsToString(units);
}

/** The string of code units. */
export function unitsToString(units: Uint8Array | Uint16Array): string {
  // `apply` takes typed arrays, at a seventh of the cost of spreading them.
  const chars = (part: Uint8Array | Uint16Array): string =>
    String.fromCharCode.apply(null, part as unknown as number[]);
  if (units.length <= CHUNK_UNITS) return chars(units);
  let text = "";
  for (let at = 0; at < units.length; at += CHUNK_UNITS) {
    text += chars(units.subarray(at, at + CHUNK_UNITS));
  }
  return text;
}
