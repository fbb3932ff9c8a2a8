/**
 * Rows of one kind as an answer carries many of them: the names of their fields once, and all values in one list.
 *
 * An object for each of some hundred rows costs several times what its values do, wherever an answer is checked, copied
 * and carried over. The facade puts the rows together again (`src/cortex/rules/packed_rows.ts`).
 *
 * @module
 */
import { v } from "convex/values";

/** Most items of an array that Convex takes. */
const MAX_ITEMS = 8192;

/** Validator of {@link PackedRows}. */
export const packedRows = v.array(v.object({
  /** Fields of the rows, sorted by name as answers have them. */
  names: v.array(v.string()),
  /** The values of the first row in the order of the names, then those of the next. */
  values: v.array(v.any()),
  /** Places among the values of the fields that a row lacks, ascending. */
  absent: v.array(v.number()),
}));

/** Rows in blocks, as many in each as an array may hold. */
export type PackedRows = typeof packedRows.type;

/**
 * Packs rows, each of which has a field at least.
 *
 * @param fields Those that are shown, sorted. Default: all that any row has.
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

/** The fields that any row has. */
function namesOf(rows: readonly object[]): string[] {
  const all = new Set<string>();
  for (const row of rows) for (const name in row) all.add(name);
  return [...all].sort();
}
