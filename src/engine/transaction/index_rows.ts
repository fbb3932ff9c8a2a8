import { compareValues } from "../../values/compare.ts";
import { encodeKey } from "../../values/key.ts";
import type { Value } from "../../values/types.ts";
import type { FieldIndex, SearchIndex, Table } from "../schema/catalog.ts";
import { type Document, fieldAt } from "../rows/fields.ts";
import type { Overlay } from "./overlay.ts";
import { textRow } from "../search/text_row.ts";
import { vectorRow } from "../search/vector_row.ts";

/** Updates every index row of a document. `before` is undefined for an inserted document, `after` for a deleted one. */
export function updateIndexRows(
  rows: Pick<Overlay, "put">,
  table: Table,
  id: string,
  before: Document | undefined,
  after: Document | undefined,
): void {
  const old = before && new IndexedValues(table, before);
  const now = after && new IndexedValues(table, after);
  const changed = old && now && changedSlots(old.values, now.values);
  for (const index of table.indexes.values()) {
    if (changed && !index.slots.some((slot) => changed[slot])) continue;
    if (old) rows.put(old.key(index, id), undefined);
    if (now) rows.put(now.key(index, id), "");
  }
  const update = <Index extends SearchIndex>(
    indexes: Map<string, Index>,
    rowOf: (index: Index, document: Document) => string | undefined,
  ) => {
    for (const index of indexes.values()) {
      if (before && after && sameFields(index, before, after)) continue;
      const row = after && rowOf(index, after);
      if (row !== undefined || before) rows.put(index.prefix + id, row);
    }
  };
  update(table.searchIndexes, textRow);
  update(table.vectorIndexes, vectorRow);
}

/** A document's values at its table's `paths`. Each is encoded at most once, however many indexes contain it. */
class IndexedValues {
  readonly values: (Value | undefined)[];
  readonly #parts: (string | undefined)[];

  constructor(table: Table, document: Document) {
    this.values = table.paths.map((path) => fieldAt(document, path));
    this.#parts = new Array<string | undefined>(this.values.length);
  }

  /** Key of the document's row in an index. */
  key(index: FieldIndex, id: string): string {
    let key = index.prefix;
    for (const slot of index.slots) {
      key += this.#parts[slot] ??= encodeKey([this.values[slot]]);
    }
    return key + id;
  }
}

function changedSlots(
  old: readonly (Value | undefined)[],
  now: readonly (Value | undefined)[],
): boolean[] {
  return old.map((value, slot) => compareValues(value, now[slot]) !== 0);
}

/** Whether all fields of an index are unchanged, which saves tokenising and encoding. */
function sameFields(
  index: SearchIndex,
  before: Document,
  after: Document,
): boolean {
  return [index.path, ...index.filterPaths].every((path) =>
    compareValues(fieldAt(before, path), fieldAt(after, path)) === 0
  );
}
