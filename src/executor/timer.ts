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
 * The host's `setImmediate`. Not workerd's, which it has with Node's layer: what it is to call back is lost with the
 * request that asked for it, and an engine that several requests share would wait for it for ever.
 */
function immediate(): ((callback: () => void) => void) | undefined {
  const { setImmediate } = globalThis as {
    setImmediate?: (callback: () => void) => void;
  };
  return "WebSocketPair" in globalThis ? undefined : setImmediate;
}

/** Calls back after timers, I/O and messages had their turn. */
export function afterTurn(callback: () => void): void {
  const setImmediate = immediate();
  if (setImmediate) setImmediate(callback);
  else setTimeout(callback, 0);
}

/** Calls back after the messages that have arrived were received. */
export function afterMessages(callback: () => void): void {
  // A worker on Deno that was woken by shared memory receives none between one `setImmediate` and the next.
  if ("Deno" in globalThis) setTimeout(callback, 0);
  else afterTurn(callback);
}

/** True where the next turn of the event loop can be had at once; elsewhere it takes a timer's milliseconds. */
export function hasTurns(): boolean {
  // Deno has it, but makes its whole Node layer when it is looked at.
  return "Deno" in globalThis || typeof immediate() === "function";
}
