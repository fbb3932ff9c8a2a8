/**
 * Packed rows: an answer carries many rows of one kind as their field names, once, and all values in one list.
 *
 * Validating, copying and sending hundreds of objects costs several times as much as their values alone. The facade
 * unpacks the rows (`src/cortex/rules/packed_rows.ts`).
 *
 * @module
 */
import { v } from "convex/values";

/** Most items of a Convex array. */
const MAX_ITEMS = 8192;

/** Validator of {@link PackedRows}. */
export const packedRows = v.array(v.object({
  /** Field names of the rows, sorted as in answers. */
  names: v.array(v.string()),
  /** The values of the first row in the order of the names, then those of the next row, and so on. */
  values: v.array(v.any()),
  /** Indexes in `values` of fields that a row lacks, ascending. */
  absent: v.array(v.number()),
}));

/** Blocks of rows, each as large as an array may be. */
export type PackedRows = typeof packedRows.type;

/**
 * Packs rows, each of which must have at least one field.
 *
 * @param fields Names of the fields to include, sorted. Default: all fields that any row has.
 */
export function packRows(
  rows: readonly object[],
  fields: readonly string[] = namesOf(rows),
): PackedRows {
  const names = fields.filter((name) =>
    rows.some((row) => (row as { [name: string]: unknown })[name] !== undefined)
  );
  const rowsPerBlock = Math.floor(MAX_ITEMS / names.length);
  const blocks: PackedRows = [];
  for (let first = 0; first < rows.length; first += rowsPerBlock) {
    const values: unknown[] = [];
    const absent: number[] = [];
    for (const row of rows.slice(first, first + rowsPerBlock)) {
      for (const name of names) {
        const value = (row as { [name: string]: unknown })[name];
        if (value === undefined) absent.push(values.length);
        values.push(value ?? null);
      }
    }
    blocks.push({ names, values, absent });
  }
  return blocks;
}

/** The names of all fields that any row has. */
function namesOf(rows: readonly object[]): string[] {
  const all = new Set<string>();
  for (const row of rows) for (const name in row) all.add(name);
  return [...all].sort();
}
