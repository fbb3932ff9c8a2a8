/** Rows that an answer of the backend carries packed (`src/convex/lib/packedRows.ts`), put together again. */

/** Some rows: the names of their fields, all values one after another, and the places of those that a row lacks. */
interface Block {
  names: readonly string[];
  values: readonly unknown[];
  absent: readonly number[];
}

/** Whether a list of an answer is one of packed rows; an empty list is not. */
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
    // The same texts as names of members are: a host would look up each of those that were just read, for every row.
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
