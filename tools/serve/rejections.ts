import type { Rejections } from "../../src/engine/engine.ts";

/**
 * Listens for promises that are rejected and not awaited, from now on. What no engine knows, and what timers throw, comes
 * from functions that have ended: it is written down, where Deno would end the process.
 */
export function listenForRejections(): Rejections {
  const tellers = new Set<(reason: unknown) => boolean>();
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    const isKnown = [...tellers].some((tell) => tell(event.reason));
    if (isKnown) return;
    console.error(
      "error: a promise was rejected and not awaited:",
      event.reason,
    );
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    console.error("error: thrown outside of calls:", event.error);
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
