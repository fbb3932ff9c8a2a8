import type { ConnectionState, FunctionKind, RetryEvent } from "./types.ts";

/** A call as it begins. */
export interface CallStart {
  /** Query, mutation or action. */
  kind: FunctionKind;
  /** The function's path, such as `memory:remember`. */
  name: string;
  /** When it was made, in ms since 1970. */
  startedAt: number;
}

/** A call as it ends; the same object that {@link ClientHooks.onCallStart} got, with what became of it. */
export interface CallReport extends CallStart {
  /** Time from the call to its end, in ms. */
  elapsedMs: number;
  /** Requests made for it, those shared with other calls included; 0 when the source tells of none. */
  attempts: number;
  /** What it rejected with; absent when it resolved. */
  error?: unknown;
  /** Id under which the server knows its last request. */
  requestId?: string;
  /** What the function logged, each line as `[LEVEL] text`. */
  logLines?: readonly string[];
}

/** Watches a client. What a hook throws is thrown apart and changes no call. */
export interface ClientHooks {
  /** A call begins; runs in its caller's context. */
  onCallStart?(call: CallStart): void;
  /** A call has ended. */
  onCall?(call: CallReport): void;
  /** A request is made again. */
  onRetry?(event: RetryEvent): void;
  /** The connection's state has changed. */
  onStateChange?(state: ConnectionState): void;
}

/** Calls a hook; what it throws reaches the host's handler of uncaught errors. */
export function tell<Event>(
  hook: ((event: Event) => void) | undefined,
  event: Event,
): void {
  if (hook === undefined) return;
  try {
    hook(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
