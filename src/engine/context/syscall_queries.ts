import { CommitTsPlaceholder } from "../../values/commit_ts.ts";
import type { JsonValue, Value } from "../../values/types.ts";
import { pendingToValue } from "../rows/commit_ts.ts";
import { filterBuilder } from "../plan/filter.ts";
import type { Query, QueryInitializer } from "../query/query_builder.ts";
import type { Run } from "../run/run.ts";
import type { VectorFilterBuilder } from "../query/vector_search.ts";

/** The part of `ctx.db` that system calls use. */
export interface DatabaseContext {
  /** The same over system tables. */
  system: DatabaseContext;
  /** Reads a document. */
  get(...args: unknown[]): Promise<unknown>;
  /** Begins a query. */
  query(table: string): QueryInitializer;
  /** Checks an id. */
  normalizeId(table: string, id: string): string | null;
  /** Stores a document. */
  insert(...args: unknown[]): Promise<string>;
  /** Changes a document. */
  patch(...args: unknown[]): Promise<void>;
  /** Swaps a document's fields. */
  replace(...args: unknown[]): Promise<void>;
  /** Removes a document. */
  delete(...args: unknown[]): Promise<void>;
}

type Json = { [name: string]: JsonValue };
/** A builder whose method is chosen by a name in JSON. */
type Chain = { [method: string]: (...args: unknown[]) => Chain };

/** Queries that system calls read row by row. */
export class SyscallQueries {
  readonly #open: Map<number, { query: Query; run: Run }> = new Map();
  #nextId = 0;

  /** Keeps a query until its transaction ends. */
  open(run: Run, query: Query): { queryId: number } {
    for (const [id, { run: other }] of this.#open) {
      if (other.parts.transaction?.isOpen === false) this.#open.delete(id);
    }
    const queryId = this.#nextId++;
    this.#open.set(queryId, { query, run });
    return { queryId };
  }

  /** The next row. */
  async next(queryId: number): Promise<{ value: Value; done: boolean }> {
    const found = this.#open.get(queryId);
    if (!found) throw new Error(`there is no query ${queryId}`);
    const { value, done = false } = await found.query.next();
    return { value: (value ?? null) as Value, done };
  }

  /** Forgets a query. */
  close(queryId: number): null {
    this.#open.delete(queryId);
    return null;
  }
}

/** The query that a system call describes. */
export function openQuery(
  db: DatabaseContext,
  { source, operators }: Json,
): Query {
  let query = sourceOf(db, source as Json);
  for (const operator of operators as Json[]) {
    query = "filter" in operator
      ? query.filter(() => expression(operator.filter!))
      : query.limit(Number(operator.limit));
  }
  return query;
}

/** Fields of a patch; `$undefined` removes one. */
export function patchFromJson(
  json: Json,
  commitTs: object,
): { [field: string]: unknown } {
  return Object.fromEntries(
    Object.entries(json).map((
      [field, value],
    ) => [field, literal(value, commitTs)]),
  );
}

/** The filter of a vector search that a system call describes. */
export function vectorFilter(json: Json) {
  const build = (q: VectorFilterBuilder, node: Json): unknown => {
    if (node.$or) {
      return q.or(
        ...(node.$or as Json[]).map((part) =>
          build(q, part) as Parameters<typeof q.or>[0]
        ),
      );
    }
    const [field, value] = node.$eq as [Json, Json];
    return q.eq(String(field.$field), literal(value.$literal!));
  };
  return (q: VectorFilterBuilder): unknown => build(q, json);
}

function sourceOf(db: DatabaseContext, source: Json): Query {
  const [tableName = "", indexName = ""] = String(
    source.tableName ?? source.indexName,
  ).split(".");
  const table = (tableName.startsWith("_") ? db.system : db).query(tableName);
  if (source.type === "Search") {
    return table.withSearchIndex(indexName, (q) => {
      let chain = q as unknown as Chain;
      for (const { type, fieldPath, value } of source.filters as Json[]) {
        chain = type === "Search"
          ? chain.search!(fieldPath, value)
          : chain.eq!(fieldPath, literal(value!));
      }
      return chain as unknown as typeof q;
    });
  }
  const query = source.type === "IndexRange"
    ? table.withIndex(indexName, (q) => {
      let chain = q as unknown as Chain;
      for (const { type, fieldPath, value } of source.range as Json[]) {
        chain = chain[String(type).toLowerCase()]!(fieldPath, literal(value!));
      }
      return chain as unknown as typeof q;
    })
    : table.fullTableScan();
  return source.order === null || source.order === undefined
    ? query
    : query.order(source.order as "asc" | "desc");
}

function expression(json: JsonValue): unknown {
  if (json === null || typeof json !== "object" || Array.isArray(json)) {
    return literal(json);
  }
  const [entry, ...more] = Object.entries(json);
  if (!entry || more.length > 0) return literal(json);
  const [name, operand] = entry;
  if (name === "$field") return filterBuilder.field(String(operand));
  if (name === "$literal") return literal(operand);
  const build = (filterBuilder as unknown as {
    [name: string]: ((...operands: unknown[]) => unknown) | undefined;
  })[name.slice(1)];
  if (!name.startsWith("$") || !build) return literal(json);
  const operands = Array.isArray(operand) ? operand : [operand];
  return build(...operands.map(expression));
}

/** A value in a query. Any placeholder for the timestamp of the commit will do, as all of them sort alike. */
function literal(
  json: JsonValue,
  commitTs: object = new CommitTsPlaceholder(),
): Value | undefined {
  const isUndefined = json !== null && typeof json === "object" &&
    !Array.isArray(json) && "$undefined" in json;
  return isUndefined ? undefined : pendingToValue(json, commitTs);
}
