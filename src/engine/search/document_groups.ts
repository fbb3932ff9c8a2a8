import { GrowingNumbers } from "./growing_numbers.ts";
import { type DocumentFacts, FAILS, PASSES } from "./score_board.ts";
import { TermTable } from "./term_table.ts";
import type { TextBytes } from "./text_bytes.ts";

/** A search starts from the documents that pass its filters if they are fewer than one in so many. */
const MEMBERS_SHARE = 8;

/** Group of the documents that were removed. */
const REMOVED = 0;

/** A filter of a search: a field must have a value. */
export interface SearchFilter {
  /** Position of the filter field. */
  field: number;
  /** Encoded value. */
  value: string;
}

/** Groups the documents of a text index by their filter values: a group passes or fails a filter as a whole. */
export class DocumentGroups {
  /** From filter values, as in a row, to the number of their group less one. */
  readonly #table: TermTable;
  /** Filter values by group. */
  readonly #values: (readonly string[])[] = [[]];
  /** Group by document number. */
  readonly #groupOf: GrowingNumbers = new GrowingNumbers();
  /** Numbers of the documents of each group, removed ones included. */
  readonly #members: GrowingNumbers[] = [new GrowingNumbers()];
  /** From a filter value, of whichever field, to the groups that have it. */
  readonly #groupsWith: Map<string, number[]> = new Map();

  readonly #text: TextBytes;

  /** Begins empty; for the seed, see {@link TermTable}. */
  constructor(seed: number, text: TextBytes) {
    this.#text = text;
    this.#table = new TermTable(seed);
  }

  /** Group for the filter values whose JSON is in bytes `from` to `to` (exclusive). Throws `SyntaxError`. */
  groupFor(bytes: DataView, from: number, to: number): number {
    const found = this.#table.find(bytes, from, to);
    if (found >= 0) return found + 1;
    const values: string[] = JSON.parse(
      this.#text.textOf(bytes, from, to),
    );
    const group = this.#table.add(bytes, from, to) + 1;
    this.#values.push(values);
    this.#members.push(new GrowingNumbers());
    for (const value of new Set(values)) {
      const groups = this.#groupsWith.get(value);
      if (groups) groups.push(group);
      else this.#groupsWith.set(value, [group]);
    }
    return group;
  }

  /** Whether a document is not removed. */
  has(number: number): boolean {
    return this.#groupOf.items[number] !== REMOVED;
  }

  /** Puts a new document, which must have the next number, into a group. */
  add(number: number, group: number): void {
    this.#groupOf.push(group);
    this.#members[group]!.push(number);
  }

  /** Removes a document from its group, so that no search finds it. */
  remove(number: number): void {
    this.#groupOf.items[number] = REMOVED;
  }

  /** False if certainly no document passes the filters. */
  canPass(filters: readonly SearchFilter[]): boolean {
    return filters.every(({ value }) => this.#groupsWith.has(value));
  }

  /** Prepares to filter for a search, in an index of so many documents. */
  judgement(
    filters: readonly SearchFilter[],
    documents: number,
  ): Omit<DocumentFacts, "lengths" | "norms"> {
    const verdicts = new Uint8Array(this.#values.length);
    verdicts[REMOVED] = FAILS;
    const judge = (group: number) => {
      const values = this.#values[group]!;
      const isWanted = filters.every(({ field, value }) =>
        values[field] === value
      );
      verdicts[group] = isWanted ? PASSES : FAILS;
      return isWanted;
    };
    const members = this.#membersThat(
      filters,
      judge,
      documents / MEMBERS_SHARE,
    );
    return { groups: this.#groupOf.items, verdicts, judge, members };
  }

  /** Ascending numbers of the documents that pass; undefined if there are more than `most`. */
  #membersThat(
    filters: readonly SearchFilter[],
    judge: (group: number) => boolean,
    most: number,
  ): Uint32Array | undefined {
    let groups: readonly number[] | undefined;
    for (const { value } of filters) {
      const some = this.#groupsWith.get(value)!;
      if (groups === undefined || some.length < groups.length) groups = some;
    }
    if (groups === undefined) return undefined;
    const lists: GrowingNumbers[] = [];
    let left = most;
    for (const group of groups) {
      if (!judge(group)) continue;
      const list = this.#members[group]!;
      left -= list.size;
      if (left < 0) return undefined;
      lists.push(list);
    }
    const parts = lists.map(({ items, size }) => items.subarray(0, size));
    if (parts.length === 1) return parts[0];
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    const members = new Uint32Array(size);
    let at = 0;
    for (const part of parts) {
      members.set(part, at);
      at += part.length;
    }
    return members.sort();
  }
}
