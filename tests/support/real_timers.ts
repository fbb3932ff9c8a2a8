import type { Timers } from "../../src/engine/timers.ts";

/** The host's timers for an engine. Unlike those of `hostClock`, they keep the test alive that waits for one. */
export const realTimers: Timers = {
  set: (delayMs, callback) => setTimeout(callback, delayMs),
  clear: (timer) => clearTimeout(timer as number),
};
