import { startTimer } from "../timer.ts";

/** How often it is looked at least whether a task that was given up has begun after all, in ms. */
const AGAIN_MS = 10;

/**
 * Calls `end` when a task that was given up still runs after its time of grace. One that had not begun may do so before
 * its worker hears of the abort, which it then hears no more: hence it is looked after until it is over.
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
