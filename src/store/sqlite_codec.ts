/** Keys and values of a store as SQLite holds them. */

import { StoreError } from "../errors.ts";

/** Code units that one call of String.fromCharCode takes safely. */
const CHUNK_UNITS = 0x2000;

/** A key as bytes, one for each character; the caller has checked that all are below U+0100. */
export function keyToBytes(key: string): Uint8Array {
  const bytes = new Uint8Array(key.length);
  for (let i = 0; i < key.length; i++) bytes[i] = key.charCodeAt(i);
  return bytes;
}

/**
 * A value as TEXT or, where that would lose something, as a BLOB of its UTF-16 units, little-endian: SQLite's TEXT ends
 * at a NUL in some hosts, and UTF-8 has no form for half a surrogate pair.
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
 * The value that a column holds.
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

/** The characters that code units stand for. */
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
