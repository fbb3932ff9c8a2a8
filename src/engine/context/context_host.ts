import type { JsonValue, Value } from "../../values/types.ts";
import type { Behaviour } from "../behaviour.ts";
import type { Component } from "../components/components.ts";
import type { Executions } from "../run/executions.ts";
import type { FunctionType } from "../functions/functions.ts";
import type { PlacesOf } from "../functions/thrown.ts";
import type { TransactionLimits } from "../limits/limits.ts";
import type { Run } from "../run/run.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** Address and credentials of a service that Convex's cloud offers to actions. */
export interface ServiceAccess {
  /** Its origin, without a slash at the end. */
  url: string;
  /** The bearer token, or a function that returns one, called by each `getServiceToken`. */
  token: string | (() => string | Promise<string>);
}

/** The part of the deployment that functions see. */
export interface Deployment {
  /** Where `/api/storage` is served, such as `http://127.0.0.1:3210`. */
  url: string;
  /** Its name. */
  name: string;
  /** The engine's behaviour. */
  behaviour: Behaviour;
  /** Informs observers of the functions that run. Default: none. */
  executions?: Executions;
  /** Services by name, such as `ai-gateway`. Default: none. */
  services?: { [name: string]: ServiceAccess };
  /** Finds where in the functions an error was thrown. Default: errors have no positions. */
  placesOf?: PlacesOf;
  /** Receives entries of the audit log. Default: they are dropped. */
  audit?: (entry: JsonValue) => void;
  /**
   * Returns the placeholder for the timestamp of the commit, always the same object. Default: one of the engine's own.
   */
  commitTs?: () => object;
}

/** Third argument of `ctx.runQuery` and `ctx.runMutation`. */
export interface RunOptions {
  /** Limits of the call; never more than the call around it has left. */
  transactionLimits?: Partial<TransactionLimits>;
  /** For a query in a mutation: whether it sees the data as it was before the mutation. Default false. */
  useStaleSnapshot?: boolean;
}

/** Options of a transaction of its own. */
export interface TransactionOptions {
  /** The component whose tables it works on. */
  component: Component;
  /** Whether it may write. */
  writable: boolean;
  /** Gives it up. */
  signal?: AbortSignal | undefined;
  /** Its limits. Default: those of every transaction. */
  limits?: TransactionLimits;
  /** For one that only reads: the timestamp of what it reads. Default: the latest. */
  ts?: bigint | undefined;
}

/** The part of the engine that a `ctx` uses. */
export interface ContextHost {
  /** The part of the deployment that functions see. */
  readonly deployment: Deployment;
  /** Runs a function that a running function calls. */
  called(
    run: Run,
    type: FunctionType,
    reference: unknown,
    args?: unknown,
    options?: RunOptions,
  ): Promise<Value>;
  /** The handle of a function that a run refers to. */
  handle(run: Run, reference: unknown): Promise<string>;
  /** Runs work in a transaction of its own. */
  transaction<T>(
    options: TransactionOptions,
    work: (transaction: Transaction) => T | Promise<T>,
  ): Promise<T>;
  /** Schedules a function call. Returns its id in `_scheduled_functions`. */
  schedule(
    run: Run,
    reference: unknown,
    args: unknown,
    timeMs: number,
  ): Promise<string>;
  /** Cancels a scheduled call. */
  unschedule(run: Run, id: string): Promise<void>;
  /** The time in ms since 1970, as a run sees it. */
  nowOf(run: Run): number;
}

/**
 * Runs work in the run's own transaction, or, in an action, in a transaction of its own. In its own, at once, unless
 * nested calls are in progress: reads that are asked for later see it.
 */
export async function inTransaction<T>(
  { host, run, writable }: { host: ContextHost; run: Run; writable: boolean },
  work: (transaction: Transaction) => T | Promise<T>,
): Promise<T> {
  const { transaction, component, signal, life } = run.parts;
  if (transaction === undefined) {
    life?.assertAlive();
    return await host.transaction({ component, writable, signal }, work);
  }
  const { ongoing } = transaction;
  if (ongoing) await ongoing;
  transaction.assertOpen();
  return await work(transaction);
}
