import { behindStandIns } from "../engine/run/stand_in.ts";
import type { Scheduler } from "../engine/schedule/scheduler.ts";
import { realClearTimeout, realSetTimeout } from "./real_host.ts";

/**
 * Turns of the host's event loop after which any due timer has fired, even one set before a fake clock was installed.
 */
const MAX_IDLE_TURNS = 20;

/**
 * Runs scheduled functions, and those that they schedule, until none is left, or until advancing the timers does not
 * make the remaining ones due.
 */
export async function finishAll(
  scheduler: Scheduler,
  advanceTimers: () => void,
  maxIterations: number,
): Promise<void> {
  const setTimeout = behindStandIns(globalThis.setTimeout);
  const advance = () => {
    if (behindStandIns(globalThis.setTimeout) !== setTimeout) {
      throw new Error(
        "finishAllScheduledFunctions: timers were restored or replaced while waiting for scheduled functions.",
      );
    }
    advanceTimers();
  };
  let idleTurns = 0;
  let { startedCount } = scheduler;
  for (let turn = 0; turn < maxIterations; turn++) {
    advance();
    // A short function that began in the last turn has ended by now.
    if (scheduler.startedCount > startedCount) idleTurns = 0;
    ({ startedCount } = scheduler);
    if (scheduler.runningCount > 0) {
      await idleWhile(scheduler, advance);
      continue;
    }
    if (!scheduler.hasPending() || idleTurns++ >= MAX_IDLE_TURNS) return;
    // Not 0: workerd then takes many turns before a timer of 1 ms, in which a call scheduled for now is due.
    await new Promise((resolve) => realSetTimeout(resolve, 1));
  }
  throw new Error(
    "finishAllScheduledFunctions: too many iterations. Check for infinitely recursive scheduled functions, or increase maxIterations.",
  );
}

/** Advances timers until no scheduled function is running, since one may wait for a timer. */
async function idleWhile(
  scheduler: Scheduler,
  advance: () => void,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const pump = () => {
        try {
          advance();
          timer = realSetTimeout(pump, 0);
        } catch (error) {
          reject(error);
        }
      };
      scheduler.idle().then(resolve, reject);
      pump();
    });
  } finally {
    realClearTimeout(timer);
  }
}
