/**
 * How long the event loop lets those wait who arrive at any moment.
 *
 * A timer that is late tells of one blocked stretch. To count such stretches one by one is the mistake that Gil Tene
 * calls coordinated omission ("How NOT to Measure Latency"): while the loop is blocked no further timer is started, so
 * a second of it counts as much as a millisecond, and who is done sooner has fewer samples to hide his worst one among.
 * So stretches are weighted with their time. Whoever arrives `t` before the end of a blocked stretch waits for `t`, and
 * who arrives outside of one does not wait: of a stretch of `late` ms, `late - x` ms of arrivals wait longer than `x`.
 * A percentile `q` is the `x` for which these sum up to `1 - q` of the whole time. HdrHistogram's
 * `recordValueWithExpectedInterval` is the same in steps.
 *
 * With more threads than processors a loop is also late since another thread has its processor, which says more of the
 * machine than of the program: of its own doing is what of a stretch its thread has run.
 */

/** What those waited who arrived at evenly spread moments, in ms. */
export interface ArrivalDelay {
  /** Half of them waited for at most so long. */
  p50Ms: number;
  /** 99 of 100 waited for at most so long. */
  p99Ms: number;
  /** Longest stretch for which the loop was blocked. */
  maxMs: number;
}

/** The shortest timer there is, in ms. */
const EVERY_MS = 1;
/** Hosts count timers in whole ms, so that one may be so late with a loop that is never blocked. */
const GRAIN_MS = 1;

/**
 * Starts watching; the returned function stops and reports. With the thread's processor time, in ms, no stretch counts
 * for longer than the thread has run in it.
 */
export function watchArrivals(
  threadMs: () => number = () => performance.now(),
): () => ArrivalDelay {
  const late: number[] = [];
  const startedAt = performance.now();
  let due = startedAt + EVERY_MS + GRAIN_MS;
  let ranMs = threadMs();
  const note = () => {
    const now = performance.now();
    const nowMs = threadMs();
    late.push(Math.max(0, Math.min(now - due, nowMs - ranMs)));
    due = now + EVERY_MS + GRAIN_MS;
    ranMs = nowMs;
  };
  const look = () => {
    note();
    timer = setTimeout(look, EVERY_MS);
  };
  let timer = setTimeout(look, EVERY_MS);
  return () => {
    clearTimeout(timer);
    // A stretch that lasts until now has not let the timer fire: it counts, too.
    note();
    return summarise(late, performance.now() - startedAt);
  };
}

/** The delays of a time of `totalMs` in which the loop was blocked for stretches of `late` ms. */
export function summarise(
  late: readonly number[],
  totalMs: number,
): ArrivalDelay {
  const longest = late.toSorted((a, b) => b - a);
  const percentile = (share: number) => {
    const waitingMs = (1 - share) * totalMs;
    let sum = 0;
    for (let count = 1; count <= longest.length; count++) {
      sum += longest[count - 1]!;
      const next = longest[count] ?? 0;
      // With `x` at the next stretch, those longer than it would give more than is wanted.
      if (sum - count * next >= waitingMs) return (sum - waitingMs) / count;
    }
    return 0;
  };
  return {
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
    maxMs: longest[0] ?? 0,
  };
}
