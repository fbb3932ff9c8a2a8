import { SortedPart } from "../../store/sorted_part.ts";
import type { StoreRange } from "../../store/types.ts";

/** After so many removed rows, the place where they end is noted. */
const NOTED_ROWS = 8;
/** Most such places that are noted, as for tasks of several kinds that are taken in turns. */
const MAX_GAPS = 8;

/** Keys from one to before another. */
interface Gap {
  from: string;
  to: string;
}

/** Keys of one table or index in a layer. Sorted only when scanned, as most are written and never read again. */
export class OverlayPart {
  /** In the order of writing. */
  readonly keys: string[];
  #sorted: SortedPart | undefined;
  #sortedKeys = 0;
  /** Keys that have no row in this layer and those below, as far as is known. */
  readonly #gaps: Gap[] = [];

  /** Takes the first keys. */
  constructor(keys: string[]) {
    this.keys = keys;
  }

  /** Whether anything is known to be removed. */
  get hasGap(): boolean {
    return this.#gaps.length > 0;
  }

  /**
   * A range without what is known to be removed at its beginning, in descending order at its end; undefined if that is
   * nothing.
   */
  withRows(
    range: StoreRange,
  ): { start: string; end: string } | undefined {
    const { start, end, reverse } = range;
    const gap = end === undefined ? undefined : this.#gapAt(range);
    if (gap === undefined) return undefined;
    const { from, to } = gap;
    return reverse
      ? { start, end: from < start ? start : from }
      : { start: to < end! ? to : end!, end: end! };
  }

  /** Notes the first row of a range, undefined if there is none, before which a scan has skipped some removed ones. */
  noteRemoved(
    range: StoreRange,
    row: string | undefined,
    skipped: number,
  ): void {
    const { start, end, reverse } = range;
    if (end === undefined) return;
    // What was known is passed over, too, and reaches further.
    const known = this.#gapAt(range);
    if (known === undefined && skipped < NOTED_ROWS) return;
    const gap = known ?? { from: start, to: end };
    if (reverse) gap.from = row === undefined ? start : `${row}\0`;
    else gap.to = row ?? end;
    if (known !== undefined) return;
    if (this.#gaps.length === MAX_GAPS) this.#gaps.shift();
    this.#gaps.push(gap);
  }

  /** Notes that a key has a row. */
  noteRow(key: string): void {
    for (const gap of this.#gaps) {
      if (gap.from <= key && key < gap.to) gap.to = key;
    }
  }

  /** What is known to be removed where a range begins, or in descending order ends. */
  #gapAt({ start, end, reverse }: StoreRange): Gap | undefined {
    return reverse
      ? this.#gaps.find(({ from, to }) => from < end! && end! <= to)
      : this.#gaps.find(({ from, to }) => from <= start && start < to);
  }

  /** The keys in order. */
  sorted(): SortedPart {
    const sorted = this.#sorted ??= new SortedPart();
    while (this.#sortedKeys < this.keys.length) {
      sorted.add(this.keys[this.#sortedKeys++]!);
    }
    return sorted;
  }
}
