import { ExecutorError } from "../errors.ts";
import { type OptionNames, unknownOption } from "../unknown_option.ts";
import { invalidOption, MAX_TIMER_MS, wholeNumber } from "./check.ts";
import { availableKinds } from "./hosts/detect.ts";
import { type Code, readCode } from "./hosts/handler_source.ts";
import {
  checkSignal,
  readTaskOptions,
  type TaskSettings,
} from "./pool/task_options.ts";
import type { ExecutorKind, ExecutorOptions } from "./types.ts";

const KINDS: readonly ExecutorKind[] = [
  "web-worker",
  "worker-threads",
  "inline",
];

/** Options, checked and completed. */
export interface Settings
  extends Omit<ExecutorOptions, "worker" | "source" | "handler" | "inline"> {
  /** The worker's code. */
  worker?: Code["worker"];
  /** This thread's. */
  inline?: Code["inline"];
  /** Workers that stay. */
  minWorkers: number;
  /** Workers at most. */
  maxWorkers: number;
  /** Tasks that a worker may hold at once. */
  concurrencyPerWorker: number;
  /** Tasks waiting at most. */
  maxQueue: number;
  /** What happens to more. */
  whenFull: "reject" | "wait";
  /** Time to a worker's first sign of life, in ms. */
  readyTimeoutMs: number;
  /** One worker, never replaced. */
  stateful: boolean;
  /** Whether small values go through shared memory. */
  sharedMemory: "auto" | "off";
  /** Kinds to try, in order: those that the options give code for. May be empty. */
  kinds: readonly ExecutorKind[];
  /** True when the caller asked for no worker. */
  onlyInline: boolean;
  /** True when a task without options of its own needs the defaults. */
  hasDefaults: boolean;
}

const NAMES: OptionNames<ExecutorOptions> = {
  worker: 1,
  source: 1,
  handler: 1,
  inline: 1,
  init: 1,
  minWorkers: 1,
  maxWorkers: 1,
  concurrencyPerWorker: 1,
  maxQueue: 1,
  whenFull: 1,
  idleTimeoutMs: 1,
  maxTasksPerWorker: 1,
  readyTimeoutMs: 1,
  stateful: 1,
  inlineWhileStarting: 1,
  resourceLimits: 1,
  name: 1,
  signal: 1,
  sharedMemory: 1,
  kinds: 1,
  reviveError: 1,
  onLost: 1,
  timeoutMs: 1,
  runTimeoutMs: 1,
  hardAbort: 1,
  idempotent: 1,
  priority: 1,
};

const LIMIT_NAMES: OptionNames<ExecutorOptions["resourceLimits"] & object> = {
  maxOldGenerationSizeMb: 1,
  maxYoungGenerationSizeMb: 1,
  codeRangeSizeMb: 1,
  stackSizeMb: 1,
};

/** Whole numbers: default, least and most. */
const NUMBERS = {
  maxWorkers: [1, 1, 1024],
  concurrencyPerWorker: [1024, 1, 1_000_000],
  maxQueue: [65_536, 1, 1_000_000_000],
  readyTimeoutMs: [10_000, 1, MAX_TIMER_MS],
  idleTimeoutMs: [undefined, 0, MAX_TIMER_MS],
  maxTasksPerWorker: [undefined, 1, 1_000_000_000],
} as const;

/** Checks the options and fills in the defaults. */
export function readOptions(options: ExecutorOptions): Settings {
  checkNames(options);
  const { worker: _worker, source: _source, handler: _handler, ...others } =
    options;
  const code = readCode(options);
  const { stateful = false, minWorkers = 0 } = options;
  const { whenFull = "reject", sharedMemory = "auto" } = options;
  const maxWorkers = numberOf(options, "maxWorkers");
  if (stateful) checkStateful(options, maxWorkers);
  checkSignal(options.signal);
  checkFunctions(options);
  oneOf("whenFull", whenFull, ["reject", "wait"]);
  oneOf("sharedMemory", sharedMemory, ["auto", "off"]);
  const asked = options.kinds ?? availableKinds();
  for (const kind of asked) oneOf("kinds", kind, KINDS);
  const settings = {
    ...others,
    ...code,
    stateful,
    whenFull,
    sharedMemory,
    maxWorkers,
    minWorkers: wholeNumber("minWorkers", minWorkers, 0, maxWorkers),
    idleTimeoutMs: numberOf(options, "idleTimeoutMs"),
    concurrencyPerWorker: numberOf(options, "concurrencyPerWorker"),
    maxTasksPerWorker: numberOf(options, "maxTasksPerWorker"),
    maxQueue: numberOf(options, "maxQueue"),
    readyTimeoutMs: numberOf(options, "readyTimeoutMs"),
    onlyInline: options.kinds !== undefined &&
      options.kinds.every((kind) => kind === "inline"),
    kinds: asked.filter((kind) =>
      kind === "inline" ? code.inline : code.worker
    ),
  };
  return { ...settings, hasDefaults: hasDefaults(settings) };
}

function checkNames(options: ExecutorOptions): void {
  if (typeof options !== "object" || options === null) {
    throw new ExecutorError(
      "INVALID_OPTION",
      `options must be an object, not ${String(options).slice(0, 80)}`,
    );
  }
  const { resourceLimits = {} } = options;
  const wrong = unknownOption("createExecutor", options, NAMES) ??
    unknownOption("resourceLimits", resourceLimits, LIMIT_NAMES);
  if (wrong) throw new ExecutorError("INVALID_OPTION", wrong.text);
}

/** Refuses what would double, move or replace the one worker that has the state. */
function checkStateful(options: ExecutorOptions, maxWorkers: number): void {
  if (maxWorkers > 1) {
    throw invalidOption("maxWorkers", "must be 1 with stateful", maxWorkers);
  }
  for (const name of ["maxTasksPerWorker", "hardAbort"] as const) {
    if (!options[name]) continue;
    throw invalidOption(
      name,
      "cannot be combined with stateful",
      options[name],
    );
  }
}

function checkFunctions(options: ExecutorOptions): void {
  for (const name of ["onLost", "reviveError"] as const) {
    if (["undefined", "function"].includes(typeof options[name])) continue;
    throw invalidOption(name, "must be a function", options[name]);
  }
}

/** Checks the defaults as if a task had them; true when that task has any. */
function hasDefaults(settings: TaskSettings): boolean {
  const task = readTaskOptions({}, settings);
  return task.timeoutMs !== undefined || task.priority !== 0 ||
    task.runTimeoutMs !== undefined || task.graceMs !== undefined ||
    task.idempotent === true;
}

function oneOf(name: string, value: string, values: readonly string[]): void {
  if (values.includes(value)) return;
  throw invalidOption(name, `may be ${values.join(", ")}`, value);
}

/** One of the numbers, checked, or its default; undefined only where that is the default. */
function numberOf<Name extends keyof typeof NUMBERS>(
  options: ExecutorOptions,
  name: Name,
) {
  const [usual, min, max] = NUMBERS[name];
  return wholeNumber<number | (typeof NUMBERS)[Name][0]>(
    name,
    options[name] ?? usual,
    min,
    max,
  );
}
