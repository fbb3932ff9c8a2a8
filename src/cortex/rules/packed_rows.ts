/** Unpacks rows that the backend packed into its answer (`src/convex/lib/paging/packedRows.ts`). */

/** A block of rows: the field names, all values in sequence, and the indexes of values that a row lacks. */
interface Block {
  names: readonly string[];
  values: readonly unknown[];
  absent: readonly number[];
}

/** Whether a list holds packed rows. False for an empty list. */
export function isPacked(list: readonly unknown[]): list is readonly Block[] {
  const block = list[0] as Partial<Block> | null | undefined;
  return Array.isArray(block?.names) && Array.isArray(block.absent);
}

/** The rows, each with its fields in the order of their names. */
export function unpackRows(
  blocks: readonly Block[],
): { [name: string]: unknown }[] {
  const rows: { [name: string]: unknown }[] = [];
  for (const { names: given, values, absent } of blocks) {
    // Interned as property names: freshly parsed strings would have to be looked up for every row.
    const names = Object.keys(Object.fromEntries(given.map((name) => [name])));
    let gap = 0;
    for (let at = 0; at < values.length;) {
      const row: { [name: string]: unknown } = {};
      for (const name of names) {
        if (absent[gap] === at) gap++;
        else row[name] = values[at];
        at++;
      }
      rows.push(row);
    }
  }
  return rows;
}
