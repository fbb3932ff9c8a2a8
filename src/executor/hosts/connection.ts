import type { ToWorker } from "../wire/protocol.ts";

/** What a host gives the pool for one worker. */
export interface Connection {
  /** Posts a message. Throws, without having moved anything, when it cannot be cloned. */
  post(message: ToWorker, transfer?: readonly object[]): void;
  /** Lets the worker hold the process, or not. */
  hold(hold: boolean): void;
  /** True when a worker that is not held still keeps the process alive. */
  readonly alwaysHolds: boolean;
  /** Ends the worker at once. */
  end(): void | Promise<void>;
}

/** What a host reports to the pool about one worker. */
export interface ConnectionEvents {
  /** A message arrived. */
  message(data: unknown): void;
  /** The worker is gone or not to be trusted any more. */
  broken(reason: string, cause?: unknown): void;
  /** True when the task with this number is no longer awaited. */
  isGivenUp(seq: number): boolean;
}

/** Starts a worker. Throws when the host refuses at once; a later refusal arrives as `broken`. */
export type Connect = (events: ConnectionEvents) => Connection;
