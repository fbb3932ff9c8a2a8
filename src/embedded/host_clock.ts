import { type Timers, unrefTimer } from "../engine/timers.ts";

/** Time and timers for an engine. */
export interface Clock extends Timers {
  /** The time in ms since 1970. */
  now(): number;
}

/** The host's clock, looked up at each use. Its timers do not keep a process alive. */
export const hostClock: Clock = {
  now: () => Date.now(),
  set(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    unrefTimer(timer);
    return timer;
  },
  clear(timer) {
    clearTimeout(timer as number);
  },
};

/** The same, which looks at the time once a minute: it may be set, and a laptop that was shut has stopped its timers. */
export const watchfulClock: Clock = { ...hostClock, maxDelayMs: 60_000 };
