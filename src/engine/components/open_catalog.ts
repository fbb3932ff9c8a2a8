import { EngineError, StoreError } from "../../errors.ts";
import type { SyncStore } from "../../store/types.ts";
import { decodeId } from "../../values/id.ts";
import { prefixEnd } from "../../values/key.ts";
import {
  Catalog,
  CatalogRow,
  FORMAT_VERSION,
  type StoredCatalog,
  type Table,
} from "../schema/catalog.ts";
import { documentProblem } from "../schema/document_checks.ts";
import type { IdSource } from "../ids.ts";
import { documentsOf, dropOtherRows, fillIndexes } from "./index_fill.ts";
import { renewChecksums } from "./old_checksums.ts";
import { CATALOG_KEY } from "../keys.ts";
import type { EngineLimits } from "../limits/limits.ts";
import type { SchemaJson } from "../schema/schema.ts";
import { checkSchema } from "../schema/schema_check.ts";
import { systemTables } from "../schema/system_tables.ts";
import { planTable, type TablePlan } from "../schema/table_plan.ts";

/** Everything needed to open a catalog. */
export interface CatalogParts {
  /** Where the rows are. */
  store: SyncStore;
  /** Where the tables of all components are listed. */
  row: CatalogRow;
  /** Path of the component; `""` is the app. */
  component: string;
  /** Source of ids and creation times, which will be later than those of the component's documents. */
  ids: IdSource;
  /** Limits of tables and documents. */
  limits: EngineLimits;
  /** Receives messages for operators. */
  log: (message: string) => void;
  /** Whether an index may end in `_creationTime`. */
  mayIndexTime: boolean;
}

/**
 * Reads the tables of a component and brings the store in line with the schema: new indexes are
 * filled, changed ones are made anew, removed ones dropped, and documents checked where their type is new. Costs one
 * pass over a table when its schema has changed since the last open, nothing otherwise. Everything is checked before
 * anything is written. What changed without rows is left to `writeCatalog` or the next commit.
 *
 * Throws `INVALID_SCHEMA` for a schema that Convex would refuse, `DOCUMENT_VALIDATION` for a document that contradicts
 * it, `STORE_CORRUPT` for a document that cannot be read.
 */
export function openCatalog(
  schema: SchemaJson,
  { store, row, component, ids, limits, log, mayIndexTime }: CatalogParts,
): Catalog {
  checkSchema(schema, { limits, mayIndexTime });
  const catalog = new Catalog(row, component, ids, limits);
  const definitions = new Map(
    schema.tables.map((table) => [table.tableName, table]),
  );
  const known = [...catalog.tables()];
  for (const name of definitions.keys()) catalog.ensure(name);
  for (const table of systemTables) {
    // System tables are created on first use, so that most stores have no rows of them.
    if (catalog.find(table.tableName)) definitions.set(table.tableName, table);
  }
  // The other tables were just created and are empty.
  for (const table of known) observeCreationTimes(store, table, ids);
  const plans: TablePlan[] = [];
  for (const table of catalog.tables()) {
    plans.push(
      planTable(
        catalog,
        table,
        definitions.get(table.name),
        schema.schemaValidation,
      ),
    );
  }
  for (const { table, mustCheck } of plans) {
    if (mustCheck) checkDocuments(store, catalog, table);
  }
  const isStep = row.stored.isChanging || plans.some((
    { table, dropped, fresh },
  ) => dropped.length > 0 || (fresh.length > 0 && hasDocuments(store, table)));
  if (isStep) changeRows(store, catalog, plans, log);
  const files = catalog.find("_storage");
  if (files) renewChecksums(store, files);
  return catalog;
}

/** Writes the catalog row if it differs from that in the store. */
export function writeCatalog(store: SyncStore, row: CatalogRow): void {
  if (!row.dirty) return;
  store.write([{ key: CATALOG_KEY, value: JSON.stringify(row.stored) }]);
  store.flush();
  row.dirty = false;
}

/**
 * Drops and fills the rows of indexes. Crash-safe: the first row written removes the indexes to be dropped from the
 * catalog and does not list the new ones yet, and the number of an index is never used again. The next open drops what
 * a crash leaves behind, also with a schema that has neither: the words of erased documents must not stay in it.
 */
function changeRows(
  store: SyncStore,
  { row, component }: Catalog,
  plans: readonly TablePlan[],
  log: (message: string) => void,
): void {
  row.stored.isChanging = true;
  const before = new CatalogRow(JSON.parse(JSON.stringify(row.stored)));
  const tables = before.tablesOf(component);
  for (const { table, fresh } of plans) {
    for (const name of fresh) delete tables[table.name]!.indexes[name];
  }
  store.write([{ key: CATALOG_KEY, value: JSON.stringify(before.stored) }]);
  dropOtherRows(store, before.indexes());
  for (const { table, fresh } of plans) {
    if (fresh.length === 0) continue;
    const count = fillIndexes(store, table, fresh);
    if (count > 0) {
      log(
        `filled ${fresh.length} new indexes of table "${table.name}" from ${count} documents`,
      );
    }
  }
  delete row.stored.isChanging;
  row.dirty = true;
  writeCatalog(store, row);
}

function hasDocuments(store: SyncStore, { prefix }: Table): boolean {
  const range = { start: prefix, end: prefixEnd(prefix), limit: 1 };
  for (const _ of store.scan(range)) return true;
  return false;
}

/** Reads the catalog row. Throws `STORE_VERSION` and `STORE_CORRUPT`. */
export function readCatalogRow(store: SyncStore): CatalogRow {
  const row = store.get(CATALOG_KEY);
  if (row === undefined) return new CatalogRow(undefined);
  let stored: StoredCatalog;
  try {
    stored = JSON.parse(row);
  } catch (cause) {
    throw new StoreError(
      "STORE_CORRUPT",
      `the store's catalog is not JSON: ${JSON.stringify(row.slice(0, 80))}`,
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
  return new CatalogRow(stored);
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
