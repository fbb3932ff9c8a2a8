import type { Rejections } from "../../src/engine/engine.ts";
import { type FailureLog, failureLog } from "./failure_log.ts";

/**
 * Listens for promises that are rejected and not awaited, from now on. What no engine knows, and what timers throw, comes
 * from functions that have ended: it is written down, a few a minute as clients can cause many, where Deno would end
 * the process.
 */
export function listenForRejections(
  log: FailureLog = failureLog(console.error),
): Rejections {
  const tellers = new Set<(reason: unknown) => boolean>();
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    const isKnown = [...tellers].some((tell) => tell(event.reason));
    if (!isKnown) log(event.reason, "a promise was rejected and not awaited: ");
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    log(event.error, "thrown outside of calls: ");
  });
  return {
    observe(tell) {
      tellers.add(tell);
      return () => tellers.delete(tell);
    },
    // Deno reports them before it runs what was set to be done immediately.
    told: () => new Promise((resolve) => setImmediate(resolve)),
  };
}
