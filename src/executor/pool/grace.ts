import { startTimer } from "../timer.ts";

/** How often to check whether an aborted task has begun after all, in ms. */
const AGAIN_MS = 10;

/**
 * Calls `end` when an aborted task still runs after its grace period. A task that had not begun may still begin before the
 * abort reaches its worker, so it is watched until it is over.
 */
export function endAfterGrace(
  graceMs: number,
  stand: () => "over" | "waits" | "runs",
  end: () => void,
): void {
  const check = () => {
    const now = stand();
    if (now === "runs") end();
    else if (now === "waits") startTimer(check, AGAIN_MS, true);
  };
  startTimer(check, graceMs, true);
}
