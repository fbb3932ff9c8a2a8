/**
 * Lists that need many rows: the backend reads them in stretches, one per call, which are merged here in sorted order.
 */
import type { Step } from "./in_steps.ts";

/** A row's sort key: two numbers, of which the second breaks ties of the first. */
export type SortKey = readonly [first: number, second: number];

/** How a list is read and sorted. */
export interface StretchedList<Stretch extends Step, Row> {
  /** Reads the stretch that begins at a cursor. */
  read(cursor: string | undefined): Promise<Stretch>;
  /** The rows of a stretch, sorted. */
  rows(stretch: Stretch): Row[];
  /** The sort key of a row. */
  places(row: Row): SortKey;
  /** Whether the greatest key comes first. */
  descending: boolean;
  /** How many rows are wanted, counted from the start of the list. */
  end: number;
  /** Whether the rows found so far are all that is needed. */
  isEnough?(found: Row[]): boolean;
}

/** Reads the stretches after the first and merges all, keeping at most the first `end` rows. */
export async function joinStretches<Stretch extends Step, Row>(
  first: Stretch,
  { read, rows, places, descending, end, isEnough }: StretchedList<
    Stretch,
    Row
  >,
): Promise<Row[]> {
  const factor = descending ? -1 : 1;
  const order = (one: Row, other: Row) => {
    const [a, b] = [places(one), places(other)];
    return factor * (a[0] - b[0] || a[1] - b[1]);
  };
  let stretch = first;
  let found = rows(stretch);
  while (!stretch.done && !isEnough?.(found)) {
    stretch = await read(stretch.cursor);
    // Both parts are sorted already, which `sort` merges in one pass.
    found = [...found, ...rows(stretch)].sort(order).slice(0, end);
  }
  return found;
}
