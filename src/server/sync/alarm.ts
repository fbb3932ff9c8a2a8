import { MAX_TIMER_MS } from "../../engine/timers.ts";

/** Calls back once at a time, which may be further away than a timer can wait. Returns a function that cancels it. */
export function setAlarm(
  atMs: number,
  now: () => number,
  ring: () => void,
): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const wait = () => {
    const leftMs = atMs - now();
    const isLast = leftMs <= MAX_TIMER_MS;
    const delayMs = Math.min(Math.max(0, leftMs), MAX_TIMER_MS);
    timer = setTimeout(isLast ? ring : wait, delayMs);
  };
  wait();
  return () => clearTimeout(timer);
}
