import type { OptionNames } from "../../unknown_option.ts";
import {
  checkNames,
  checkType,
  invalidOption,
  MAX_TIMER_MS,
  wholeNumber,
} from "../check.ts";
import { availableKinds } from "../hosts/detect.ts";
import { type Code, readCode } from "../hosts/handler_source.ts";
import {
  checkSignal,
  readTaskOptions,
  type TaskSettings,
} from "./task_options.ts";
import type { ExecutorKind, ExecutorOptions } from "../types.ts";

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
  /** Loads the code for this thread. */
  inline?: Code["inline"];
  /** Adds to an error of the handler what its own text does not say. */
  explain?: Code["explain"];
  /** Number of workers that stay when idle. */
  minWorkers: number;
  /** Most workers. */
  maxWorkers: number;
  /** Most tasks that a worker holds at once. */
  concurrencyPerWorker: number;
  /** Most tasks that wait. */
  maxQueue: number;
  /** Whether tasks beyond `maxQueue` are rejected or wait. */
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

/** Names of these options in other pools (piscina, tinypool), and ours. */
const NAMES_ELSEWHERE: { readonly [name: string]: string } = {
  filename: "handler",
  minThreads: "minWorkers",
  maxThreads: "maxWorkers",
  idleTimeout: "idleTimeoutMs",
  concurrentTasksPerWorker: "concurrencyPerWorker",
  workerData: "init",
};

const LIMIT_NAMES: OptionNames<ExecutorOptions["resourceLimits"] & object> = {
  maxOldGenerationSizeMb: 1,
  maxYoungGenerationSizeMb: 1,
  codeRangeSizeMb: 1,
  stackSizeMb: 1,
};

/** Options that are whole numbers: default, minimum and maximum. */
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
  checkNames("createExecutor", options, NAMES, NAMES_ELSEWHERE);
  const { worker: _worker, source: _source, handler: _handler, ...others } =
    options;
  const asked = kindsOf(options);
  const code = readCode(options);
  const { stateful = false, minWorkers = 0 } = options;
  const { whenFull = "reject", sharedMemory = "auto" } = options;
  const maxWorkers = numberOf(options, "maxWorkers");
  if (stateful) checkStateful(options, maxWorkers);
  checkSignal(options.signal);
  checkTypes(options);
  oneOf("whenFull", whenFull, ["reject", "wait"]);
  oneOf("sharedMemory", sharedMemory, ["auto", "off"]);
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

/** Checks the options of `close`. */
export function checkClose(options: { force?: boolean }): void {
  checkNames("close", options, { force: 1 });
  checkType("force", options.force, "boolean");
}

/** Refuses options that would duplicate, move or replace the one worker that has the state. */
function checkStateful(options: ExecutorOptions, maxWorkers: number): void {
  if (maxWorkers > 1) {
    throw invalidOption("maxWorkers", "must be 1 with stateful", maxWorkers);
  }
  for (const name of ["maxTasksPerWorker", "hardAbort"] as const) {
    if (options[name] === undefined || options[name] === false) continue;
    throw invalidOption(
      name,
      "cannot be combined with stateful",
      options[name],
    );
  }
}

function checkTypes(options: ExecutorOptions): void {
  for (const name of ["onLost", "reviveError"] as const) {
    checkType(name, options[name], "function");
  }
  for (const name of ["stateful", "inlineWhileStarting"] as const) {
    checkType(name, options[name], "boolean");
  }
  checkType("name", options.name, "string");
  const { resourceLimits } = options;
  if (resourceLimits === undefined) return;
  checkNames("resourceLimits", resourceLimits, LIMIT_NAMES);
  for (const [name, mb] of Object.entries(resourceLimits)) {
    const option = `resourceLimits.${name}`;
    checkType(option, mb, "number");
    if (mb === undefined || mb > 0 && mb < Infinity) continue;
    throw invalidOption(option, "must be over 0, in MB", mb);
  }
}

/** The kinds to try. */
function kindsOf({ kinds }: ExecutorOptions): readonly ExecutorKind[] {
  if (kinds === undefined) return availableKinds();
  if (!Array.isArray(kinds) || kinds.length === 0) {
    throw invalidOption("kinds", "must be a list of at least one", kinds);
  }
  for (const kind of kinds) oneOf("kinds", kind, KINDS);
  return kinds;
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
  const quoted = values.map((value) => JSON.stringify(value));
  throw invalidOption(name, `may be ${quoted.join(", ")}`, value);
}

/** Reads one of `NUMBERS`: the given value, checked, or its default, which may be undefined. */
function numberOf<Name extends keyof typeof NUMBERS>(
  options: ExecutorOptions,
  name: Name,
) {
  const [usual, min, max] = NUMBERS[name];
  const { [name]: value = usual } = options;
  return wholeNumber<number | (typeof NUMBERS)[Name][0]>(
    name,
    value,
    min,
    max,
  );
}
