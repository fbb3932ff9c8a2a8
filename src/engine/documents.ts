import { EngineError } from "../errors.ts";
import { copyValue } from "../values/copy.ts";
import { decodeId } from "../values/id.ts";
import { stringifyValue } from "../values/json.ts";
import type { Value } from "../values/types.ts";
import { validateValue } from "../values/validate.ts";
import type { Catalog, Table } from "./catalog.ts";
import { checkDocumentBounds } from "./document_bounds.ts";
import type { Document } from "./fields.ts";
import { updateIndexRows } from "./index_rows.ts";
import { parseDocument } from "./stored_document.ts";
import type { Transaction } from "./transaction.ts";

type Fields = { [field: string]: Value };

/** Reads a document by its key in the store, counting it. */
export function readDocument(
  transaction: Transaction,
  key: string,
): Document | undefined {
  const row = transaction.rows.get(key);
  if (row === undefined) return undefined;
  return decodeDocument(transaction, key, row);
}

/** Turns a document's row into a fresh document, counting it as read. */
export function decodeDocument(
  transaction: Transaction,
  key: string,
  row: string,
): Document {
  const document = parseDocument(key, row);
  transaction.meter.countRead(row);
  return document;
}

/** `ctx.db.get`: the document, or null. */
export function getDocument(
  transaction: Transaction,
  id: unknown,
  tableName?: string,
): Document | null {
  transaction.assertOpen();
  const { key } = locate(transaction.database.catalog, "get", id, tableName);
  transaction.meter.countRange();
  return key === undefined ? null : readDocument(transaction, key) ?? null;
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
  const fields = copyFields(value, "insert");
  for (const field of ["_id", "_creationTime"]) {
    if (field in fields) {
      throw invalidDocument(
        table,
        `Provided ${
          field === "_id" ? "document ID" : "creation time"
        } \`${field}\`: it is given out by the database, leave it out of insert`,
      );
    }
  }
  const { id, creationTime } = transaction.database.ids.next(
    table.number,
    transaction.startMs,
  );
  writeDocument(transaction, table, id, undefined, {
    ...fields,
    _creationTime: creationTime,
    _id: id,
  });
  return id;
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
  const changes = copyFields(value, "patch");
  const after: Document = { ...before, ...changes };
  for (const [field, change] of Object.entries(value as object)) {
    if (change === undefined) delete after[field];
  }
  refuseSystemChange(table, before, { ...before, ...after });
  after._id = before._id;
  after._creationTime = before._creationTime;
  writeDocument(transaction, table, before._id, before, after);
}

/** `ctx.db.replace`: swaps all fields but the system's. */
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
  const { _id, _creationTime } = before;
  const after: Document = {
    _id,
    _creationTime,
    ...copyFields(value, "replace"),
  };
  refuseSystemChange(table, before, after);
  writeDocument(transaction, table, _id, before, after);
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
  transaction.meter.countWrite(0);
  transaction.rows.put(table.prefix + before._id, undefined);
  updateIndexRows(transaction.rows, table, before._id, before, undefined);
}

/** `ctx.db.normalizeId`: the id when it is one of the table, else null. */
export function normalizeId(
  catalog: Catalog,
  tableName: string,
  id: string,
): string | null {
  const decoded = decodeId(id);
  const table = catalog.find(tableName);
  return decoded && table && decoded.tableNumber === table.number ? id : null;
}

/** What is wrong with a document of a table, or undefined. */
export function documentProblem(
  catalog: Catalog,
  table: Table,
  document: Document,
): { path: string; message: string } | undefined {
  if (table.validator === undefined) return undefined;
  const { _id, _creationTime, ...fields } = document;
  return validateValue(table.validator, fields, {
    tableOfId: (id) => tableOfId(catalog, id),
  });
}

/** Name of the table that an id belongs to. */
export function tableOfId(catalog: Catalog, id: string): string | undefined {
  const decoded = decodeId(id);
  return decoded && catalog.byNumber(decoded.tableNumber)?.name;
}

function writeDocument(
  transaction: Transaction,
  table: Table,
  id: string,
  before: Document | undefined,
  after: Document,
): void {
  const problem = documentProblem(transaction.database.catalog, table, after);
  if (problem) {
    throw invalidDocument(
      table,
      `${problem.message}`,
    );
  }
  const row = stringifyValue(after);
  if (before && row === stringifyValue(before)) return;
  transaction.meter.countWrite(checkDocumentBounds(table.name, after));
  transaction.rows.put(table.prefix + id, row);
  updateIndexRows(transaction.rows, table, id, before, after);
}

function writableTable(transaction: Transaction, name: string): Table {
  const { catalog } = transaction.database;
  const found = catalog.find(name);
  if (found && (!catalog.strict || found.validator)) return found;
  if (catalog.strict) {
    throw new EngineError(
      "DOCUMENT_VALIDATION",
      `Table "${name.slice(0, 80)}" is not in the schema`,
    );
  }
  return catalog.ensure(name);
}

function writableDocument(
  transaction: Transaction,
  method: "patch" | "replace" | "delete",
  id: unknown,
  tableName?: string,
): { table: Table; before: Document } {
  transaction.assertOpen();
  const { catalog } = transaction.database;
  const { table, key } = locate(catalog, method, id, tableName);
  transaction.meter.countRange();
  const before = key === undefined ? undefined : readDocument(transaction, key);
  if (!table || !before) {
    const verb = method === "patch"
      ? "Update"
      : method === "replace"
      ? "Replace"
      : "Delete";
    throw new EngineError(
      "DOCUMENT_NOT_FOUND",
      `${verb} on nonexistent document ID ${String(id).slice(0, 80)}`,
    );
  }
  return { table, before };
}

/** Finds the row that an id names; throws `INVALID_ID` for what is no id, or one of another table than named. */
function locate(
  catalog: Catalog,
  method: string,
  id: unknown,
  tableName?: string,
): { table: Table | undefined; key: string | undefined } {
  if (id === undefined) {
    throw new TypeError(`Must provide arg 1 \`id\` to \`${method}\``);
  }
  if (typeof id !== "string") {
    throw new EngineError(
      "INVALID_ID",
      `Invalid argument \`id\` for \`db.${method}\`, expected string but got '${typeof id}': ${
        String(id).slice(0, 80)
      }`,
    );
  }
  const decoded = decodeId(id);
  if (!decoded) {
    throw new EngineError(
      "INVALID_ID",
      `Invalid argument \`id\` for \`db.${method}\`: Unable to decode ID: ${
        JSON.stringify(id.slice(0, 80))
      }`,
    );
  }
  const table = catalog.byNumber(decoded.tableNumber);
  if (tableName !== undefined && table?.name !== tableName) {
    throw new EngineError(
      "INVALID_ID",
      `Invalid argument \`id\` for \`db.${method}\`: expected to be an Id<"${tableName}">, got Id<"${
        table?.name ?? "unknown"
      }"> instead.`,
    );
  }
  return { table, key: table && table.prefix + id };
}

function copyFields(value: unknown, method: string): Fields {
  if (value === undefined) {
    throw new TypeError(`Must provide arg 2 \`value\` to \`${method}\``);
  }
  const copy = copyValue(value, `document given to ${method}`);
  if (
    typeof copy !== "object" || copy === null || Array.isArray(copy) ||
    copy instanceof ArrayBuffer
  ) {
    throw new EngineError(
      "DOCUMENT_VALIDATION",
      `a document must be an object, ${method} got ${
        (JSON.stringify(value) ?? String(value)).slice(0, 80)
      }`,
    );
  }
  for (const field of Object.keys(copy)) {
    if (
      field.startsWith("_") && field !== "_id" && field !== "_creationTime"
    ) {
      throw new EngineError(
        "DOCUMENT_VALIDATION",
        `field "${
          field.slice(0, 80)
        }" begins with an underscore, which is reserved for system fields`,
      );
    }
  }
  return copy as Fields;
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
      );
    }
  }
}

function invalidDocument(table: Table, problem: string): EngineError {
  return new EngineError(
    "DOCUMENT_VALIDATION",
    `Failed to insert or update a document in table "${table.name}" because it does not match the schema: ${problem}`,
    { data: { table: table.name } },
  );
}
