import { startTimer } from "../timer.ts";

/** How often to check whether an aborted task has begun after all, in ms. */
const RECHECK_MS = 10;

/**
 * Calls `end` when an aborted task still runs after its grace period. A task that had not begun may still begin before
 * the abort reaches its worker, so the check is repeated until it is over.
 */
export function endAfterGrace(
  graceMs: number,
  state: () => "over" | "waits" | "runs",
  end: () => void,
): void {
  const check = () => {
    const current = state();
    if (current === "runs") end();
    else if (current === "waits") startTimer(check, RECHECK_MS, true);
  };
  startTimer(check, graceMs, true);
}
