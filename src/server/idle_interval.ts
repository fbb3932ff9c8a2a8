import { unrefTimer } from "../engine/timers.ts";

/** Calls back every `ms`, without keeping the process alive, until the function that it returns is called. */
export function startIdleInterval(
  callback: () => void,
  ms: number,
): () => void {
  const timer = setInterval(callback, ms);
  unrefTimer(timer);
  return () => clearInterval(timer);
}
