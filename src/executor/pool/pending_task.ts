import type { Timer } from "../timer.ts";

/** How many times a task begins at most, when its workers die. */
const MAX_ATTEMPTS = 3;

/** A task as it is submitted. */
export interface Submission {
  /** Number in the order of submission; unique in its executor. */
  readonly id: number;
  /** The argument of the handler. */
  payload: unknown;
  /** When it was submitted, in ms of the pool's clock. */
  readonly submittedAt: number;
  /** Where it was submitted, for stacks; not recorded for every task of a burst. */
  readonly origin: Error | undefined;
  /** Options that few tasks have. */
  readonly extras: TaskExtras | undefined;
  /** Tells the caller. */
  readonly resolve: (value: unknown) => void;
  /** Tells the caller. */
  readonly reject: (error: unknown) => void;
}

/** One task from its submission to its settlement. */
export interface PendingTask extends Submission {
  /** State of the task. While it is sent, its getters may give it up, or close the pool. */
  state: "waiting" | "sending" | "running" | "settled";
  /** When it was sent. */
  sentAt: number;
  /** Its number in the worker's sequence. */
  seq: number;
}

/** A task that waits. */
export function pendingTask(
  { id, payload, submittedAt, origin, extras, resolve, reject }: Submission,
): PendingTask {
  return {
    id,
    payload,
    state: "waiting",
    submittedAt,
    sentAt: 0,
    seq: 0,
    origin,
    extras,
    resolve,
    reject,
  };
}

/** The options of a task. Tasks without options lack this object, which keeps them small. */
export interface TaskExtras {
  /** Gives it up when aborted. */
  signal?: AbortSignal;
  /** Objects to transfer. */
  transfer?: readonly object[];
  /** Time limit from its submission, in ms. */
  timeoutMs?: number;
  /** Time limit from its start, in ms. */
  runTimeoutMs?: number;
  /** Time for its handler to end after an abort, in ms; absent: no limit. */
  graceMs?: number;
  /** True when it may be run twice. */
  idempotent?: boolean;
  /** Tasks of higher priority go first. */
  priority: number;
  /** Index of the worker that it is pinned to. */
  worker?: number;
  /** Tasks with the same key run one after another. */
  key?: string | number;
  /** Receives the items of a stream. */
  onItems?: (values: unknown[]) => void;
  /** How many items the stream's handler may be ahead. */
  buffer?: number;
  /** True once items have arrived: it must not run again. */
  hasItems?: boolean;
  /** How often it was sent to a worker that began it, or still may; if it is pinned, also to one that began nothing. */
  attempts: number;
  /** Stops listening to the caller's signal. */
  release?: () => void;
  /** Timer of the time limit since its submission. */
  timer?: Timer;
  /** Timer of the time limit since its start. */
  runTimer?: Timer;
  /** Timer after which it is overdue, once it was given up. */
  overdueTimer?: Timer;
  /** True once it was given up and has gone on for too long: its worker may take another task in its place. */
  isOverdue?: boolean;
}

/** True for a task whose worker is ended if it keeps running after an abort or a timeout. */
export function mayBeEnded(
  { graceMs, runTimeoutMs, timer, release, onItems }: TaskExtras,
): boolean {
  return graceMs !== undefined &&
    Boolean(runTimeoutMs || timer || release || onItems);
}

/**
 * Prepares a task whose worker died to be queued again; false when it must not. `fresh`: it had not begun. `hasBegun`: the
 * worker had begun some task.
 */
export function prepareAgain(
  task: PendingTask,
  fresh: boolean,
  hasBegun: boolean,
): boolean {
  const { extras } = task;
  if (task.state !== "running") return false;
  if (!fresh && (!extras?.idempotent || extras.hasItems)) return false;
  // Transferred objects are gone, and a task that kills its worker must not kill all of them.
  if (extras?.transfer?.length) return false;
  if (extras) {
    // A task that never began is not to blame for the end of its worker. But where one worker after another dies before
    // it begins anything, a task that no other may take would wait for ever.
    if (fresh && (hasBegun || extras.worker === undefined)) extras.attempts--;
    if (extras.attempts >= MAX_ATTEMPTS) return false;
    extras.runTimer?.stop();
    extras.runTimer = undefined;
  }
  task.state = "waiting";
  return true;
}
