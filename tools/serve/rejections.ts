import type { Rejections } from "../../src/engine/engine.ts";
import { type FailureLog, failureLog } from "./failure_log.ts";

/**
 * Listens for unhandled rejections and uncaught errors, by which Deno would end the process. Those that no engine knows
 * come from functions that have ended; they are logged, a few a minute, as clients can cause many.
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
    // Deno reports rejections before it runs immediates.
    told: () => new Promise((resolve) => setImmediate(resolve)),
  };
}
