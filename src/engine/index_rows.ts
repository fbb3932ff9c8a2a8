import { compareValues } from "../values/compare.ts";
import { encodeKey } from "../values/key.ts";
import type { FieldIndex, SearchIndex, Table } from "./catalog.ts";
import { type Document, fieldAt } from "./fields.ts";
import type { Overlay } from "./overlay.ts";
import { textRow } from "./text_row.ts";
import { vectorRow } from "./vector_row.ts";

/** Brings every index row of a document from its old form (none: inserted) to its new form (none: deleted). */
export function updateIndexRows(
  rows: Pick<Overlay, "put">,
  table: Table,
  id: string,
  before: Document | undefined,
  after: Document | undefined,
): void {
  for (const index of table.indexes.values()) {
    const oldKey = before && indexKey(index, before);
    const newKey = after && indexKey(index, after);
    if (oldKey === newKey) continue;
    if (oldKey !== undefined) rows.put(oldKey, undefined);
    if (newKey !== undefined) rows.put(newKey, "");
  }
  for (const index of table.searchIndexes.values()) {
    if (before && after && sameFields(index, before, after)) continue;
    updateRow(
      rows,
      index.prefix + id,
      before && textRow(index, before),
      after && textRow(index, after),
    );
  }
  for (const index of table.vectorIndexes.values()) {
    if (before && after && sameFields(index, before, after)) continue;
    updateRow(
      rows,
      index.prefix + id,
      before && vectorRow(index, before),
      after && vectorRow(index, after),
    );
  }
}

/** Key of a document's row in an index. */
export function indexKey(index: FieldIndex, document: Document): string {
  return index.prefix +
    encodeKey(index.paths.map((path) => fieldAt(document, path))) +
    document._id;
}

function updateRow(
  rows: Pick<Overlay, "put">,
  key: string,
  before: string | undefined,
  after: string | undefined,
): void {
  if (before !== after) rows.put(key, after);
}

/** Spares tokenising and encoding when nothing that the index looks at has changed. */
function sameFields(
  index: SearchIndex,
  before: Document,
  after: Document,
): boolean {
  return [index.path, ...index.filterPaths].every((path) =>
    compareValues(fieldAt(before, path), fieldAt(after, path)) === 0
  );
}
