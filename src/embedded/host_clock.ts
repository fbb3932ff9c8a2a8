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

/** The host's clock, checked once a minute: it may be set, and while a laptop sleeps its timers stop. */
export const watchfulClock: Clock = { ...hostClock, maxDelayMs: 60_000 };
