/** Convex's limits on values, documents and transactions, as named numbers. Sizes are in bytes of `valueSize`. */

/** Largest document: 1 MiB. */
export const MAX_DOCUMENT_BYTES = 1 << 20;
/** Deepest nesting of containers in a document. */
export const MAX_DOCUMENT_NESTING = 16;
/** Deepest nesting of containers in any other value, such as arguments. */
export const MAX_VALUE_NESTING = 64;
/** Most elements of an array. */
const MAX_ARRAY_LENGTH = 8192;
/** Most fields of an object. */
export const MAX_OBJECT_FIELDS = 1024;
/** Longest name of a nested field, in characters. */
export const MAX_FIELD_NAME_LENGTH = 1024;
/** Longest name of a field of a document itself, in characters. */
export const MAX_DOCUMENT_FIELD_NAME_LENGTH = 64;
/** Largest arguments of one call: 16 MiB. */
export const MAX_ARGS_BYTES = 16 << 20;
/** Largest return value of one call: 16 MiB. */
export const MAX_RESULT_BYTES = 16 << 20;
/** Most bytes of documents that one transaction may read: 16 MiB. */
export const MAX_TRANSACTION_READ_BYTES = 16 << 20;
/** Most documents that one transaction may read. */
export const MAX_TRANSACTION_READ_DOCUMENTS = 32_000;
/** Most index ranges that one transaction may read. */
export const MAX_TRANSACTION_READ_RANGES = 4096;
/** Most bytes of documents that one transaction may write: 16 MiB. */
export const MAX_TRANSACTION_WRITE_BYTES = 16 << 20;
/** Most documents that one transaction may write. */
export const MAX_TRANSACTION_WRITE_DOCUMENTS = 16_000;
/** Deepest chain of functions that call functions. */
export const MAX_CALL_DEPTH = 8;
/** Most indexes of one table. */
export const MAX_TABLE_INDEXES = 64;
/** Most fields of one index. */
export const MAX_INDEX_FIELDS = 16;
/** Most operators of one query. */
export const MAX_QUERY_OPERATORS = 256;
/** Most terms of a text search that count; the rest is ignored. */
export const MAX_SEARCH_TERMS = 16;
/** Most filters of a text search. */
export const MAX_SEARCH_FILTERS = 8;
/** Most documents that one text search may look at. */
export const MAX_SEARCH_CANDIDATES = 1024;
/** Most results of one vector search. */
export const MAX_VECTOR_RESULTS = 256;
/** Most conditions in the filter of one vector search. */
export const MAX_VECTOR_FILTERS = 64;
/** Fewest dimensions of a vector index. */
export const MIN_VECTOR_DIMENSIONS = 2;
/** Most dimensions of a vector index. */
export const MAX_VECTOR_DIMENSIONS = 4096;
/** Smallest int64. */
export const MIN_INT64: bigint = -(2n ** 63n);
/** Largest int64. */
export const MAX_INT64: bigint = 2n ** 63n - 1n;

/** Limits on the structure of a value. */
export interface ValueLimits {
  /** Nesting of containers. */
  valueNesting: number;
  /** Elements of an array. */
  arrayLength: number;
  /** Fields of an object. */
  objectFields: number;
}

/** The limits of any value. */
export const VALUE_LIMITS: Readonly<ValueLimits> = {
  valueNesting: MAX_VALUE_NESTING,
  arrayLength: MAX_ARRAY_LENGTH,
  objectFields: MAX_OBJECT_FIELDS,
};
