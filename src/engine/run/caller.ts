import type { UserIdentity } from "../functions/identity.ts";
import { type IdSource, uuidOf } from "../ids.ts";

/** Facts about a request and its sender. */
export interface RequestFacts {
  /** The token of the signed-in user. */
  authToken: string | null;
  /** Why its token was refused; null if it was accepted, or there is none. */
  refusal: string | null;
  /** The sender's address. */
  ip: string | null;
  /** The sender's `User-Agent`. */
  userAgent: string | null;
  /** Id of the request, for logs; null until it is first needed. */
  requestId: string | null;
}

/** On whose behalf a call from outside runs. */
export interface Caller extends RequestFacts {
  /** The signed-in user; null: anonymous. */
  identity: UserIdentity | null;
  /** Path of the component that sees the identity; on Convex only the app does. */
  home: string;
  /** The scheduled function that is running, if it is one. */
  scheduledFunctionId: string | null;
  /** Path of the component that has scheduled it. */
  scheduledIn: string;
  /** Lines that its functions write to the console. */
  logLines: string[];
  /** The original caller, of which this is the view in a component. */
  origin?: Caller;
}

/** A caller with defaults for unknown facts. */
export function newCaller(known: Partial<Caller> = {}): Caller {
  return {
    identity: known.identity ?? null,
    home: known.home ?? "",
    authToken: known.authToken ?? null,
    refusal: known.refusal ?? null,
    ip: known.ip ?? null,
    userAgent: known.userAgent ?? null,
    requestId: known.requestId ?? null,
    scheduledFunctionId: known.scheduledFunctionId ?? null,
    scheduledIn: known.scheduledIn ?? "",
    logLines: known.logLines ?? [],
  };
}

/** The id of a request, shared by all functions that it runs. Created on first use. */
export function requestIdOf(caller: Caller, ids: IdSource): string {
  const first = caller.origin ?? caller;
  return first.requestId ??= uuidOf(ids.randomBytes(16));
}

/** The caller as a component sees it: as on Convex, identities are not passed from the app to components. */
export function callerIn(component: string, caller: Caller): Caller {
  return component === caller.home ||
      caller.identity === null && caller.authToken === null &&
        caller.refusal === null
    ? caller
    : {
      ...caller,
      identity: null,
      authToken: null,
      refusal: null,
      origin: caller,
    };
}
