import { GrowingNumbers } from "./growing_numbers.ts";
import { type DocumentFacts, FAILS, PASSES } from "./score_board.ts";
import { TermTable } from "./term_table.ts";
import type { TextBytes } from "./text_bytes.ts";

/** A search begins with the documents that pass its filters when they are less than one in this many. */
const MEMBERS_SHARE = 8;

/** Group of the documents that were removed. */
const REMOVED = 0;

/** A filter of a search: the encoded value that it wants, and of which field by its position. */
export interface SearchFilter {
  /** Position of the filter field. */
  field: number;
  /** Encoded value. */
  value: string;
}

/** The documents of a text index by their filter values: those that have all in common pass or fail as a whole. */
export class DocumentGroups {
  /** Number of each group, less one, by its filter values as they are in a row. */
  readonly #table: TermTable;
  /** Filter values by group. */
  readonly #values: (readonly string[])[] = [[]];
  /** Group by document number. */
  readonly #groupOf: GrowingNumbers = new GrowingNumbers();
  /** Numbers of the documents that a group has had. */
  readonly #members: GrowingNumbers[] = [new GrowingNumbers()];
  /** Groups that have a filter value. */
  readonly #groupsWith: Map<string, number[]> = new Map();

  readonly #text: TextBytes;

  /** Begins empty; the seed is that of a {@link TermTable}. */
  constructor(seed: number, text: TextBytes) {
    this.#text = text;
    this.#table = new TermTable(seed);
  }

  /** Group for the filter values that lie, in JSON, from `from` on and below `to`. Throws `SyntaxError`. */
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

  /** Whether a document is in a group still. */
  has(number: number): boolean {
    return this.#groupOf.items[number] !== REMOVED;
  }

  /** Puts the document of the next number into a group. */
  add(number: number, group: number): void {
    this.#groupOf.push(group);
    this.#members[group]!.push(number);
  }

  /** Removes a document from its group, so that no search finds it. */
  remove(number: number): void {
    this.#groupOf.items[number] = REMOVED;
  }

  /** Whether a document could pass the filters at all. */
  canPass(filters: readonly SearchFilter[]): boolean {
    return filters.every(({ value }) => this.#groupsWith.has(value));
  }

  /** Says which groups pass, for an index of this many documents. */
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

  /** Numbers of the documents that pass, in order, when they are few enough to begin with them. */
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
