import { IdSource } from "../../engine/ids.ts";

/** Length of the ids of `convex-test`. */
const ID_LENGTH = 32;
/** Fewest digits of an id, so that all ids of a table with a long name have the same length, too. */
const MIN_DIGITS = 8;
const FIRST = 10_000;
/** Increment that `convex-test` adds to the latest creation time if the clock has not advanced, in ms. */
const STEP_MS = 0.001;

type NamedTable = { name: string; number: number };

/**
 * Ids and creation times as in `convex-test`: an id is a counter from 10000 on, padded with zeros, and the name of the
 * table. Made-up ids of this form are valid and belong to no document. For one engine over an empty store.
 */
export class MockIdSource extends IdSource {
  /** Creation times in the order of the ids. */
  readonly #times: number[] = [];

  /** Each component counts for itself. */
  override get areUnique(): boolean {
    return false;
  }

  /** Id and creation time of a new document. */
  override next(
    table: NamedTable,
    nowMs: number,
  ): { id: string; creationTime: number } {
    const { latest } = this;
    const creationTime = nowMs > latest && nowMs < Infinity
      ? nowMs
      : latest + STEP_MS;
    this.observe(creationTime);
    const id = this.#idOf(table, this.#times.push(creationTime) - 1);
    return { id, creationTime };
  }

  /** Name of the table that an id belongs to: what follows its digits. */
  override tableOf(id: string): string | undefined {
    return /^\d+(\D.*)$/s.exec(id)?.[1];
  }

  /** Length of all ids of a table. */
  override lengthFor(table: NamedTable): number {
    return this.#idOf(table, 0).length;
  }

  /** The least id that a document with this creation time could have. */
  override least(table: NamedTable, creationTime: number): string {
    let [from, to] = [0, this.#times.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#times[middle]! < creationTime) from = middle + 1;
      else to = middle;
    }
    return this.#idOf(table, from);
  }

  #idOf({ name }: NamedTable, place: number): string {
    const digits = Math.max(ID_LENGTH - name.length, MIN_DIGITS);
    return String(FIRST + place).padStart(digits, "0") + name;
  }
}
