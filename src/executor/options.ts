import { ExecutorError } from "../errors.ts";
import { availableKinds } from "./detect.ts";
import type { ExecutorKind, ExecutorOptions } from "./types.ts";

/** Longest time that a host's timer can count, in ms. */
const MAX_TIMER_MS = 2_147_483_647;

const KINDS: readonly ExecutorKind[] = [
  "web-worker",
  "worker-threads",
  "inline",
];

/** Options, checked and completed. */
export interface Settings extends ExecutorOptions {
  /** Workers at most. */
  maxWorkers: number;
  /** Tasks that a worker may hold at once. */
  concurrencyPerWorker: number;
  /** Tasks waiting at most. */
  maxQueue: number;
  /** Time to a worker's first sign of life, in ms. */
  readyTimeoutMs: number;
  /** One worker, never replaced. */
  stateful: boolean;
  /** Kinds to try, in order: those that the options give code for. May be empty. */
  kinds: readonly ExecutorKind[];
  /** True when the caller asked for no worker. */
  onlyInline: boolean;
}

/** Checks the options and fills in the defaults. */
export function readOptions(options: ExecutorOptions): Settings {
  const { worker, inline, stateful = false } = options;
  if (!worker && !inline) {
    throw invalid("worker", "or options.inline must be given", undefined);
  }
  const maxWorkers = count(options, "maxWorkers", 1, 1, 1024);
  if (stateful && maxWorkers > 1) {
    throw invalid("maxWorkers", "must be 1 with stateful", maxWorkers);
  }
  const asked = options.kinds ?? availableKinds();
  for (const kind of asked) {
    if (!KINDS.includes(kind)) {
      throw invalid("kinds", `may hold ${KINDS.join(", ")}`, kind);
    }
  }
  const idleTimeoutMs = options.idleTimeoutMs === undefined
    ? undefined
    : count(options, "idleTimeoutMs", 0, 0, MAX_TIMER_MS);
  return {
    ...options,
    stateful,
    maxWorkers,
    idleTimeoutMs,
    concurrencyPerWorker: count(
      options,
      "concurrencyPerWorker",
      256,
      1,
      1_000_000,
    ),
    maxQueue: count(options, "maxQueue", 65_536, 1, 1_000_000_000),
    readyTimeoutMs: count(options, "readyTimeoutMs", 10_000, 1, MAX_TIMER_MS),
    onlyInline: options.kinds !== undefined &&
      options.kinds.every((kind) => kind === "inline"),
    kinds: asked.filter((kind) => kind === "inline" ? inline : worker),
  };
}

/** What a closed executor answers. */
export function executorClosed(): ExecutorError {
  return new ExecutorError("EXECUTOR_CLOSED", "the executor is closed");
}

function count(
  options: ExecutorOptions,
  name:
    | "maxWorkers"
    | "concurrencyPerWorker"
    | "maxQueue"
    | "idleTimeoutMs"
    | "readyTimeoutMs",
  otherwise: number,
  min: number,
  max: number,
): number {
  const value = options[name] ?? otherwise;
  if (!Number.isInteger(value) || value < min || value > max) {
    throw invalid(name, `must be a whole number from ${min} to ${max}`, value);
  }
  return value;
}

function invalid(name: string, rule: string, value: unknown): ExecutorError {
  const got = value === undefined ? "" : `, not ${String(value).slice(0, 80)}`;
  return new ExecutorError("INVALID_OPTION", `options.${name} ${rule}${got}`);
}
