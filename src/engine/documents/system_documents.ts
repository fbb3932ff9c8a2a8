import { stringifyValue } from "../../values/json.ts";
import type { Value } from "../../values/types.ts";
import type { Document } from "../rows/fields.ts";
import type { Table } from "../schema/catalog.ts";
import { systemTable } from "../schema/system_tables.ts";
import { updateIndexRows } from "../transaction/index_rows.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { readDocument } from "./documents.ts";

type Fields = { [field: string]: Value };

/** Stores a new document of a system table and returns its id, which is new unless given by `place`. */
export function insertSystemDocument(
  transaction: Transaction,
  tableName: string,
  fields: Fields,
  place?: { id: string; creationTime: number },
): string {
  transaction.assertOpen();
  const { catalog, ids } = transaction.database;
  const table = systemTable(catalog, tableName);
  const { id, creationTime } = place ??
    ids.next(table, transaction.startMs);
  put(transaction, table, undefined, {
    ...fields,
    _creationTime: creationTime,
    _id: id,
  });
  return id;
}

/** Changes fields of a document of a system table; `undefined` removes one. Returns the changed document. */
export function patchSystemDocument(
  transaction: Transaction,
  before: Document,
  fields: { [field: string]: Value | undefined },
): Document {
  const { catalog } = transaction.database;
  const table = catalog.ofId(before._id)!;
  const after: Document = { ...before, ...fields };
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) delete after[name];
  }
  put(transaction, table, before, after);
  return after;
}

/** Removes a document of a system table. */
export function deleteSystemDocument(
  transaction: Transaction,
  before: Document,
): void {
  const table = transaction.database.catalog.ofId(before._id)!;
  transaction.rows.put(table.prefix + before._id, undefined);
  updateIndexRows(transaction.rows, table, before._id, before, undefined);
}

/**
 * A document of a system table by id; undefined if there is none, or the id belongs to another table. Not counted as
 * read.
 */
export function systemDocument(
  transaction: Transaction,
  tableName: string,
  id: string,
): Document | undefined {
  transaction.assertOpen();
  const table = transaction.database.catalog.ofId(id);
  if (table?.name !== tableName) return undefined;
  return readDocument(transaction, table, id, false);
}

function put(
  transaction: Transaction,
  table: Table,
  before: Document | undefined,
  after: Document,
): void {
  transaction.rows.put(table.prefix + after._id, stringifyValue(after));
  updateIndexRows(transaction.rows, table, after._id, before, after);
}
