import { EngineError } from "../errors.ts";
import type { Value } from "../values/types.ts";
import { CallValues } from "./call_values.ts";
import {
  actionContext,
  mutationContext,
  queryContext,
  type Run,
  type RunOptions,
} from "./context.ts";
import {
  type FunctionDefinition,
  type FunctionRegistry,
  referenceName,
} from "./functions.ts";
import { checkLimit } from "./meter.ts";
import { Query, QueryInitializer } from "./query_builder.ts";
import type { SerialQueue } from "./queue.ts";
import { type Database, type PageJournal, Transaction } from "./transaction.ts";
import { vectorSearch } from "./vector_search.ts";

/** Runs functions: the ones called from outside and the ones that they call. */
export class Calls {
  readonly #database: Database;
  readonly #registry: FunctionRegistry;
  readonly #queue: SerialQueue;
  readonly #now: () => number;
  readonly #values: CallValues;

  /** Runs the registry's functions over the data, transactions one after another. */
  constructor(
    database: Database,
    registry: FunctionRegistry,
    queue: SerialQueue,
    now: () => number,
  ) {
    this.#database = database;
    this.#registry = registry;
    this.#queue = queue;
    this.#now = now;
    this.#values = new CallValues(database.catalog);
  }

  /** Runs a query or a mutation as a transaction of its own, when its turn comes. */
  transact(
    definition: FunctionDefinition,
    args: unknown,
    signal?: AbortSignal,
    journal?: PageJournal,
  ): Promise<Value> {
    // Copied now: the caller may change its object before the turn comes.
    const copy = this.#values.args(definition, args);
    return this.#queue.run(async () => {
      const isMutation = definition.type === "mutation";
      const transaction = Transaction.begin(
        this.#database,
        this.#now(),
        isMutation,
      );
      transaction.journal = journal;
      try {
        const result = await abortable(
          this.#invoke(definition, this.#contextOf(transaction), copy),
          signal,
        );
        if (isMutation) transaction.commit();
        return result;
      } finally {
        transaction.close();
      }
    }, signal);
  }

  /** Runs an action. It is no transaction: what it calls are. */
  act(
    definition: FunctionDefinition,
    args: unknown,
    signal: AbortSignal | undefined,
    depth: number,
  ): Promise<Value> {
    this.#checkDepth(depth);
    const copy = this.#values.args(definition, args);
    const inner = (type: "query" | "mutation") =>
    (
      reference: unknown,
      innerArgs: unknown = {},
    ): Promise<Value> =>
      rejecting(() =>
        this.transact(
          this.#registry.find(referenceName(reference), type, false),
          innerArgs,
          signal,
        )
      );
    const context = actionContext({
      runQuery: inner("query"),
      runMutation: inner("mutation"),
      runAction: (reference, innerArgs = {}) =>
        rejecting(() =>
          this.act(
            this.#registry.find(referenceName(reference), "action", false),
            innerArgs,
            signal,
            depth + 1,
          )
        ),
      vectorSearch: (table, index, query) =>
        this.#queue.run(
          // deno-lint-ignore require-await -- errors must reject
          async () => vectorSearch(this.#database, table, index, query),
          signal,
        ),
    });
    return abortable(this.#invoke(definition, context, copy), signal);
  }

  #contextOf(transaction: Transaction): unknown {
    const runQuery: Run = (reference, args = {}, options = {}) =>
      this.#nested(transaction, "query", reference, args, options);
    if (!transaction.writable) return queryContext(transaction, runQuery);
    return mutationContext(
      transaction,
      runQuery,
      (reference, args = {}, options = {}) =>
        transaction.inTurn(() =>
          this.#nested(transaction, "mutation", reference, args, options)
        ),
    );
  }

  /** Runs a function inside a transaction. When it throws, what it wrote is gone, and only that. */
  async #nested(
    parent: Transaction,
    type: "query" | "mutation",
    reference: unknown,
    args: unknown,
    { transactionLimits }: RunOptions,
  ): Promise<Value> {
    const definition = this.#registry.find(
      referenceName(reference),
      type,
      false,
    );
    this.#checkDepth(parent.depth + 1);
    const copy = this.#values.args(definition, args);
    const transaction = parent.child(
      type === "mutation",
      transactionLimits,
    );
    try {
      const result = await this.#invoke(
        definition,
        this.#contextOf(transaction),
        copy,
      );
      if (type === "mutation") transaction.commit();
      return result;
    } finally {
      transaction.close();
    }
  }

  #checkDepth(depth: number): void {
    const { callDepth } = this.#database.catalog.limits;
    checkLimit("depth of nested function calls", depth, callDepth);
  }

  async #invoke(
    definition: FunctionDefinition,
    context: unknown,
    args: { [name: string]: Value },
  ): Promise<Value> {
    const result = await definition.handler(context, args);
    if (result instanceof Query || result instanceof QueryInitializer) {
      throw new EngineError(
        "RETURN_VALIDATION",
        "Return value is a Query. Results must be retrieved with `.collect()`, `.take(n), `.unique()`, or `.first()`.",
      );
    }
    return this.#values.result(definition, result);
  }
}

/** Turns what is thrown before the first promise into a rejection. */
async function rejecting<T>(run: () => Promise<T>): Promise<T> {
  return await run();
}

/** The promise, or a rejection with the signal's reason when that comes first. */
function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() =>
      signal.removeEventListener("abort", abort)
    );
  });
}
