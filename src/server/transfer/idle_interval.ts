import { unrefTimer } from "../../engine/timers.ts";

/** Calls back every `ms`, without keeping the process alive. Returns a function that stops it. */
export function startIdleInterval(
  callback: () => void,
  ms: number,
): () => void {
  const timer = setInterval(callback, ms);
  unrefTimer(timer);
  return () => clearInterval(timer);
}
