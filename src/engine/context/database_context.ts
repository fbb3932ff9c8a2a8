import { EngineError } from "../../errors.ts";
import {
  deleteDocument,
  getDocument,
  insertDocument,
  normalizeId,
  patchDocument,
  replaceDocument,
} from "../documents/documents.ts";
import type { Document } from "../rows/fields.ts";
import { QueryInitializer } from "../query/query_builder.ts";
import { requireArgument } from "../plan/require_argument.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { asItIs } from "./as_it_is.ts";
import { rewordErrors } from "./reword_errors.ts";

/** `ctx.db` of a query. */
export function databaseReader(transaction: Transaction) {
  return {
    ...rewordErrors(transaction.database, readerOf(transaction, false)),
    system: rewordErrors(transaction.database, {
      ...readerOf(transaction, true),
      table: (name: string) => tableReader(transaction, name, true),
    }),
    ...rewordErrors(transaction.database, {
      table: (name: string) => tableReader(transaction, name, false),
    }),
  };
}

function readerOf(transaction: Transaction, isSystem: boolean) {
  return {
    get: async (...args: unknown[]): Promise<Document | null> => {
      const [id, table] = idAndTable(args);
      // No other hop, as one costs a good part of a look-up.
      if (transaction.ongoing) await transaction.ongoing;
      return getDocument(transaction, id, table, isSystem);
    },
    query: (tableName: string): QueryInitializer => {
      requireArgument(tableName, 1, "query", "tableName");
      checkSystem(tableName, isSystem, "query");
      return new QueryInitializer(transaction, tableName);
    },
    normalizeId: (tableName: string, id: string): string | null => {
      requireArgument(tableName, 1, "normalizeId", "tableName");
      requireArgument(id, 2, "normalizeId", "id");
      checkSystem(tableName, isSystem, "normalizeId");
      const { catalog } = transaction.database;
      if (!catalog.find(tableName)) transaction.rows.noteMissingTable();
      return normalizeId(catalog, tableName, id);
    },
  };
}

/** `ctx.db` of a mutation. */
export function databaseWriter(transaction: Transaction) {
  return {
    ...databaseReader(transaction),
    vars: new Variables(transaction),
    ...rewordErrors(transaction.database, {
      ...writerOf(transaction),
      table: (name: string) => ({
        ...tableReader(transaction, name, false),
        ...rewordErrors(transaction.database, tableWriter(transaction, name)),
      }),
    }),
  };
}

/** `ctx.db.vars`. A class, because a getter in the object literal would cost more than all the rest of it. */
class Variables {
  readonly #transaction: Transaction;

  constructor(transaction: Transaction) {
    this.#transaction = transaction;
  }

  /**
   * Placeholder for the timestamp of the commit. Only a transaction that has read it looks for placeholders at its end.
   */
  get commitTs(): object {
    this.#transaction.expectCommitTs();
    return this.#transaction.database.commitTs;
  }
}

/** Runs an operation, of a value if it has one, after the nested calls in progress. */
async function inOrder<T>(
  { ongoing }: Transaction,
  work: (value: unknown) => T,
  value?: unknown,
): Promise<Awaited<T>> {
  if (!ongoing) return await work(value);
  const given = asItIs(value);
  await ongoing;
  return await work(given);
}

/** The writes of `ctx.db`; without a table, that of the id. */
function writesOf(transaction: Transaction) {
  return {
    insert: (table: unknown, value: unknown): Promise<string> =>
      inOrder(
        transaction,
        (given) => insertDocument(transaction, table, given),
        value,
      ),
    patch: (id: unknown, value: unknown, table?: string): Promise<void> =>
      inOrder(
        transaction,
        (given) => patchDocument(transaction, id, given, table),
        value,
      ),
    replace: (id: unknown, value: unknown, table?: string): Promise<void> =>
      inOrder(
        transaction,
        (given) => replaceDocument(transaction, id, given, table),
        value,
      ),
    delete: (id: unknown, table?: string): Promise<void> =>
      inOrder(transaction, () => deleteDocument(transaction, id, table)),
  };
}

function writerOf(transaction: Transaction) {
  const writes = writesOf(transaction);
  return {
    insert: writes.insert,
    patch: (...args: unknown[]): Promise<void> =>
      writes.patch(...idValueAndTable(args)),
    replace: (...args: unknown[]): Promise<void> =>
      writes.replace(...idValueAndTable(args)),
    delete: (...args: unknown[]): Promise<void> =>
      writes.delete(...idAndTable(args)),
  };
}

/** `ctx.db.table(name)` of a query. */
function tableReader(
  transaction: Transaction,
  tableName: string,
  isSystem: boolean,
) {
  checkSystem(tableName, isSystem, "query");
  return rewordErrors(transaction.database, {
    get: (id: unknown): Promise<Document | null> =>
      inOrder(
        transaction,
        () => getDocument(transaction, id, tableName, isSystem),
      ),
    query: (): QueryInitializer => new QueryInitializer(transaction, tableName),
  });
}

/** The further methods of `ctx.db.table(name)` in a mutation. */
function tableWriter(transaction: Transaction, tableName: string) {
  const writes = writesOf(transaction);
  return {
    insert: (value: unknown): Promise<string> =>
      writes.insert(tableName, value),
    patch: (id: unknown, value: unknown): Promise<void> =>
      writes.patch(id, value, tableName),
    replace: (id: unknown, value: unknown): Promise<void> =>
      writes.replace(id, value, tableName),
    delete: (id: unknown): Promise<void> => writes.delete(id, tableName),
  };
}

/** `(id)`, or `(table, id)` since convex 1.31. */
function idAndTable(args: unknown[]): [unknown, string | undefined] {
  return args[1] === undefined
    ? [args[0], undefined]
    : [args[1], text(args[0])];
}

/** `(id, value)`, or `(table, id, value)` since convex 1.31. */
function idValueAndTable(
  args: unknown[],
): [unknown, unknown, string | undefined] {
  return args[2] === undefined
    ? [args[0], args[1], undefined]
    : [args[1], args[2], text(args[0])];
}

function text(tableName: unknown): string {
  return typeof tableName === "string" ? tableName : String(tableName);
}

function checkSystem(
  tableName: string,
  isSystem: boolean,
  method: string,
): void {
  const isSystemTable = tableName.startsWith("_");
  if (isSystemTable === isSystem) return;
  throw new EngineError(
    "INVALID_ARGUMENT",
    `${isSystemTable ? "System" : "User"} tables can only be accessed from db.${
      isSystem ? "" : "system."
    }${method}().`,
  );
}
