import type { ConnectionState, FunctionKind, RetryEvent } from "./types.ts";

/** A call as it starts. */
export interface CallStart {
  /** Query, mutation or action. */
  kind: FunctionKind;
  /** The function's path, such as `memory:remember`; of `queryBatch`, the first one's. */
  name: string;
  /** When it was made, in ms since 1970. */
  startedAt: number;
  /**
   * What its last retried attempt failed with; absent if none was retried. Kept up to date during the call: in `onRetry`,
   * the calls whose `lastError` is the event's `error` are those that are retried.
   */
  lastError?: unknown;
}

/** A call as it ends: the same object that {@link ClientHooks.onCallStart} got, with the outcome added. */
export interface CallReport extends CallStart {
  /** Duration of the call, in ms. */
  elapsedMs: number;
  /** Requests sent for it, including those shared with other calls; 0 if the source does not report any. */
  attempts: number;
  /** What it rejected with; absent if it resolved. */
  error?: unknown;
  /** The server's id of its last request. */
  requestId?: string;
  /** What the function logged, each line as `[LEVEL] text`. */
  logLines?: readonly string[];
}

/**
 * Callbacks that observe a client. An error thrown by a hook affects no call; it reaches the host's handler of uncaught
 * errors.
 *
 * @example
 * ```ts
 * import { AsyncConvexClient } from "@cortex/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const slow: string[] = [];
 * const query = () => null;
 * await using client = new AsyncConvexClient({ query, mutation: query, action: query }, {
 *   hooks: {
 *     onCall: ({ name, elapsedMs, error }) => {
 *       if (elapsedMs > 500 || error) slow.push(name);
 *     },
 *   },
 * });
 * await client.query("stock:list");
 * assertEquals(slow, []);
 * ```
 */
export interface ClientHooks {
  /** Called when a call starts, in its caller's context. */
  onCallStart?(call: CallStart): void;
  /** Called when a call has ended. */
  onCall?(call: CallReport): void;
  /** Called when a request is about to be retried. */
  onRetry?(event: RetryEvent): void;
  /** Called when a WebSocket has opened, closed or failed to open, and when a circuit has changed; not for each call. */
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
