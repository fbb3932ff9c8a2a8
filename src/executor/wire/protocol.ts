import type { ErrorData } from "../types.ts";

/** A thrown or given reason: an error as data, or any other value as it is. */
export type Reason = { error: ErrorData } | { value: unknown };

/** The options of one task in a message. */
export interface TaskMark {
  /** Index of the task in the message. */
  at: number;
  /** The worker reports its start at once. */
  timed?: boolean;
  /** Its worker may be ended if it keeps running after its abort. */
  hard?: boolean;
  /** It returns a stream, and the handler may be this many items ahead. */
  buffer?: number;
}

/** Messages from the pool to a worker. The member `cortex` distinguishes them from those of others. */
export type ToWorker =
  | { cortex: "init"; init: unknown; memory?: SharedArrayBuffer }
  /** Tasks with successive numbers. `more`: others follow, so the worker may collect results for a turn. */
  | {
    cortex: "run";
    first: number;
    /** An array, or JSON text of one. */
    tasks: unknown[] | string;
    marks?: TaskMark[];
    more?: boolean;
  }
  /** A single task. Flat, because Bun passes a large string many times faster in a flat object. */
  | { cortex: "one"; first: number; task: unknown; more: boolean }
  /** The same as JSON text. */
  | { cortex: "text"; first: number; text: string; more: boolean }
  | { cortex: "abort"; ids: number[]; reasons: Reason[] }
  /** The reader of a stream took items. */
  | { cortex: "pull"; id: number; count: number }
  /** The worker may begin the tasks after a `hard` one. */
  | { cortex: "next" }
  | { cortex: "close" };

/** How far a worker has come. */
export interface Progress {
  /** Number of the last task that began. */
  started: number;
  /** Time for which its thread was busy with tasks, in µs; overflows. */
  busyUs: number;
}

/**
 * Messages from a worker to the pool. The member `cortex` distinguishes them from those that a handler posts itself.
 */
export type FromWorker =
  /** Its code runs and it listens. */
  | { cortex: "hello" }
  /** Its handler is built. */
  | { cortex: "ready" }
  /** Its handler could not be built. */
  | { cortex: "failed"; error: ErrorData }
  /** Results: of the tasks of `ids`, or of successive ones from that number. */
  | Progress & {
    cortex: "done";
    ids: number[] | number;
    /** An array, or JSON text of one. */
    values: unknown[] | string;
    failedIds: number[];
    errors: ErrorData[];
  }
  /** A single result; flat for the same reason. */
  | Progress & { cortex: "one"; id: number; value: unknown }
  /** The same as JSON text. */
  | Progress & { cortex: "text"; id: number; text: string }
  /** Tasks began that have no result yet. */
  | Progress & { cortex: "progress" }
  /** It asks whether it may begin the tasks after a `hard` one. Used without shared memory. */
  | { cortex: "next" }
  /** Items of a stream. */
  | { cortex: "items"; id: number; values: unknown[] }
  /** It received `close`, and is closing its handler. */
  | { cortex: "closing" }
  /** Its handler is closed. */
  | { cortex: "closed"; error?: ErrorData }
  /** It is about to end on its own initiative; or because it could not read a message, and so lacks tasks. */
  | Progress & { cortex: "farewell"; reason: string; lacksTasks?: boolean };

const FROM_WORKER: ReadonlySet<string> = new Set([
  "hello",
  "ready",
  "failed",
  "done",
  "one",
  "text",
  "progress",
  "next",
  "items",
  "closing",
  "closed",
  "farewell",
]);

const TO_WORKER: ReadonlySet<string> = new Set([
  "init",
  "run",
  "one",
  "text",
  "abort",
  "pull",
  "next",
  "close",
]);

/** True for a message of the worker. */
export function isFromWorker(message: unknown): message is FromWorker {
  return hasType(message, FROM_WORKER);
}

/** True for a message of the pool. */
export function isToWorker(message: unknown): message is ToWorker {
  return hasType(message, TO_WORKER);
}

function hasType(message: unknown, types: ReadonlySet<string>): boolean {
  return typeof message === "object" && message !== null &&
    types.has((message as { cortex?: string }).cortex as string);
}
