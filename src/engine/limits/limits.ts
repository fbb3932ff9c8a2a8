import { EngineError } from "../../errors.ts";
import {
  MAX_ARGS_BYTES,
  MAX_CALL_DEPTH,
  MAX_DOCUMENT_BYTES,
  MAX_DOCUMENT_FIELD_NAME_LENGTH,
  MAX_DOCUMENT_NESTING,
  MAX_INDEX_FIELDS,
  MAX_QUERY_OPERATORS,
  MAX_RESULT_BYTES,
  MAX_SEARCH_CANDIDATES,
  MAX_SEARCH_FILTERS,
  MAX_SEARCH_TERMS,
  MAX_TABLE_INDEXES,
  MAX_TRANSACTION_READ_BYTES,
  MAX_TRANSACTION_READ_DOCUMENTS,
  MAX_TRANSACTION_READ_RANGES,
  MAX_TRANSACTION_WRITE_BYTES,
  MAX_TRANSACTION_WRITE_DOCUMENTS,
  MAX_VECTOR_FILTERS,
  MAX_VECTOR_RESULTS,
  VALUE_LIMITS,
} from "../../values/limits.ts";

/** Limits of one transaction, including everything it calls. Named as in Convex's `transactionLimits`. */
export interface TransactionLimits {
  /** Bytes of documents read. Default 16 MiB. */
  bytesRead: number;
  /** Documents read. Default 32 000. */
  documentsRead: number;
  /** Index ranges read, `get` included. Default 4096. */
  databaseQueries: number;
  /** Bytes of documents written. Default 16 MiB. */
  bytesWritten: number;
  /** Documents written. Default 16 000. */
  documentsWritten: number;
  /** Functions scheduled. Default 1000. */
  functionsScheduled: number;
  /** Bytes of the arguments of scheduled functions. Default 16 MiB. */
  scheduledFunctionArgsBytes: number;
  /** Files that a mutation stores. Default 10. */
  filesWritten: number;
  /** Their bytes. Default 16 MiB. */
  fileWriteBytes: number;
  /** Files that a mutation reads. Default 10. */
  filesRead: number;
  /** Their bytes. Default 16 MiB. */
  fileReadBytes: number;
}

/** All limits of an engine. The defaults are those of Convex's cloud; sizes are in bytes as Convex counts them. */
export interface EngineLimits extends TransactionLimits {
  /** Size of a document. Default 1 MiB. */
  documentBytes: number;
  /** Nesting of containers in a document. Default 16. */
  documentNesting: number;
  /** Length of the name of a field of a document itself. Default 64; fields within have names of up to 1024 characters. */
  fieldNameLength: number;
  /** Nesting of containers in any other value. Default 64. */
  valueNesting: number;
  /** Elements of an array. Default 8192. */
  arrayLength: number;
  /** Fields of an object; of a document, `_id` and `_creationTime` are among them. Default 1024. */
  objectFields: number;
  /** Size of the arguments of one call. Default 16 MiB. */
  argumentBytes: number;
  /** Size of the arguments of an action that Convex runs in Node. Default 5 MiB. */
  nodeArgumentBytes: number;
  /** Size of a return value. Default 16 MiB. */
  resultBytes: number;
  /** Size of the arguments of one scheduled function. Default 4 MiB. */
  scheduledArgumentBytes: number;
  /**
   * How long a query or a mutation may wait for something outside the engine, in ms. It is given up between once and
   * twice that time. Default 15 000. Enforced where the engine has a `watchdog`.
   */
  transactionMs: number;
  /**
   * How long an action may run, in ms. It is ended after that time, at most a sixteenth later. Default 1 800 000.
   * Enforced where the engine has a `watchdog`.
   */
  actionMs: number;
  /** Nesting of function calls, the outermost included. Default 8. */
  callDepth: number;
  /** Indexes of a table, of every kind. Default 64. */
  tableIndexes: number;
  /** Fields of an index, or filter fields of a search index. Default 16. */
  indexFields: number;
  /** Filters and limits of one query. Default 256. */
  queryOperators: number;
  /** Words of a text search that are used; the rest are ignored. Default 16. */
  searchTerms: number;
  /** Equality filters of a text search. Default 8. */
  searchFilters: number;
  /** Documents that a text search may look at. Default 1024. */
  searchCandidates: number;
  /** Results of a vector search. Default 256. */
  vectorResults: number;
  /** Conditions in the filter of a vector search. Default 64. */
  vectorFilters: number;
  /** Lines that a function and what it calls may write to the console. Default 256. */
  logLines: number;
  /** Length of such a line, in bytes of UTF-8. Default 32 KiB. */
  logLineLength: number;
}

/** Convex's own limits. */
export const CONVEX_LIMITS: Readonly<EngineLimits> = {
  bytesRead: MAX_TRANSACTION_READ_BYTES,
  documentsRead: MAX_TRANSACTION_READ_DOCUMENTS,
  databaseQueries: MAX_TRANSACTION_READ_RANGES,
  bytesWritten: MAX_TRANSACTION_WRITE_BYTES,
  documentsWritten: MAX_TRANSACTION_WRITE_DOCUMENTS,
  functionsScheduled: 1000,
  scheduledFunctionArgsBytes: 16 << 20,
  filesWritten: 10,
  fileWriteBytes: 16 << 20,
  filesRead: 10,
  fileReadBytes: 16 << 20,
  documentBytes: MAX_DOCUMENT_BYTES,
  documentNesting: MAX_DOCUMENT_NESTING,
  fieldNameLength: MAX_DOCUMENT_FIELD_NAME_LENGTH,
  ...VALUE_LIMITS,
  argumentBytes: MAX_ARGS_BYTES,
  nodeArgumentBytes: 5 << 20,
  resultBytes: MAX_RESULT_BYTES,
  scheduledArgumentBytes: 4 << 20,
  transactionMs: 15_000,
  actionMs: 30 * 60_000,
  callDepth: MAX_CALL_DEPTH,
  tableIndexes: MAX_TABLE_INDEXES,
  indexFields: MAX_INDEX_FIELDS,
  queryOperators: MAX_QUERY_OPERATORS,
  searchTerms: MAX_SEARCH_TERMS,
  searchFilters: MAX_SEARCH_FILTERS,
  searchCandidates: MAX_SEARCH_CANDIDATES,
  vectorResults: MAX_VECTOR_RESULTS,
  vectorFilters: MAX_VECTOR_FILTERS,
  logLines: 256,
  logLineLength: 32 << 10,
};

/** Limits of a transaction that has none. */
export const UNLIMITED: Readonly<TransactionLimits> = {
  bytesRead: Infinity,
  documentsRead: Infinity,
  databaseQueries: Infinity,
  bytesWritten: Infinity,
  documentsWritten: Infinity,
  functionsScheduled: Infinity,
  scheduledFunctionArgsBytes: Infinity,
  filesWritten: Infinity,
  fileWriteBytes: Infinity,
  filesRead: Infinity,
  fileReadBytes: Infinity,
};

/** Names of the limits of a transaction. */
export const TRANSACTION_LIMITS = Object.keys(
  UNLIMITED,
) as readonly (keyof TransactionLimits)[];

/**
 * Convex's limits with some of them changed. Throws `INVALID_ARGUMENT` for a name that is no limit, and for a value
 * that is neither a positive integer (or 0, for limits of a transaction) nor `Infinity`.
 */
export function resolveLimits(
  changes: Partial<EngineLimits> = {},
): EngineLimits {
  const limits: EngineLimits = { ...CONVEX_LIMITS };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(CONVEX_LIMITS, name)) {
      throw new EngineError(
        "INVALID_ARGUMENT",
        `limits: "${name.slice(0, 80)}" is not a limit; these are: ${
          Object.keys(CONVEX_LIMITS).join(", ")
        }`,
      );
    }
    const key = name as keyof EngineLimits;
    const least = (TRANSACTION_LIMITS as readonly string[]).includes(name)
      ? 0
      : 1;
    limits[key] = requireBound(`limits.${name}`, value, least);
  }
  return limits;
}

/**
 * Limits of a nested call: the usage when it begins plus the limits that the caller asks for, but never more than the
 * caller's own. Throws `INVALID_ARGUMENT`.
 */
export function nestedLimits(
  limits: TransactionLimits,
  asked: Partial<TransactionLimits>,
  used: (limit: keyof TransactionLimits) => number,
): TransactionLimits {
  const nested: TransactionLimits = { ...limits };
  for (const [name, value] of Object.entries(asked)) {
    if (value === undefined || !Object.hasOwn(limits, name)) continue;
    const bound = requireBound(`transactionLimits.${name}`, value, 0);
    const key = name as keyof TransactionLimits;
    nested[key] = Math.min(used(key) + bound, limits[key]);
  }
  return nested;
}

function requireBound(name: string, value: unknown, least: number): number {
  if (
    typeof value === "number" && value >= least &&
    (Number.isInteger(value) || value === Infinity)
  ) return value;
  throw new EngineError(
    "INVALID_ARGUMENT",
    `${name} must be an integer from ${least} on, or Infinity, got ${
      String(value).slice(0, 80)
    }`,
  );
}
