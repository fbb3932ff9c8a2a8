import type { Value } from "../../values/types.ts";
import type { ActionLife } from "../run/action_life.ts";
import type { Caller, RequestFacts } from "../run/caller.ts";
import type { Component } from "../components/components.ts";
import type { FunctionDefinition } from "../functions/functions.ts";
import type { UserIdentity } from "../functions/identity.ts";
import type { TransactionLimits } from "../limits/limits.ts";
import type { SessionRequest } from "../transaction/session_requests.ts";
import type { PageJournal } from "../transaction/transaction.ts";

/** A function, and the component that it belongs to. */
export interface Target {
  /** Whose tables it works on. */
  component: Component;
  /** The function. */
  definition: FunctionDefinition;
}

/** Settings of a call from outside. */
export interface CallSettings {
  /** Cancels the call. */
  signal?: AbortSignal | undefined;
  /** Who is calling. Default null: an anonymous caller. */
  identity?: UserIdentity | null | undefined;
  /** Whether internal functions may be called as well, as by an admin. Default false. */
  mayCallInternal?: boolean | undefined;
  /** Path of the component whose function is called. Default `""`: the app's own. */
  component?: string | undefined;
  /** For a mutation: called when it is committed, but not yet durable. */
  onCommit?: ((ts: bigint) => void) | undefined;
  /**
   * For a mutation: wraps its run when its turn has come. It may reject instead of calling `run` if the mutation must
   * no longer run.
   */
  inTurn?: (<T>(run: () => Promise<T>) => Promise<T>) | undefined;
  /** For a query: where its page ended on its last run, updated by this one. */
  journal?: PageJournal | undefined;
  /** For a query: the timestamp of an earlier state to run on. Default: the latest. */
  ts?: bigint | undefined;
  /**
   * For a mutation: identifies the request. It runs once; later requests with the same identity get the first answer.
   */
  request?: SessionRequest | undefined;
  /** Receives the lines that the function writes to the console, even if it throws. Default: a new list. */
  logLines?: string[] | undefined;
  /** Facts about the sender of the request, for `ctx.meta`. */
  sender?: Partial<RequestFacts> | undefined;
}

/** The outcome of a call from outside. */
export interface CallOutcome {
  /** Its result. */
  value: Value;
  /** Lines that it wrote to the console. */
  logLines: readonly string[];
  /** Timestamp of the state that contains a mutation's writes, or that a query read; after an action, the latest. */
  ts: bigint;
}

/** The context of a call: who is calling, how deep, until when. */
export interface CallFrame {
  /** For an action: how long it may run. */
  life?: ActionLife | undefined;
  /** On whose behalf. */
  caller: Caller;
  /** Functions around the called one. */
  depth: number;
  /** Cancels it. */
  signal?: AbortSignal | undefined;
  /** Limits of a call inside a transaction. */
  limits?: Partial<TransactionLimits> | undefined;
}
