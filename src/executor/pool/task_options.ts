import type { OptionNames } from "../../unknown_option.ts";
import {
  checkNames,
  checkType,
  invalidOption,
  MAX_TIMER_MS,
  wholeNumber,
} from "../check.ts";
import type { TaskExtras } from "./pending_task.ts";
import type { RunOptions, StreamOptions, TaskDefaults } from "../types.ts";

/** Grace period of `hardAbort: true`, in ms. */
const GRACE_MS = 100;

const NAMES: OptionNames<RunOptions> = {
  signal: 1,
  transfer: 1,
  affinity: 1,
  key: 1,
  timeoutMs: 1,
  runTimeoutMs: 1,
  hardAbort: 1,
  idempotent: 1,
  priority: 1,
};

/** The names of a stream's options. */
export const STREAM_NAMES: OptionNames<StreamOptions> = { ...NAMES, buffer: 1 };

/** The executor's options that matter to a task. */
export interface TaskSettings extends TaskDefaults {
  /** One worker, never replaced. */
  stateful: boolean;
  /** Most workers. */
  maxWorkers: number;
}

/**
 * Reads the options of a task, completed by the executor's defaults.
 *
 * @throws {ExecutorError} `INVALID_OPTION`.
 */
export function readTaskOptions(
  options: RunOptions,
  settings: TaskSettings,
  names: object = NAMES,
): TaskExtras {
  checkNames("a task", options, names, { transferList: "transfer" });
  const { transfer, key, affinity, signal } = options;
  const { hardAbort = settings.hardAbort } = options;
  const { idempotent = settings.idempotent } = options;
  const { priority = settings.priority } = options;
  const ms = (name: "timeoutMs" | "runTimeoutMs") => {
    const { [name]: limit = settings[name] } = options;
    return wholeNumber(name, limit, 1, MAX_TIMER_MS);
  };
  if (transfer !== undefined && !Array.isArray(transfer)) {
    throw invalidOption("transfer", "must be a list", transfer);
  }
  checkSignal(signal);
  checkName("affinity", affinity);
  checkName("key", key);
  checkType("idempotent", idempotent, "boolean");
  if (settings.stateful && graceMs(options.hardAbort) !== undefined) {
    throw invalidOption(
      "hardAbort",
      "cannot be combined with stateful",
      hardAbort,
    );
  }
  return {
    signal,
    transfer,
    timeoutMs: ms("timeoutMs"),
    runTimeoutMs: ms("runTimeoutMs"),
    graceMs: graceMs(hardAbort),
    idempotent,
    priority: wholeNumber("priority", priority, -100, 100) ?? 0,
    worker: affinity === undefined || settings.maxWorkers === 1
      ? undefined
      : numberOf(affinity) % settings.maxWorkers,
    key,
    attempts: 0,
  };
}

/** Checks that `signal` is an AbortSignal or absent. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  const { aborted, addEventListener } = Object(signal) as AbortSignal;
  const listens = typeof addEventListener === "function";
  if (typeof aborted === "boolean" && listens) return;
  throw invalidOption("signal", "must be an AbortSignal", signal);
}

/**
 * Checks a name that tasks share, such as `key`. Refuses NaN, which failed arithmetic gives: all such tasks would share
 * it.
 */
function checkName(name: string, value: string | number | undefined): void {
  checkType(name, value, "string", "number");
  if (Number.isNaN(value)) {
    throw invalidOption(name, "must be a string or a number", value);
  }
}

/** Checks `hardAbort`, and returns the grace period that it stands for. */
function graceMs(
  hardAbort: boolean | number | undefined,
): number | undefined {
  if (hardAbort === undefined || hardAbort === false) return undefined;
  if (hardAbort === true) return GRACE_MS;
  if (typeof hardAbort === "number") {
    return wholeNumber("hardAbort", hardAbort, 0, MAX_TIMER_MS);
  }
  const rule = `must be a boolean, or a whole number from 0 to ${MAX_TIMER_MS}`;
  throw invalidOption("hardAbort", rule, hardAbort);
}

function numberOf(affinity: string | number): number {
  let hash = 0x811c9dc5;
  for (const unit of String(affinity)) {
    hash = Math.imul(hash ^ unit.codePointAt(0)!, 0x01000193);
  }
  return hash >>> 0;
}
