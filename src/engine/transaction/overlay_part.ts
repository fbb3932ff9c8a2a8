import { SortedPart } from "../../store/sorted_part.ts";
import type { StoreRange } from "../../store/types.ts";

/** After so many removed rows, the place where they end is noted. */
const NOTED_ROWS = 8;

/** Keys of one table or index in a layer. Sorted only when scanned, as most are written and never read again. */
export class OverlayPart {
  /** In the order of writing. */
  readonly keys: string[];
  #sorted: SortedPart | undefined;
  #sortedKeys = 0;
  /** Keys from one to before another that have no row in this layer and those below, as far as is known. */
  #removed: { from: string; to: string } | undefined;

  /** Takes the first keys. */
  constructor(keys: string[]) {
    this.keys = keys;
  }

  /** Whether anything is known to be removed. */
  get hasGap(): boolean {
    return this.#removed !== undefined;
  }

  /**
   * A range without what is known to be removed at its beginning, in descending order at its end; undefined if that is
   * nothing.
   */
  withRows(
    { start, end, reverse }: StoreRange,
  ): { start: string; end: string } | undefined {
    const removed = this.#removed;
    if (removed === undefined || end === undefined) return undefined;
    const { from, to } = removed;
    if (reverse) {
      return from < end && end <= to
        ? { start, end: from < start ? start : from }
        : undefined;
    }
    return from <= start && start < to
      ? { start: to < end ? to : end, end }
      : undefined;
  }

  /** Notes the first row of a range, undefined if there is none, before which a scan has skipped some removed ones. */
  noteRemoved(
    { start, end, reverse }: StoreRange,
    row: string | undefined,
    skipped: number,
  ): void {
    if (end === undefined) return;
    const known = this.#removed;
    const place = reverse ? end : start;
    // What was known is passed over, too, and reaches further.
    const isMore = known !== undefined &&
      (reverse
        ? known.from < place && place <= known.to
        : known.from <= place && place < known.to);
    if (!isMore && skipped < NOTED_ROWS) return;
    this.#removed = reverse
      ? {
        from: row === undefined ? start : `${row}\0`,
        to: isMore ? known.to : end,
      }
      : { from: isMore ? known.from : start, to: row ?? end };
  }

  /** Notes that a key has a row. */
  noteRow(key: string): void {
    const removed = this.#removed;
    if (removed === undefined || key < removed.from || key >= removed.to) {
      return;
    }
    removed.to = key;
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
