import type { JsonValue, Value } from "../../values/types.ts";
import type { Behaviour } from "../behaviour.ts";
import type { Component } from "../components.ts";
import type { Executions } from "../calls/executions.ts";
import type { FunctionType } from "../calls/functions.ts";
import type { TransactionLimits } from "../limits.ts";
import type { SchemaJson } from "../schema/schema.ts";
import type { Run } from "../run/run.ts";
import type {
  Compat,
  Transaction,
  Wording,
} from "../transaction/transaction.ts";

/** Address and credentials of a service that Convex's cloud offers to actions. */
export interface ServiceAccess {
  /** Its origin, without a slash at the end. */
  url: string;
  /** The bearer token, or a function that returns one, called by each `getServiceToken`. */
  token: string | (() => string | Promise<string>);
}

/** What is told of the deployment. */
export interface Deployment {
  /** Where `/api/storage` is served, such as `http://127.0.0.1:3210`. */
  url: string;
  /** Its name. */
  name: string;
  /** Whose answer wins where `convex-test` contradicts Convex. */
  compat: Compat;
  /** In what the engine can behave in one way or another. */
  behaviour: Behaviour;
  /**
   * Whether each function has globals of its own, so that what it assigns to one is not seen by others. Costs some 10 µs
   * a call, and leaves accessors in the place of the host's globals until the engine is closed. Default false.
   */
  hasOwnGlobals?: boolean;
  /**
   * Whether each scheduled function has a timer of its own and runs when that fires, whatever the clock says, as tests
   * that count and advance timers expect. Default false: one timer for all of them.
   */
  hasTimerEach?: boolean;
  /**
   * What each scheduled function waits for, in progress, before it runs; that it has run is noted in a transaction of
   * its own then. Default: nothing, and a mutation is never seen in progress.
   */
  beforeJob?: (isAction: boolean) => Promise<void>;
  /** What each function that an action calls waits for before it begins. Default: nothing. */
  beforeCall?: (type: "query" | "mutation" | "action") => Promise<void>;
  /** Whether a function that is not there has a handle, and is scheduled and fails when it is due. Default: both are refused. */
  allowsMissing?: boolean;
  /** Whether an index may end in `_creationTime`, as schemas that are never deployed do. Default: it is refused. */
  mayIndexTime?: boolean;
  /** Refuses a schema for reasons of its own. */
  checkSchema?: (schema: SchemaJson) => void;
  /** Puts errors into other words. Default: Convex's. */
  wording?: Wording;
  /** Tells who observes of the functions that run. Default: nobody. */
  executions?: Executions;
  /** Services by name, such as `ai-gateway`. Default: none. */
  services?: { [name: string]: ServiceAccess };
  /** Receives entries of the audit log. Default: nobody. */
  audit?: (entry: JsonValue) => void;
  /** Gives what stands for the timestamp of a commit to come, always the same. Default: an object of the engine's own. */
  commitTs?: () => object;
}

/** The third argument of `ctx.runQuery` and `ctx.runMutation`. */
export interface RunOptions {
  /** What the call may use; more than the call around it has left is not to be had. */
  transactionLimits?: Partial<TransactionLimits>;
  /** Of a query in a mutation: whether it sees the data as it was before the mutation. Default false. */
  useStaleSnapshot?: boolean;
}

/** How work is run in a transaction of its own. */
export interface TransactionOptions {
  /** Whose tables it is about. */
  component: Component;
  /** Whether it may write. */
  writable: boolean;
  /** Gives it up. */
  signal?: AbortSignal | undefined;
  /** Tells the present time in ms, for code to which time goes on. Default: it stands still. */
  now?: (() => number) | undefined;
  /** What it may use. Default: what every transaction may. */
  limits?: TransactionLimits;
}

/** What a `ctx` needs of the engine. */
export interface ContextHost {
  /** What is told of the deployment. */
  readonly deployment: Deployment;
  /** Runs what a running function calls. */
  called(
    run: Run,
    type: FunctionType,
    reference: unknown,
    args?: unknown,
    options?: RunOptions,
  ): Promise<Value>;
  /** The handle of a function that a run names. */
  handle(run: Run, reference: unknown): Promise<string>;
  /** Runs work in a transaction of its own. */
  transaction<T>(
    options: TransactionOptions,
    work: (transaction: Transaction) => T | Promise<T>,
  ): Promise<T>;
  /** Keeps a function call for later. Returns its id in `_scheduled_functions`. */
  schedule(
    run: Run,
    reference: unknown,
    args: unknown,
    timeMs: number,
  ): Promise<string>;
  /** Takes a scheduled call back. */
  unschedule(run: Run, id: string): Promise<void>;
  /** The time in ms since 1970, as a run sees it. */
  nowOf(run: Run): number;
}

/** Runs work in the run's own transaction, or, in an action, in a transaction of its own. */
export function inTransaction<T>(
  { host, run, writable }: { host: ContextHost; run: Run; writable: boolean },
  work: (transaction: Transaction) => T | Promise<T>,
): Promise<T> {
  const { transaction, component, signal, life } = run.parts;
  if (transaction === undefined) {
    life?.assertAlive();
    return host.transaction({ component, writable, signal }, work);
  }
  return Promise.resolve().then(() => {
    transaction.assertOpen();
    return work(transaction);
  });
}
