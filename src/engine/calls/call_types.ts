import type { Value } from "../../values/types.ts";
import type { ActionLife } from "../run/action_life.ts";
import type { Caller, RequestFacts } from "./caller.ts";
import type { Component } from "../components.ts";
import type { FunctionDefinition } from "./functions.ts";
import type { UserIdentity } from "./identity.ts";
import type { TransactionLimits } from "../limits.ts";
import type { SessionRequest } from "../transaction/session_requests.ts";
import type { PageJournal } from "../transaction/transaction.ts";

/** A function, and the component that it belongs to. */
export interface Target {
  /** Whose tables it works on. */
  component: Component;
  /** The function. */
  definition: FunctionDefinition;
}

/** How a call from outside is made. */
export interface CallSettings {
  /** Gives the call up. */
  signal?: AbortSignal;
  /** Who calls. Default null: nobody known. */
  identity?: UserIdentity | null;
  /** Whether internal functions may be called, too: by an admin. Default false. */
  mayCallInternal?: boolean;
  /** Path of the component whose function is called. Default `""`: the app's own. */
  component?: string;
  /** Of a mutation: told when it is committed and not yet durable. */
  onCommit?: (ts: bigint) => void;
  /** Of a query: where its page ended when it ran before, and ends now. */
  journal?: PageJournal;
  /** Of a query: a state of the past to run on. Default: the latest. */
  ts?: bigint;
  /**
   * Of a mutation: a name for the request. It is run once, and every later request of this name gets the first answer.
   */
  request?: SessionRequest;
  /** Gets what the function writes to the console, also when it throws. Default: a list of its own. */
  logLines?: string[];
  /** What the request says of its sender, for `ctx.meta`. */
  sender?: Partial<RequestFacts>;
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

/** Around a call: who asks, how deep, until when. */
export interface CallFrame {
  /** Of an action: how long it may run. */
  life?: ActionLife | undefined;
  /** On whose behalf. */
  caller: Caller;
  /** Functions around the called one. */
  depth: number;
  /** Gives it up. */
  signal?: AbortSignal | undefined;
  /** What a call inside a transaction may use. */
  limits?: Partial<TransactionLimits> | undefined;
}
