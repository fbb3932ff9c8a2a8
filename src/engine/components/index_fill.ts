import type { StoreEntry, StoreOp, SyncStore } from "../../store/types.ts";
import { prefixEnd } from "../../values/key.ts";
import type { StoredIndex, Table } from "../schema/catalog.ts";
import type { Document } from "../rows/fields.ts";
import { updateIndexRows } from "../transaction/index_rows.ts";
import { ROW_PREFIX_LENGTH, rowPrefix } from "../keys.ts";
import { parseDocument } from "../rows/stored_document.ts";

/** Rows written at once while an index is filled or dropped, and documents read at once. */
const WRITE_SIZE = 4096;
const READ_SIZE = 256;
/** About how many characters of either are in memory at once: rows may be long. */
const MAX_CHARACTERS = 1 << 20;

/** Creates the rows of the `fresh` indexes of a table. Returns the number of documents. */
export function fillIndexes(
  store: SyncStore,
  table: Table,
  fresh: readonly string[],
): number {
  const isFresh = (kind: string) => ([name]: [string, unknown]) =>
    fresh.includes(kind + name);
  const partial: Table = {
    ...table,
    indexes: new Map([...table.indexes].filter(isFresh("i"))),
    searchIndexes: new Map([...table.searchIndexes].filter(isFresh("t"))),
    vectorIndexes: new Map([...table.vectorIndexes].filter(isFresh("v"))),
  };
  let ops: StoreOp[] = [];
  let characters = 0;
  let count = 0;
  const put = (key: string, value: string | undefined) => {
    ops.push(value === undefined ? { key } : { key, value });
    characters += key.length + (value?.length ?? 0);
  };
  for (const document of documentsOf(store, table)) {
    updateIndexRows({ put }, partial, document._id, undefined, document);
    count++;
    if (ops.length >= WRITE_SIZE || characters >= MAX_CHARACTERS) {
      store.write(ops);
      ops = [];
      characters = 0;
    }
  }
  store.write(ops);
  return count;
}

/** Every document of a table. Reads in pages, so that rows can be written between them. */
export function* documentsOf(
  store: SyncStore,
  table: Table,
): Generator<Document> {
  const end = prefixEnd(table.prefix);
  let start = table.prefix;
  while (true) {
    const page: StoreEntry[] = [];
    let characters = 0;
    for (const entry of store.scan({ start, end, limit: READ_SIZE })) {
      page.push(entry);
      characters += entry.value.length;
      if (characters >= MAX_CHARACTERS) break;
    }
    for (const { key, value } of page) {
      yield parseDocument(key.slice(ROW_PREFIX_LENGTH), value);
    }
    if (page.length < READ_SIZE && characters < MAX_CHARACTERS) return;
    start = page.at(-1)!.key + "\0";
  }
}

/**
 * Removes the rows of all indexes but these: of those dropped now, and of those whose filling failed before, to which
 * nothing else leads any more.
 */
export function dropOtherRows(
  store: SyncStore,
  indexes: readonly StoredIndex[],
): void {
  const kept = new Set(
    indexes.map(({ kind, number }) => rowPrefix(kind, number)),
  );
  for (const kind of ["i", "t", "v"]) {
    const end = prefixEnd(kind);
    for (let start: string | undefined = kind; start !== undefined;) {
      const [first] = store.scan({ start, end, limit: 1 });
      const prefix = first?.key.slice(0, ROW_PREFIX_LENGTH);
      if (prefix !== undefined && !kept.has(prefix)) dropRows(store, prefix);
      start = prefix && prefixEnd(prefix);
    }
  }
}

function dropRows(store: SyncStore, start: string): void {
  const range = { start, end: prefixEnd(start), limit: WRITE_SIZE };
  while (true) {
    const ops = Array.from(store.scan(range), ({ key }) => ({ key }));
    if (ops.length === 0) return;
    store.write(ops);
  }
}
