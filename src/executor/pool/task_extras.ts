import type { Timer } from "../timer.ts";

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

/** True for a task whose worker is ended when it goes on after it was given up, and that can be given up. */
export function mayBeEnded(
  { graceMs, runTimeoutMs, timer, release, onItems }: TaskExtras,
): boolean {
  return graceMs !== undefined &&
    Boolean(runTimeoutMs || timer || release || onItems);
}
