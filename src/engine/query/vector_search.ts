import { EngineError } from "../../errors.ts";
import { copyValue } from "../../values/copy.ts";
import { encodeKey, prefixEnd } from "../../values/key.ts";
import type { VectorIndexInfo } from "../schema/catalog.ts";
import { type Document, splitPath } from "../rows/fields.ts";
import { noIndex } from "../plan/no_index.ts";
import { parseDocument } from "../rows/stored_document.ts";
import { TopMatches } from "../search/top_matches.ts";
import type { VectorResult, VectorScan } from "../plan/vector_scan.ts";
import { searchError } from "./search_errors.ts";
import type { Database } from "../transaction/transaction.ts";

const DEFAULT_RESULTS = 10;

/** Argument of `ctx.vectorSearch`. */
export interface VectorQuery {
  /** Numbers, as many as the index has dimensions. */
  vector: number[];
  /** Results at most, 1 to 256. Default 10. */
  limit?: number;
  /** Made of `q.eq(field, value)` and `q.or(…)`. */
  filter?: (q: VectorFilterBuilder) => unknown;
}

/** The `q` that the filter of a vector search gets. */
export interface VectorFilterBuilder {
  /** The field has this value. */
  eq(fieldName: string, value: unknown): VectorFilter;
  /** One of the conditions holds. */
  or(...filters: VectorFilter[]): VectorFilter;
}

/** A field that must have a value. */
interface Condition {
  fieldPath: string;
  value: unknown;
}

/** Conditions of which one must hold. */
class VectorFilter {
  readonly conditions: readonly Condition[];

  constructor(conditions: readonly Condition[]) {
    this.conditions = conditions;
  }
}

/** Documents of the committed data whose vectors are nearest by angle, nearest first. Exact. */
export function vectorSearch(
  database: Database,
  tableName: string,
  indexName: string,
  query: VectorQuery,
): VectorResult[] {
  const table = database.catalog.find(tableName);
  const index = table?.vectorIndexes.get(indexName);
  if (!index) throw noIndex(table, tableName, indexName, { type: "vector" });
  const { vector, limit = DEFAULT_RESULTS, filter } = query ?? {};
  const { nearest } = database.behaviour;
  if (nearest) {
    checkVector(index, vector, vector?.length);
    const conditions = filter && scanned(index, filter(builder()));
    const { path } = index;
    const documents = documentsOf(database, tableName);
    return nearest({ documents, path, vector, conditions }).slice(0, limit);
  }
  checkVector(index, vector, index.dimensions);
  const { vectorResults, vectorFilters } = database.catalog.limits;
  checkLimit(limit, vectorResults);
  const matches = new TopMatches(limit);
  const filters = filter && readFilter(index, filter(builder()), vectorFilters);
  database.caches.vector(index).search(vector, filters, matches);
  return matches.sorted().map(({ id, score }) => ({ _id: id, _score: score }));
}

function* documentsOf(
  { store, catalog }: Database,
  tableName: string,
): IterableIterator<Document> {
  const { prefix } = catalog.find(tableName)!;
  const range = { start: prefix, end: prefixEnd(prefix) };
  for (const { key, value } of store.scan(range)) {
    yield parseDocument(key, value);
  }
}

function builder(): VectorFilterBuilder {
  return {
    eq: (fieldPath, value) => {
      if (typeof fieldPath !== "string") {
        throw new Error("The first argument to `q.eq` must be a field name.");
      }
      return new VectorFilter([{ fieldPath, value }]);
    },
    or: (...filters) =>
      new VectorFilter(filters.flatMap((filter) => filter.conditions)),
  };
}

function conditionsOf(
  index: VectorIndexInfo,
  filter: unknown,
): readonly Condition[] {
  if (filter instanceof VectorFilter) return filter.conditions;
  throw searchError(
    `the filter of a vector search of ${index.label} must be made of q.eq and q.or, got ${typeof filter}`,
  );
}

/** The conditions of a filter, which may be on any fields, for a scan. */
function scanned(
  index: VectorIndexInfo,
  filter: unknown,
): VectorScan["conditions"] {
  return conditionsOf(index, filter).map(({ fieldPath, value }) => ({
    path: splitPath(fieldPath),
    key: filterKey(value),
  }));
}

function filterKey(value: unknown): string {
  return encodeKey([
    value === undefined ? undefined : copyValue(value, "vector filter"),
  ]);
}

function readFilter(
  index: VectorIndexInfo,
  filter: unknown,
  vectorFilters: number,
): { field: number; value: string }[] {
  const conditions = conditionsOf(index, filter);
  if (conditions.length > vectorFilters) {
    throw new EngineError(
      "LIMIT_EXCEEDED",
      `number of filter conditions of a vector search of ${index.label} is ${conditions.length}, the limit is ${vectorFilters}`,
    );
  }
  return conditions.map(({ fieldPath, value }) => {
    const field = index.filterFields.indexOf(fieldPath);
    if (field < 0) {
      throw searchError(
        `filter on field "${
          fieldPath.slice(0, 80)
        }", which is not a filter field of index ${index.label}: ${
          JSON.stringify(index.filterFields)
        }`,
      );
    }
    return { field, value: filterKey(value) };
  });
}

function checkVector(
  index: VectorIndexInfo,
  vector: unknown,
  dimensions: number,
): void {
  if (!Array.isArray(vector) || vector.length === 0) {
    throw searchError("`vector` must be a non-empty Array in vectorSearch");
  }
  if (vector.length !== dimensions) {
    throw searchError(
      `the vector has ${vector.length} dimensions, but index ${index.label} has ${dimensions}`,
    );
  }
  const wrong = vector.findIndex((element) => !Number.isFinite(element));
  if (wrong >= 0) {
    throw searchError(
      `vector[${wrong}] must be a finite number, got ${
        String(vector[wrong]).slice(0, 80)
      }`,
    );
  }
}

function checkLimit(limit: unknown, vectorResults: number): void {
  if (Number.isInteger(limit) && (limit as number) >= 1) {
    if ((limit as number) <= vectorResults) return;
    throw new EngineError(
      "LIMIT_EXCEEDED",
      `Vector queries can fetch at most ${vectorResults} results, requested ${limit}.`,
    );
  }
  throw searchError(
    `\`limit\` must be an integer from 1 to ${vectorResults}, got ${
      String(limit).slice(0, 80)
    }`,
  );
}
