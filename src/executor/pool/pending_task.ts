import type { Timer } from "../timer.ts";

/** Times that a task is handed over at most, when its workers die. */
const MAX_ATTEMPTS = 3;

/** One task from its submission to its settlement. */
export class PendingTask {
  /** Number in the order of submission; unique in its executor. */
  readonly id: number;
  /** What the handler gets. */
  payload: unknown;
  /** What has become of it so far. */
  state: "waiting" | "running" | "settled" = "waiting";
  /** When it was submitted, in ms of the pool's clock. */
  readonly submittedAt: number;
  /** When it was handed over. */
  sentAt = 0;
  /** Number by which its worker knows it. */
  seq = 0;
  /** Where it was asked for; not known of every task of a burst. */
  readonly origin: Error | undefined;
  /** What few tasks have. */
  readonly extras: TaskExtras | undefined;
  /** Tells the caller. */
  readonly resolve: (value: unknown) => void;
  /** Tells the caller. */
  readonly reject: (error: unknown) => void;

  /** Builds a waiting task. */
  constructor(
    id: number,
    payload: unknown,
    submittedAt: number,
    origin: Error | undefined,
    extras: TaskExtras | undefined,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.id = id;
    this.payload = payload;
    this.submittedAt = submittedAt;
    this.origin = origin;
    this.extras = extras;
    this.resolve = resolve;
    this.reject = reject;
  }
}

/** What only tasks with options have, so that a plain one stays small. */
export interface TaskExtras {
  /** Objects that move with it. */
  transfer?: readonly object[];
  /** Time from the start of its execution, in ms. */
  runTimeoutMs?: number;
  /** Time that its handler has after it was given up, in ms; absent: as long as it takes. */
  graceMs?: number;
  /** True when it may run twice. */
  idempotent?: boolean;
  /** Higher goes first. */
  priority: number;
  /** Number of the worker that it belongs to. */
  worker?: number;
  /** Tasks of one key follow each other. */
  key?: string | number;
  /** Takes the items of a stream. */
  onItems?: (values: unknown[]) => void;
  /** Items that the stream's handler may be ahead. */
  buffer?: number;
  /** True when items arrived: it must not run again. */
  hasItems?: boolean;
  /** Times that it was handed over. */
  attempts: number;
  /** Stops listening to the caller's signal. */
  release?: () => void;
  /** Goes off when the time since its submission is up. */
  timer?: Timer;
  /** Goes off when the time since its start is up. */
  runTimer?: Timer;
}

/** True for a task that can be given up, and whose worker is ended if it keeps running after that. */
export function mayBeEnded(
  { graceMs, runTimeoutMs, timer, release, onItems }: TaskExtras,
): boolean {
  return graceMs !== undefined &&
    Boolean(runTimeoutMs || timer || release || onItems);
}

/** Prepares a task whose worker died to wait again; false when it may not. `fresh`: it had not begun. */
export function prepareAgain(task: PendingTask, fresh: boolean): boolean {
  const { extras } = task;
  if (task.state !== "running") return false;
  if (!fresh && (!extras?.idempotent || extras.hasItems)) return false;
  // What moved away is gone; what kills each worker must not kill all.
  if (extras?.transfer?.length) return false;
  if (extras && extras.attempts >= MAX_ATTEMPTS) return false;
  if (extras) {
    extras.runTimer?.stop();
    extras.runTimer = undefined;
  }
  task.state = "waiting";
  return true;
}
