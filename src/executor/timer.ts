/** A timer that was started. */
export interface Timer {
  /** Stops it; harmless when it has gone off. */
  stop(): void;
}

/** Calls back once after `ms`. An `idle` timer does not keep the process alive, where the host can do that. */
export function startTimer(
  callback: () => void,
  ms: number,
  idle = false,
): Timer {
  const timer = setTimeout(callback, ms) as unknown;
  if (idle) {
    const { Deno } = globalThis as {
      Deno?: { unrefTimer?(id: unknown): void };
    };
    if (Deno?.unrefTimer) Deno.unrefTimer(timer);
    else (timer as { unref?(): void }).unref?.();
  }
  return { stop: () => clearTimeout(timer as number) };
}

/**
 * The host's `setImmediate`. Not that of workerd with `nodejs_compat`: it drops the callback when the request that
 * scheduled it ends, and an engine that several requests share would wait for ever.
 */
function immediate(): ((callback: () => void) => void) | undefined {
  const { setImmediate } = globalThis as {
    setImmediate?: (callback: () => void) => void;
  };
  return "WebSocketPair" in globalThis ? undefined : setImmediate;
}

/** Calls back after timers, I/O and messages have had their turn. */
export function afterTurn(callback: () => void): void {
  const setImmediate = immediate();
  if (setImmediate) setImmediate(callback);
  else setTimeout(callback, 0);
}

/** Calls back after the messages that have already arrived are received. */
export function afterMessages(callback: () => void): void {
  // A Deno worker that was woken through shared memory receives no messages between one `setImmediate` and the next.
  if ("Deno" in globalThis) setTimeout(callback, 0);
  else afterTurn(callback);
}

/**
 * True where code can yield to the event loop without delay; elsewhere only a timer yields, which takes milliseconds.
 */
export function hasTurns(): boolean {
  // Deno has `setImmediate`, but the first access loads its whole Node layer.
  return "Deno" in globalThis || typeof immediate() === "function";
}
