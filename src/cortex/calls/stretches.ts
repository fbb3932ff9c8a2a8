/** Lists that the backend reads in stretches where it has to look at many rows: their parts, put together in order. */
import type { Step } from "./in_steps.ts";

/** A row's two places in an order; rows of the same first are in the order of the second. */
export type Places = readonly [first: number, second: number];

/**
 * Reads the stretches after the first one and keeps what may be among the first `end` of all.
 *
 * @param stretch The first one.
 * @param read Reads the one that begins at a cursor.
 * @param rowsOf What a stretch has, in the order.
 * @param placesOf A row's places in the order; `descending`: the greatest first.
 * @param isEnough Whether what is found already need not be looked for further.
 */
export async function joinStretches<Stretch extends Step, Row>(
  stretch: Stretch,
  read: (cursor: string | undefined) => Promise<Stretch>,
  rowsOf: (stretch: Stretch) => Row[],
  placesOf: (row: Row) => Places,
  descending: boolean,
  end: number,
  isEnough: (found: Row[]) => boolean = () => false,
): Promise<Row[]> {
  const factor = descending ? -1 : 1;
  const order = (one: Row, other: Row) => {
    const [a, b] = [placesOf(one), placesOf(other)];
    return factor * (a[0] - b[0] || a[1] - b[1]);
  };
  let found = rowsOf(stretch);
  while (!stretch.done && !isEnough(found)) {
    stretch = await read(stretch.cursor);
    // Two parts in order are sorted in one pass.
    found = [...found, ...rowsOf(stretch)].sort(order).slice(0, end);
  }
  return found;
}
