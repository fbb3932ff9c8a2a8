/** Lists that the backend reads in stretches where it has to look at many rows: their parts, put together in order. */
import type { Step } from "./in_steps.ts";

/** A row's two places in an order; rows of the same first are in the order of the second. */
export type Places = readonly [first: number, second: number];

/** A list, as it is read and ordered. */
export interface StretchedList<Stretch extends Step, Row> {
  /** Reads the stretch that begins at a cursor. */
  read(cursor: string | undefined): Promise<Stretch>;
  /** What a stretch has, in the order. */
  rows(stretch: Stretch): Row[];
  /** A row's places in the order. */
  places(row: Row): Places;
  /** Whether the greatest is the first. */
  descending: boolean;
  /** How many rows are wanted from the beginning on. */
  end: number;
  /** Whether what is found already need not be looked for further. */
  isEnough?(found: Row[]): boolean;
}

/** Reads the stretches after the first one and keeps what may be among the first `end` rows of all. */
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
    // Two parts in order are sorted in one pass.
    found = [...found, ...rows(stretch)].sort(order).slice(0, end);
  }
  return found;
}
