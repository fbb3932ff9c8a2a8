/** Measures how late timers fire, which is how long something else blocked the event loop. */

/** Delays seen between start and stop, in ms. */
export interface LoopDelay {
  /** Half of the samples were at most this late. */
  p50Ms: number;
  /** 99 of 100 samples were at most this late. */
  p99Ms: number;
  /** The longest delay. */
  maxMs: number;
}

/** Starts watching; the returned function stops and reports. */
export function watchLoopDelay(everyMs = 2): () => LoopDelay {
  const delays: number[] = [];
  let due = performance.now() + everyMs;
  const timer = setInterval(() => {
    const now = performance.now();
    delays.push(Math.max(0, now - due));
    due = now + everyMs;
  }, everyMs);
  return () => {
    clearInterval(timer);
    // If the loop was blocked until now, the timer has not fired yet; count that delay, too.
    delays.push(Math.max(0, performance.now() - due));
    delays.sort((a, b) => a - b);
    const at = (share: number) =>
      delays[Math.min(delays.length - 1, Math.floor(share * delays.length))]!;
    return {
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: delays[delays.length - 1]!,
    };
  };
}
