import { EngineError, StoreError } from "../errors.ts";
import type { StoreOp, SyncStore } from "../store/types.ts";
import { decodeId } from "../values/id.ts";
import { prefixEnd } from "../values/key.ts";
import {
  Catalog,
  checkIdentifier,
  type FieldIndex,
  FORMAT_VERSION,
  type SearchIndex,
  type StoredCatalog,
  type StoredIndex,
  type Table,
} from "./catalog.ts";
import { documentProblem } from "./documents.ts";
import { type Document, splitPath } from "./fields.ts";
import type { IdSource } from "./ids.ts";
import { updateIndexRows } from "./index_rows.ts";
import { CATALOG_KEY, rowPrefix } from "./keys.ts";
import type { SchemaJson, TableJson } from "./schema.ts";
import { parseDocument } from "./stored_document.ts";

/** Rows written at once while an index is filled or dropped. */
const WRITE_SIZE = 4096;

/**
 * Reads the catalog and brings the store in line with the schema: new indexes are filled, changed ones are made anew,
 * removed ones dropped, and documents checked where their type is new. Costs one pass over a table when its schema has
 * changed since the last open, nothing otherwise.
 *
 * Throws `DOCUMENT_VALIDATION` for a document that contradicts the schema, `STORE_VERSION` for a store of a newer
 * version, `STORE_CORRUPT` for a catalog that cannot be read.
 */
export function openCatalog(
  store: SyncStore,
  schema: SchemaJson,
  ids: IdSource,
  log: (message: string) => void,
): Catalog {
  const catalog = new Catalog(readCatalog(store), schema.schemaValidation);
  const definitions = new Map(
    schema.tables.map((table) => [table.tableName, table]),
  );
  for (const name of definitions.keys()) catalog.ensure(name);
  for (const table of catalog.tables()) {
    observeCreationTimes(store, table, ids);
    reconcileTable(
      store,
      catalog,
      table,
      definitions.get(table.name),
      schema,
      log,
    );
  }
  if (catalog.dirty) {
    store.write([{ key: CATALOG_KEY, value: JSON.stringify(catalog.stored) }]);
    store.flush();
    catalog.dirty = false;
  }
  return catalog;
}

function readCatalog(store: SyncStore): StoredCatalog | undefined {
  const row = store.get(CATALOG_KEY);
  if (row === undefined) return undefined;
  let stored: StoredCatalog;
  try {
    stored = JSON.parse(row);
  } catch (cause) {
    throw new StoreError(
      "STORE_CORRUPT",
      `the store's catalog is no JSON: ${JSON.stringify(row.slice(0, 80))}`,
      { cause },
    );
  }
  if (typeof stored?.format !== "number") {
    throw new StoreError(
      "STORE_CORRUPT",
      `the store's catalog has no format version: ${
        JSON.stringify(row.slice(0, 80))
      }`,
    );
  }
  if (stored.format > FORMAT_VERSION) {
    throw new StoreError(
      "STORE_VERSION",
      `the store has format ${stored.format}, this version reads up to ${FORMAT_VERSION}`,
    );
  }
  return stored;
}

/** Keeps new creation times above those of the newest document of a table. */
function observeCreationTimes(
  store: SyncStore,
  table: Table,
  ids: IdSource,
): void {
  const range = { start: table.prefix, end: prefixEnd(table.prefix) };
  for (const { key } of store.scan({ ...range, reverse: true, limit: 1 })) {
    const bytes = decodeId(key.slice(table.prefix.length))?.bytes;
    if (!bytes) continue;
    ids.observe(new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0));
  }
}

function reconcileTable(
  store: SyncStore,
  catalog: Catalog,
  table: Table,
  definition: TableJson | undefined,
  schema: SchemaJson,
  log: (message: string) => void,
): void {
  const stored = catalog.stored.tables[table.name]!;
  const wanted = definition ? indexDefinitions(definition) : [];
  const fresh: string[] = [];
  for (const name of Object.keys(stored.indexes)) {
    const match = wanted.find((index) => index.key === name);
    if (match?.definition === stored.indexes[name]!.definition) continue;
    dropRows(store, stored.indexes[name]!);
    delete stored.indexes[name];
    catalog.dirty = true;
  }
  for (const { key, kind, definition } of wanted) {
    if (stored.indexes[key]) continue;
    stored.indexes[key] = {
      number: catalog.stored.nextIndex++,
      kind,
      definition,
    };
    fresh.push(key);
    catalog.dirty = true;
  }
  if (definition) registerIndexes(table, definition, stored.indexes);
  const type = definition?.documentType ?? undefined;
  if (schema.schemaValidation && type) table.validator = type;
  const typeText = table.validator && JSON.stringify(table.validator);
  const mustCheck = typeText !== undefined && typeText !== stored.checkedType;
  if (mustCheck) checkDocuments(store, catalog, table);
  if (typeText !== stored.checkedType) {
    if (typeText === undefined) delete stored.checkedType;
    else stored.checkedType = typeText;
    catalog.dirty = true;
  }
  if (fresh.length > 0) fillIndexes(store, table, fresh, stored.indexes, log);
}

/** The indexes of a table, each with a text that changes whenever its rows would. */
function indexDefinitions(
  table: TableJson,
): { key: string; kind: StoredIndex["kind"]; definition: string }[] {
  const all = [
    ...table.indexes.map((index) => ({
      name: index.indexDescriptor,
      kind: "i" as const,
      // Convex's client appends the tie-breaking field itself in some versions.
      parts: index.fields.filter((field) => field !== "_creationTime"),
    })),
    ...table.searchIndexes.map((index) => ({
      name: index.indexDescriptor,
      kind: "t" as const,
      parts: [index.searchField, ...index.filterFields],
    })),
    ...(table.vectorIndexes ?? []).map((index) => ({
      name: index.indexDescriptor,
      kind: "v" as const,
      parts: [index.vectorField, index.dimensions, ...index.filterFields],
    })),
  ];
  return all.map(({ name, kind, parts }) => {
    checkIdentifier("index", name);
    return { key: kind + name, kind, definition: JSON.stringify(parts) };
  });
}

function registerIndexes(
  table: Table,
  definition: TableJson,
  stored: { [name: string]: StoredIndex },
): void {
  const prefixOf = (kind: StoredIndex["kind"], name: string) =>
    rowPrefix(kind, stored[kind + name]!.number);
  for (const { indexDescriptor: name, fields } of definition.indexes) {
    const own = fields.filter((field) => field !== "_creationTime");
    const index: FieldIndex = {
      label: `${table.name}.${name}`,
      fields: own,
      paths: own.map(splitPath),
      prefix: prefixOf("i", name),
    };
    table.indexes.set(name, index);
  }
  for (const index of definition.searchIndexes) {
    table.searchIndexes.set(
      index.indexDescriptor,
      searchIndex(
        table,
        index.indexDescriptor,
        index.searchField,
        index.filterFields,
        prefixOf("t", index.indexDescriptor),
      ),
    );
  }
  for (const index of definition.vectorIndexes ?? []) {
    table.vectorIndexes.set(index.indexDescriptor, {
      ...searchIndex(
        table,
        index.indexDescriptor,
        index.vectorField,
        index.filterFields,
        prefixOf("v", index.indexDescriptor),
      ),
      dimensions: index.dimensions,
    });
  }
}

function searchIndex(
  table: Table,
  name: string,
  field: string,
  filterFields: string[],
  prefix: string,
): SearchIndex {
  return {
    label: `${table.name}.${name}`,
    field,
    path: splitPath(field),
    filterFields,
    filterPaths: filterFields.map(splitPath),
    prefix,
  };
}

function checkDocuments(
  store: SyncStore,
  catalog: Catalog,
  table: Table,
): void {
  for (const document of documentsOf(store, table)) {
    const problem = documentProblem(catalog, table, document);
    if (!problem) continue;
    throw new EngineError(
      "DOCUMENT_VALIDATION",
      `Document with ID "${document._id}" in table "${table.name}" does not match the schema: ${problem.message}`,
      { data: { table: table.name, id: document._id, path: problem.path } },
    );
  }
}

function fillIndexes(
  store: SyncStore,
  table: Table,
  fresh: readonly string[],
  stored: { [name: string]: StoredIndex },
  log: (message: string) => void,
): void {
  const isFresh = (kind: string) => ([name]: [string, unknown]) =>
    fresh.includes(kind + name);
  const partial: Table = {
    ...table,
    indexes: new Map([...table.indexes].filter(isFresh("i"))),
    searchIndexes: new Map([...table.searchIndexes].filter(isFresh("t"))),
    vectorIndexes: new Map([...table.vectorIndexes].filter(isFresh("v"))),
  };
  // What an interrupted fill may have left under the same number.
  for (const key of fresh) dropRows(store, stored[key]!);
  let ops: StoreOp[] = [];
  let count = 0;
  for (const document of documentsOf(store, table)) {
    updateIndexRows(
      {
        put: (key, value) =>
          ops.push(value === undefined ? { key } : { key, value }),
      },
      partial,
      document._id,
      undefined,
      document,
    );
    count++;
    if (ops.length >= WRITE_SIZE) {
      store.write(ops);
      ops = [];
    }
  }
  store.write(ops);
  if (count > 0) {
    log(
      `filled ${fresh.length} new indexes of table "${table.name}" from ${count} documents`,
    );
  }
}

/** Reads in pages, so that rows can be written between them. */
function* documentsOf(store: SyncStore, table: Table): Generator<Document> {
  const end = prefixEnd(table.prefix);
  let start = table.prefix;
  while (true) {
    const page = [...store.scan({ start, end, limit: 256 })];
    for (const { key, value } of page) yield parseDocument(key, value);
    if (page.length < 256) return;
    start = page.at(-1)!.key + "\0";
  }
}

function dropRows(store: SyncStore, index: StoredIndex): void {
  const start = rowPrefix(index.kind, index.number);
  const range = { start, end: prefixEnd(start), limit: WRITE_SIZE };
  while (true) {
    const ops = Array.from(store.scan(range), ({ key }) => ({ key }));
    if (ops.length === 0) return;
    store.write(ops);
  }
}
