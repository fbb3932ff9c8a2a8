import type { ErrorData } from "./types.ts";

/** A thrown or given reason: an error as data, or any other value as it is. */
export type Reason = { error: ErrorData } | { value: unknown };

/** What the pool tells a worker. */
export type ToWorker =
  | { type: "init"; init: unknown }
  | { type: "run"; ids: number[]; tasks: unknown[] }
  | { type: "abort"; ids: number[]; reasons: Reason[] }
  | { type: "close" };

/** What a worker tells the pool. */
export type FromWorker =
  /** Its code runs and it listens. */
  | { type: "hello" }
  /** Its handler is built. */
  | { type: "ready" }
  /** Its handler could not be built. */
  | { type: "failed"; error: ErrorData }
  | {
    type: "done";
    ids: number[];
    values: unknown[];
    failedIds: number[];
    errors: ErrorData[];
  }
  /** Its handler is closed. */
  | { type: "closed"; error?: ErrorData }
  /** It is about to end by its own will. */
  | { type: "farewell"; reason: string };

const FROM_WORKER: ReadonlySet<string> = new Set([
  "hello",
  "ready",
  "failed",
  "done",
  "closed",
  "farewell",
]);

const TO_WORKER: ReadonlySet<string> = new Set([
  "init",
  "run",
  "abort",
  "close",
]);

/** Tells our messages from those that a handler posts on its own account. */
export function isFromWorker(message: unknown): message is FromWorker {
  return hasType(message, FROM_WORKER);
}

/** Tells our messages from those that somebody else posts to the worker. */
export function isToWorker(message: unknown): message is ToWorker {
  return hasType(message, TO_WORKER);
}

function hasType(message: unknown, types: ReadonlySet<string>): boolean {
  return typeof message === "object" && message !== null &&
    types.has((message as { type?: string }).type as string);
}

/** What a host gives the pool for one worker. */
export interface Connection {
  /** Posts a message. Throws, without having moved anything, when it cannot be cloned. */
  post(message: ToWorker, transfer?: readonly ArrayBufferLike[]): void;
  /** Lets the worker hold the process, or not. */
  hold(hold: boolean): void;
  /** True when a worker that is not held still keeps the process alive. */
  readonly alwaysHolds: boolean;
  /** Ends the worker as it stands. */
  end(): void | Promise<void>;
}

/** What a host tells the pool about one worker. */
export interface ConnectionEvents {
  /** A message arrived. */
  message(data: unknown): void;
  /** The worker is gone or not to be trusted any more. */
  broken(reason: string, cause?: unknown): void;
}

/** Starts a worker. Throws when the host refuses at once; a later refusal arrives as `broken`. */
export type Connect = (events: ConnectionEvents) => Connection;
