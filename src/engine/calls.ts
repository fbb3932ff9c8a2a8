import { EngineError, isCortexError } from "../errors.ts";
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
import type { UserIdentity } from "./identity.ts";
import type { LiveCall, LiveResult } from "./live_queries.ts";
import { checkLimit } from "./meter.ts";
import { Overlay } from "./overlay.ts";
import { Query, QueryInitializer } from "./query_builder.ts";
import type { SerialQueue } from "./queue.ts";
import type { ReadSet } from "./read_set.ts";
import {
  findAnswer,
  keepAnswer,
  type SessionRequest,
} from "./session_requests.ts";
import { type Database, type PageJournal, Transaction } from "./transaction.ts";
import { vectorSearch } from "./vector_search.ts";

type Args = { [name: string]: Value };

/** How a call from outside is made. */
export interface CallSettings {
  /** Gives the call up. */
  signal?: AbortSignal;
  /** Who calls. Default null: nobody known. */
  identity?: UserIdentity | null;
  /** Whether internal functions may be called, too: by an admin. Default false. */
  mayCallInternal?: boolean;
  /** Of a mutation: told when it is committed and not yet durable. */
  onCommit?: (ts: bigint) => void;
  /** Of a query: where its page ended when it ran before, and ends now. */
  journal?: PageJournal;
  /** Of a query: a state of the past to run on. Default: the latest. */
  ts?: bigint;
  /** Of a mutation: a name for the request. It is run once, and every later request of this name gets the first answer. */
  request?: SessionRequest;
}

/** What a call from outside leaves behind. */
export interface CallOutcome {
  /** Its result. */
  value: Value;
  /** What it wrote to the console. */
  logLines: readonly string[];
  /** The state that has what a mutation wrote, or that a query read; after an action, the latest. */
  ts: bigint;
}

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
    settings: CallSettings = {},
  ): Promise<CallOutcome> {
    // Copied now: the caller may change its object before the turn comes.
    const copy = this.#values.args(definition, args);
    const { signal } = settings;
    return this.#queue.run(
      () => this.#runTransaction(definition, copy, settings),
      signal,
    );
  }

  async #runTransaction(
    definition: FunctionDefinition,
    args: Args,
    { signal, identity, journal, ts, request, onCommit }: CallSettings,
  ): Promise<CallOutcome> {
    const { commits, store } = this.#database;
    const writable = definition.type === "mutation";
    const done = request && findAnswer(store, request);
    if (done) return done;
    const transaction = Transaction.begin(this.#database, {
      startMs: this.#now(),
      writable,
      identity,
      journal,
      rows: ts === undefined ? undefined : commits.at(ts),
    });
    try {
      const value = await abortable(
        this.#invoke(definition, this.#contextOf(transaction), args),
        signal,
      );
      const outcome = { value, logLines: [], ts: commits.next() };
      if (!writable) return { ...outcome, ts: ts ?? commits.latest };
      if (request) {
        keepAnswer(transaction.rows, store, request, outcome, this.#now());
      }
      const committed = transaction.commit(outcome.ts);
      onCommit?.(committed);
      return { ...outcome, ts: committed };
    } finally {
      transaction.close();
    }
  }

  /** Runs a query that is followed, noting what it reads. Only in a turn of the queue. Never rejects. */
  async follow(call: LiveCall, reads: ReadSet): Promise<LiveResult> {
    const { name, args, identity, mayCallInternal = false, journal } = call;
    const page: PageJournal = journal === null ? {} : { endCursor: journal };
    const transaction = Transaction.begin(this.#database, {
      startMs: this.#now(),
      writable: false,
      identity,
      journal: page,
      rows: new Overlay(this.#database.store, undefined, reads),
    });
    const logLines: string[] = [];
    try {
      const definition = this.#registry.find(name, "query", !mayCallInternal);
      const value = await this.#invoke(
        definition,
        this.#contextOf(transaction),
        this.#values.args(definition, args),
      );
      return { ok: true, value, logLines, journal: page.endCursor ?? null };
    } catch (error) {
      if (journal !== null && hasCode(error, "INVALID_CURSOR")) {
        // A journal comes from outside, perhaps from an earlier version of the function: begin anew.
        return await this.follow({ ...call, journal: null }, reads);
      }
      return { ok: false, error, logLines, journal };
    } finally {
      transaction.close();
    }
  }

  /** Runs an action. It is no transaction: what it calls are. */
  act(
    definition: FunctionDefinition,
    args: unknown,
    settings: CallSettings,
    depth: number,
  ): Promise<Value> {
    this.#checkDepth(depth);
    const copy = this.#values.args(definition, args);
    const { signal, identity = null } = settings;
    const inner =
      (type: "query" | "mutation") =>
      async (reference: unknown, innerArgs: unknown = {}): Promise<Value> => {
        const { value } = await this.transact(
          this.#registry.find(referenceName(reference), type, false),
          innerArgs,
          { signal, identity },
        );
        return value;
      };
    const context = actionContext(identity, {
      runQuery: inner("query"),
      runMutation: inner("mutation"),
      runAction: (reference, innerArgs = {}) =>
        rejecting(() =>
          this.act(
            this.#registry.find(referenceName(reference), "action", false),
            innerArgs,
            { signal, identity },
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
    args: Args,
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

function hasCode(error: unknown, code: string): boolean {
  return isCortexError(error) && error.code === code;
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
