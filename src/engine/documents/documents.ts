import { EngineError } from "../../errors.ts";
import { copyValue } from "../../values/copy.ts";
import type { Value } from "../../values/types.ts";
import type { Catalog, Table } from "../schema/catalog.ts";
import {
  encodeFields,
  encodeSlowly,
  invalidDocument,
  refuseProblem,
} from "../schema/document_checks.ts";
import type { StoredDocument } from "../rows/document_cache.ts";
import type { EncodedDocument } from "../schema/document_encoder.ts";
import { checkLimit } from "../limits/limit_check.ts";
import { isOwnField } from "../schema/document_bounds.ts";
import { locate, missingDocument, refuseOthers } from "./document_ids.ts";
import type { Document } from "../rows/fields.ts";
import { updateIndexRows } from "../transaction/index_rows.ts";
import { parseDocument } from "../rows/stored_document.ts";
import type { Transaction } from "../transaction/transaction.ts";

type Fields = { [field: string]: Value };

/** Reads a document of a table by its id. `isCounted` is false for the engine's own reads. */
export function readDocument(
  transaction: Transaction,
  table: Table,
  id: string,
  isCounted = true,
): Document | undefined {
  const own = transaction.rows.written(table.prefix, id);
  if (own === null) return undefined;
  if (own !== undefined) {
    return ownDocument(transaction, table, id, own, isCounted);
  }
  const stored = committedDocument(transaction, table, id);
  if (stored === undefined) return undefined;
  if (isCounted) transaction.meter.countRead(stored);
  const copy = stored.copy();
  transaction.documentCopies.addOne(copy, stored);
  return copy;
}

/** Turns the row of a document, as the transaction sees it, into a fresh document, counting it as read. */
export function decodeDocument(
  transaction: Transaction,
  table: Table,
  id: string,
  row: string,
): Document {
  if (transaction.rows.written(table.prefix, id) !== undefined) {
    return ownDocument(transaction, table, id, row);
  }
  const { documents } = transaction.database;
  const stored = documents.find(id) ?? documents.keep(id, row);
  transaction.meter.countRead(stored);
  return stored.copy();
}

/** A document of a table as it was committed, from the cache or the store. Not counted as read. */
export function committedDocument(
  { rows, database }: Transaction,
  table: Table,
  id: string,
): StoredDocument | undefined {
  const { documents } = database;
  const found = documents.find(id);
  if (found !== undefined) return found;
  const row = rows.committed(table.prefix + id);
  return row === undefined ? undefined : documents.keep(id, row);
}

/** A document that the transaction has written. */
function ownDocument(
  { root, meter }: Transaction,
  table: Table,
  id: string,
  row: string,
  isCounted = true,
): Document {
  if (isCounted) meter.countRead(row);
  const { pending } = root;
  return pending?.has(table.prefix + id)
    ? pending.read(row)
    : parseDocument(id, row);
}

/** `ctx.db.get`, or for system tables `ctx.db.system.get`: the document, or null. */
export function getDocument(
  transaction: Transaction,
  id: unknown,
  tableName: string | undefined,
  isSystem: boolean,
): Document | null {
  transaction.assertOpen();
  const { database } = transaction;
  const { table, id: own } = locate(database, "get", id, tableName);
  transaction.meter.countRange();
  if (table) {
    if (database.behaviour.hidesSystemTables) refuseOthers(table, isSystem);
    return readDocument(transaction, table, own) ?? null;
  }
  transaction.rows.noteMissingTable();
  return null;
}

/** `ctx.db.insert`: stores a new document and returns its id. */
export function insertDocument(
  transaction: Transaction,
  tableName: unknown,
  value: unknown,
): string {
  transaction.assertOpen();
  if (typeof tableName !== "string") {
    throw new TypeError("Must provide arg 1 `table` to `insert`");
  }
  refuseSystemTable(tableName);
  const table = writableTable(transaction, tableName);
  const { catalog, behaviour, ids } = transaction.database;
  if (behaviour.sparesIds) {
    refuseProblem(
      catalog,
      table,
      newFields(catalog, table, value) as Document,
    );
  }
  const { id, creationTime } = ids.next(table, transaction.startMs);
  const system = { _creationTime: creationTime, _id: id };
  const after = encodeFields(catalog, table, system, value) ??
    encodeWhole(catalog, table, {
      ...newFields(catalog, table, value),
      ...system,
    }, "insert");
  storeDocument(transaction, table, undefined, after);
  return id;
}

/** Stores a new document with a given id and creation time. */
export function importDocument(
  transaction: Transaction,
  table: Table,
  value: Value,
  id: string,
  creationTime: number,
): void {
  const { catalog } = transaction.database;
  const after = encodeWhole(catalog, table, {
    ...copyFields(catalog, value, "import"),
    _creationTime: creationTime,
    _id: id,
  }, "import");
  storeDocument(transaction, table, undefined, after);
}

function newFields(catalog: Catalog, table: Table, value: unknown): Fields {
  const fields = copyFields(catalog, value, "insert");
  for (const field of ["_id", "_creationTime"]) {
    if (field in fields) {
      throw invalidDocument(
        table,
        `Provided ${
          field === "_id" ? "document ID" : "creation time"
        } \`${field}\`: it is given out by the database, leave it out of insert`,
        { data: { field } },
      );
    }
  }
  return fields;
}

/** `ctx.db.patch`: sets top-level fields; `undefined` removes one. A patch that changes nothing writes nothing. */
export function patchDocument(
  transaction: Transaction,
  id: unknown,
  value: unknown,
  tableName?: string,
): void {
  const { table, before } = writableDocument(
    transaction,
    "patch",
    id,
    tableName,
  );
  const { document } = before;
  const { _id, _creationTime } = document;
  const { catalog } = transaction.database;
  let after = encodeFields(catalog, table, document, value);
  if (after === undefined) {
    const changes = copyFields(catalog, value, "patch");
    const whole: Document = { ...document, ...changes };
    for (const [field, change] of Object.entries(value as object)) {
      if (change === undefined) delete whole[field];
    }
    refuseSystemChange(table, document, { ...document, ...whole });
    const next = { ...whole, _id, _creationTime };
    after = encodeWhole(catalog, table, next, "patch");
  }
  storeDocument(transaction, table, before, after);
}

/** `ctx.db.replace`: replaces all fields but the system's. */
export function replaceDocument(
  transaction: Transaction,
  id: unknown,
  value: unknown,
  tableName?: string,
): void {
  const { table, before } = writableDocument(
    transaction,
    "replace",
    id,
    tableName,
  );
  const { _id, _creationTime } = before.document;
  const { catalog } = transaction.database;
  let after = encodeFields(catalog, table, { _id, _creationTime }, value);
  if (after === undefined) {
    const whole: Document = {
      _id,
      _creationTime,
      ...copyFields(catalog, value, "replace"),
    };
    refuseSystemChange(table, before.document, whole);
    after = encodeWhole(catalog, table, whole, "replace");
  }
  storeDocument(transaction, table, before, after);
}

/** `ctx.db.delete`: removes a document. */
export function deleteDocument(
  transaction: Transaction,
  id: unknown,
  tableName?: string,
): void {
  const { table, before } = writableDocument(
    transaction,
    "delete",
    id,
    tableName,
  );
  const { document } = before;
  transaction.meter.countWrite(undefined);
  transaction.rows.put(table.prefix + document._id, undefined);
  updateIndexRows(transaction.rows, table, document._id, document, undefined);
}

/** `ctx.db.normalizeId`: the id when it is one of the table, else null. */
export function normalizeId(
  catalog: Catalog,
  tableName: string,
  id: string,
): string | null {
  return catalog.nameOfId(id) === tableName ? id : null;
}

function storeDocument(
  transaction: Transaction,
  table: Table,
  before: EncodedDocument | undefined,
  { document, row, isPending }: EncodedDocument,
): void {
  // Counted even if nothing changes, as on Convex.
  transaction.meter.countWrite(row);
  if (row === before?.row) return;
  if (isPending) {
    transaction.expectCommitTs().add(table.prefix + document._id, table);
  }
  transaction.rows.put(table.prefix + document._id, row);
  updateIndexRows(
    transaction.rows,
    table,
    document._id,
    before?.document,
    document,
  );
}

function writableTable(transaction: Transaction, name: string): Table {
  const { catalog } = transaction.database;
  // A schema describes the documents in its tables, and says nothing about other tables.
  return catalog.find(name) ?? catalog.ensure(name);
}

function writableDocument(
  transaction: Transaction,
  method: "patch" | "replace" | "delete",
  id: unknown,
  tableName?: string,
): { table: Table; before: EncodedDocument } {
  transaction.assertOpen();
  const { table, id: own } = locate(
    transaction.database,
    method,
    id,
    tableName,
  );
  const { behaviour } = transaction.database;
  if (table && behaviour.hidesSystemTables) refuseOthers(table, false);
  if (behaviour.countsWritesAsQueries) transaction.meter.countRange();
  const row = table && transaction.rows.get(table.prefix + own);
  if (!table || row === undefined) {
    throw missingDocument(method, id);
  }
  const document = decodeDocument(transaction, table, own, row);
  return { table, before: { document, row } };
}

function copyFields(
  catalog: Catalog,
  value: unknown,
  method: string,
): Fields {
  if (value === undefined) {
    throw new TypeError(`Must provide arg 2 \`value\` to \`${method}\``);
  }
  const copy = copyValue(value, `document given to ${method}`, catalog.limits);
  if (
    typeof copy !== "object" || copy === null || Array.isArray(copy) ||
    copy instanceof ArrayBuffer
  ) {
    throw new EngineError(
      "DOCUMENT_VALIDATION",
      `a document must be an object, ${method} got ${
        (JSON.stringify(value) ?? String(value)).slice(0, 80)
      }`,
      {
        data: {
          name: method,
          type: typeof value,
          got: String(value).slice(0, 80),
        },
      },
    );
  }
  for (const field of Object.keys(copy)) {
    if (isOwnField(field, catalog.limits)) continue;
    checkLimit(
      `length of the name of the field '${field.slice(0, 80)}'`,
      field.length,
      catalog.limits.fieldNameLength,
    );
    throw new EngineError(
      "DOCUMENT_VALIDATION",
      field === ""
        ? "The name of a document's field must not be empty"
        : `Field '${field}' starts with an underscore, which is only allowed for system fields like '_id'`,
    );
  }
  return copy as Fields;
}

/** Encodes a document that the fast path left. Its system's fields count as fields, too. */
function encodeWhole(
  catalog: Catalog,
  table: Table,
  whole: Document,
  method: string,
): EncodedDocument {
  if (Object.keys(whole).length > catalog.limits.objectFields) {
    copyFields(catalog, whole, method);
  }
  return encodeSlowly(catalog, table, whole);
}

function refuseSystemTable(name: string): void {
  if (name.startsWith("_")) {
    throw new EngineError(
      "DOCUMENT_VALIDATION",
      "System tables (prefixed with `_`) are read-only.",
    );
  }
}

function refuseSystemChange(
  table: Table,
  before: Document,
  after: Document,
): void {
  for (const field of ["_id", "_creationTime"]) {
    if (after[field] !== before[field]) {
      throw invalidDocument(
        table,
        `Provided \`${field}\` ${
          String(after[field]).slice(0, 80)
        } differs from the document's ${String(before[field])}`,
        {
          data: {
            field,
            got: JSON.stringify(after[field]),
            was: String(before[field]),
          },
        },
      );
    }
  }
}
