import type { ToWorker } from "../wire/protocol.ts";

/** The pool's connection to one worker, made by a host. */
export interface Connection {
  /** Posts a message. Throws, without having moved anything, when it cannot be cloned. */
  post(message: ToWorker, transfer?: readonly object[]): void;
  /** Sets whether the worker keeps the process alive. */
  hold(hold: boolean): void;
  /** True when the worker keeps the process alive in any case, whatever `hold` says. */
  readonly alwaysHolds: boolean;
  /** Ends the worker at once. */
  end(): void | Promise<void>;
}

/** Events of one worker, reported by a host to the pool. */
export interface ConnectionEvents {
  /** A message arrived. */
  message(data: unknown): void;
  /** The worker is gone, or can no longer be relied on. */
  broken(reason: string, cause?: unknown): void;
  /** True when the task with this number is no longer awaited. */
  isGivenUp(seq: number): boolean;
}

/** Starts a worker. Throws when the host refuses at once; a later refusal arrives as `broken`. */
export type Connect = (events: ConnectionEvents) => Connection;
