import { isPlainObject } from "../../values/kinds.ts";
import { prefixEnd } from "../../values/key.ts";
import type { Value } from "../../values/types.ts";
import type { Table } from "../schema/catalog.ts";
import type { Components } from "../components/components.ts";
import { tableOfId } from "../schema/document_checks.ts";
import { deleteDocument, importDocument } from "../documents/documents.ts";
import { deleteFile, storeFile } from "../files/files.ts";
import { nextUp } from "../ids.ts";
import { coerced } from "./import_values.ts";
import type { Transaction } from "../transaction/transaction.ts";

type Fields = { [field: string]: Value };

/** Documents to import into a table. */
export interface ImportedTable {
  /** Path of the table's component; `""` is the app. */
  component: string;
  /** Its name. */
  table: string;
  /** Documents, in their order; `_id` and `_creationTime` may be missing. */
  documents: { [field: string]: Value }[];
}

/** A file to import. */
export interface ImportedFile {
  /** Path of its component; `""` is the app. */
  component: string;
  /** Its id at its origin. */
  id: string;
  /** When it was stored at its origin, in ms, if known. */
  creationTime?: number | undefined;
  /** Its content. */
  bytes: Uint8Array;
  /** Its media type, if it has one. */
  contentType: string | undefined;
  /** SHA-256 of the content, in base64. */
  sha256: string;
}

/** Everything to import at once. */
export interface ImportedData {
  /** Tables that are emptied first; `_storage` for files. */
  cleared: { component: string; table: string }[];
  /** Files. */
  files: ImportedFile[];
  /** Documents. */
  tables: ImportedTable[];
}

/**
 * Stores documents and files of another deployment. A document keeps its creation time, and also its id if that is a
 * free id of this engine for the table and time; otherwise it gets a new id. A file keeps both or neither. References
 * to replaced ids are updated. Returns the number of documents stored.
 */
export function importData(
  transaction: Transaction,
  components: Components,
  { cleared, files, tables }: ImportedData,
): number {
  const inside = <T>(component: string, work: (own: Transaction) => T): T => {
    const { database } = components.get(component);
    const own = transaction.child({ writable: true, database });
    const result = work(own);
    own.commit();
    return result;
  };
  for (const { component, table } of cleared) {
    inside(component, (own) => clearTable(own, table));
  }
  const renamed: Map<string, string> = new Map();
  for (const file of files) {
    const stored = inside(file.component, (own) => importFile(own, file));
    if (stored !== file.id) renamed.set(file.id, stored);
  }
  // All ids are assigned before the first document is stored, as documents may refer to later ones.
  const placed = tables.map(({ component, table, documents }) => ({
    component,
    rows: inside(
      component,
      (own) => placeDocuments(own, table, documents, renamed),
    ),
  }));
  let count = 0;
  for (const { component, rows } of placed) {
    inside(component, (own) => storeDocuments(own, rows, renamed));
    count += rows.documents.length;
  }
  return count;
}

/** Stores a file, with its id and time if possible, and returns its id. */
function importFile(
  transaction: Transaction,
  { id, creationTime, ...file }: ImportedFile,
): string {
  const table = transaction.database.catalog.find("_storage");
  const isOwn = table && isFree(transaction, table, id, timeOf(creationTime));
  const place = isOwn ? { id, creationTime: creationTime! } : undefined;
  return storeFile(transaction, file, place);
}

function clearTable(transaction: Transaction, name: string): void {
  const table = transaction.database.catalog.find(name);
  if (!table) return;
  const { prefix } = table;
  const range = { start: prefix, end: prefixEnd(prefix) };
  const ids = [...transaction.rows.scan(range)]
    .map(({ key }) => key.slice(prefix.length));
  for (const id of ids) {
    if (name === "_storage") deleteFile(transaction, id);
    else deleteDocument(transaction, id);
  }
}

/** Documents of a table, with the ids and creation times that they get. */
interface PlacedDocuments {
  table: Table;
  ids: string[];
  times: number[];
  documents: Fields[];
}

function storeDocuments(
  transaction: Transaction,
  { table, ids, times, documents }: PlacedDocuments,
  renamed: Map<string, string>,
): void {
  const { validator } = table;
  const { catalog } = transaction.database;
  const options = { tableOfId: (id: string) => tableOfId(catalog, id) };
  documents.forEach((fields, at) => {
    const value = withIds(fields, renamed) as Fields;
    const document = validator ? coerced(validator, value, options) : value;
    importDocument(transaction, table, document, ids[at]!, times[at]!);
  });
}

/** Assigns ids and creation times to documents, and records which ids are new. */
function placeDocuments(
  transaction: Transaction,
  name: string,
  documents: Fields[],
  renamed: Map<string, string>,
): PlacedDocuments {
  const { catalog, ids: source } = transaction.database;
  const table = catalog.ensure(name);
  const ids: string[] = [];
  const times: number[] = [];
  const taken = new Set<string>();
  const rest = documents.map(({ _id, _creationTime, ...fields }) => {
    const time = timeOf(_creationTime);
    const isOwn = !taken.has(_id as string) &&
      isFree(transaction, table, _id, time);
    const placed = isOwn
      ? { id: _id as string, creationTime: time! }
      : time === undefined
      ? source.next(table, transaction.startMs)
      : { id: source.at(table, time), creationTime: time };
    if (typeof _id === "string" && !isOwn) renamed.set(_id, placed.id);
    taken.add(placed.id);
    ids.push(placed.id);
    times.push(placed.creationTime);
    return fields as Fields;
  });
  return { table, ids, times, documents: rest };
}

function timeOf(creationTime: Value | undefined): number | undefined {
  return typeof creationTime === "number" && creationTime >= 0 &&
      creationTime < Infinity
    ? creationTime
    : undefined;
}

/** Whether an id is a valid one of this engine for a table and a time, and no document has it. */
function isFree(
  { database: { ids }, rows }: Transaction,
  table: Table,
  id: Value | undefined,
  time: number | undefined,
): boolean {
  return time !== undefined && typeof id === "string" &&
    ids.tableOf(id) === table.number && id >= ids.least(table, time) &&
    id < ids.least(table, nextUp(time)) &&
    rows.get(table.prefix + id) === undefined;
}

/** A value with replaced ids updated. */
function withIds(value: Value, renamed: Map<string, string>): Value {
  if (renamed.size === 0) return value;
  if (typeof value === "string") return renamed.get(value) ?? value;
  if (Array.isArray(value)) {
    return value.map((element) => withIds(element, renamed));
  }
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      renamed.get(name) ?? name,
      withIds(member as Value, renamed),
    ]),
  );
}
