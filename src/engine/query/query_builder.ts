import { EngineError } from "../../errors.ts";
import type { Document } from "../rows/fields.ts";
import type { FilterPredicate } from "../plan/filter.ts";
import { IndexRangeBuilder } from "../plan/index_range_builder.ts";
import type { PaginationOptions } from "../plan/page_rules.ts";
import { type PaginationResult, runPaginated } from "./pagination.ts";
import type { QueryPlan } from "../plan/query_plan.ts";
import { collectQuery, countDocuments, runQuery } from "./query_run.ts";
import { requireArgument } from "../plan/require_argument.ts";
import { SearchFilterBuilder } from "../plan/search_filter.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** A query that can be ordered, filtered and read once. */
export class Query {
  readonly #transaction: Transaction;
  readonly #plan: QueryPlan;
  #state: "preparing" | "closed" | "executing" | "consumed" = "preparing";
  #rows: IterableIterator<Document> | undefined;

  /** Wraps a plan. */
  constructor(transaction: Transaction, plan: QueryPlan) {
    this.#transaction = transaction;
    this.#plan = plan;
  }

  /** Reads the index in this direction. */
  order(order: "asc" | "desc"): Query {
    const plan = this.#take();
    if (plan.source.type === "search") {
      throw new Error(
        "Search queries must always be in relevance order. Can not set order manually.",
      );
    }
    if (plan.order !== null) {
      throw new Error("Queries may only specify order at most once");
    }
    if (order !== "asc" && order !== "desc") {
      throw new EngineError(
        "INVALID_ARGUMENT",
        `order must be "asc" or "desc", got ${String(order).slice(0, 80)}`,
      );
    }
    return new Query(this.#transaction, { ...plan, order });
  }

  /** Keeps the documents for which the expression is true. */
  filter(predicate: FilterPredicate): Query {
    requireArgument(predicate, 1, "filter", "predicate");
    const { behaviour } = this.#transaction.database;
    return this.#with({ filter: behaviour.filter(predicate) });
  }

  /** Keeps the first `n` documents. */
  limit(n: number): Query {
    return this.#with({ limit: n });
  }

  /** Every document. */
  async collect(): Promise<Document[]> {
    const { ongoing } = this.#transaction;
    if (ongoing) await ongoing;
    return this.#collect();
  }

  /** The first `n` documents. */
  async take(n: number): Promise<Document[]> {
    const { ongoing } = this.#transaction;
    if (ongoing) await ongoing;
    return this.#first(n);
  }

  /** The first document, or null. */
  async first(): Promise<Document | null> {
    const { ongoing } = this.#transaction;
    if (ongoing) await ongoing;
    return this.#first(1)[0] ?? null;
  }

  /** The only document, or null. Rejects when there are two. */
  async unique(): Promise<Document | null> {
    const { ongoing } = this.#transaction;
    if (ongoing) await ongoing;
    const [first, second] = this.#first(2);
    if (second) {
      this.#fail(
        "NOT_UNIQUE",
        `unique() query returned more than one result from table ${this.#plan.tableName}:\n [${
          first!._id
        }, ${second._id}, ...]`,
      );
    }
    return first ?? null;
  }

  #collect(): Document[] {
    this.#begin();
    this.#state = "consumed";
    return this.#rewordErrors(() =>
      collectQuery(this.#transaction, this.#plan)
    );
  }

  #first(n: number): Document[] {
    requireArgument(n, 1, "take", "n");
    if (!Number.isInteger(n) || n < 0) {
      const { tellsWrongCounts } = this.#transaction.database.behaviour;
      const got = tellsWrongCounts ? `, got ${String(n).slice(0, 80)}` : "";
      throw new TypeError(
        `Arg 1 \`n\` to \`take\` must be a non-negative integer${got}`,
      );
    }
    return this.limit(n).#collect();
  }

  /** One page. */
  async paginate(options: PaginationOptions): Promise<PaginationResult> {
    const { ongoing } = this.#transaction;
    if (ongoing) await ongoing;
    requireArgument(options, 1, "paginate", "options");
    const plan = this.#take();
    return this.#rewordErrors(() =>
      runPaginated(this.#transaction, plan, options)
    );
  }

  /** Reads the documents one after another. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Document> {
    this.#rows = this.#start();
    return this as unknown as AsyncIterableIterator<Document>;
  }

  /** The next document. */
  async next(): Promise<IteratorResult<Document>> {
    const { ongoing } = this.#transaction;
    if (ongoing) await ongoing;
    if (this.#state === "preparing") this.#rows = this.#start();
    if (this.#state !== "executing") this.#refuse();
    const result = this.#rewordErrors(() => this.#rows!.next());
    if (result.done) this.#state = "consumed";
    return result;
  }

  /** Ends the iteration early. */
  return(): Promise<IteratorResult<Document>> {
    this.#rows?.return?.();
    this.#state = "consumed";
    return Promise.resolve({ done: true, value: undefined });
  }

  #fail(code: string, message: string): never {
    return this.#rewordErrors(() => {
      throw new EngineError(code, message);
    });
  }

  #rewordErrors<T>(read: () => T): T {
    const { reword } = this.#transaction.database.behaviour;
    if (!reword) return read();
    try {
      return read();
    } catch (error) {
      throw reword(error);
    }
  }

  #with(operator: QueryPlan["operators"][number]): Query {
    const plan = this.#take();
    const { queryOperators } = this.#transaction.database.catalog.limits;
    if (plan.operators.length >= queryOperators) {
      throw new EngineError(
        "LIMIT_EXCEEDED",
        `Can't construct query with more than ${queryOperators} operators`,
      );
    }
    return new Query(this.#transaction, {
      ...plan,
      operators: [...plan.operators, operator],
    });
  }

  #take(): QueryPlan {
    if (this.#state !== "preparing") {
      throw new Error(
        "A query can only be chained once and can't be chained after iteration begins.",
      );
    }
    this.#state = "closed";
    return this.#plan;
  }

  #start(): IterableIterator<Document> {
    this.#begin();
    return runQuery(this.#transaction, this.#plan);
  }

  #begin(): void {
    if (this.#state === "executing") {
      throw new Error("Iteration can only begin on a query once.");
    }
    if (this.#state !== "preparing") this.#refuse();
    this.#state = "executing";
  }

  #refuse(): never {
    throw new Error(
      this.#state === "consumed"
        ? "This query is closed and can't emit any more values."
        : "This query has been chained with another operator and can't be reused.",
    );
  }
}

/** Returned by `ctx.db.query(table)`: a query whose index is not chosen yet. */
export class QueryInitializer {
  readonly #transaction: Transaction;
  readonly #tableName: string;

  /** Begins a query of a table. */
  constructor(transaction: Transaction, tableName: string) {
    this.#transaction = transaction;
    this.#tableName = tableName;
  }

  /** Reads a range of an index. */
  withIndex(
    indexName: string,
    indexRange?: (q: IndexRangeBuilder) => IndexRangeBuilder,
  ): Query {
    requireArgument(indexName, 1, "withIndex", "indexName");
    const builder = new IndexRangeBuilder();
    const terms = (indexRange ? indexRange(builder) : builder).export();
    return this.#query({ type: "index", indexName, terms });
  }

  /** Searches text, best matches first. */
  withSearchIndex(
    indexName: string,
    searchFilter: (q: SearchFilterBuilder) => SearchFilterBuilder,
  ): Query {
    requireArgument(indexName, 1, "withSearchIndex", "indexName");
    requireArgument(searchFilter, 2, "withSearchIndex", "searchFilter");
    return this.#query({
      type: "search",
      indexName,
      ...searchFilter(new SearchFilterBuilder()).export(),
    });
  }

  /** Reads the whole table by creation time. */
  fullTableScan(): Query {
    return this.withIndex("by_creation_time");
  }
  /** Reads the table by creation time in this direction. */
  order(order: "asc" | "desc"): Query {
    return this.fullTableScan().order(order);
  }
  /** Filters the whole table. */
  filter(predicate: FilterPredicate): Query {
    return this.fullTableScan().filter(predicate);
  }
  /** The first `n` documents by creation time. */
  limit(n: number): Query {
    return this.fullTableScan().limit(n);
  }
  /** Every document of the table. */
  collect(): Promise<Document[]> {
    return this.fullTableScan().collect();
  }
  /** The first `n` documents by creation time. */
  take(n: number): Promise<Document[]> {
    return this.fullTableScan().take(n);
  }
  /** The first document by creation time. */
  first(): Promise<Document | null> {
    return this.fullTableScan().first();
  }
  /** The only document of the table. */
  unique(): Promise<Document | null> {
    return this.fullTableScan().unique();
  }
  /** Number of documents in the table. */
  async count(): Promise<number> {
    const { ongoing } = this.#transaction;
    if (ongoing) await ongoing;
    this.#transaction.assertOpen();
    return countDocuments(this.#transaction, this.#tableName);
  }
  /** One page of the table by creation time. */
  paginate(options: PaginationOptions): Promise<PaginationResult> {
    return this.fullTableScan().paginate(options);
  }
  /** Reads the table by creation time. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Document> {
    return this.fullTableScan()[Symbol.asyncIterator]();
  }

  #query(source: QueryPlan["source"]): Query {
    return new Query(this.#transaction, {
      tableName: this.#tableName,
      source,
      order: null,
      operators: [],
    });
  }
}

/** Passes a function's result through. Throws if it is a query that was never read. */
export function refuseQuery<T>(result: T): T {
  if (!(result instanceof Query || result instanceof QueryInitializer)) {
    return result;
  }
  throw new Error(
    "Return value is a Query. Results must be retrieved with `.collect()`, `.take(n), `.unique()`, or `.first()`.",
  );
}
