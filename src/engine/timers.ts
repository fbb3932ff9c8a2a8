/** A host's timers, for the engine. */
export interface Timers {
  /** Calls back once after a delay in ms. Returns a handle for `clear`. */
  set(delayMs: number, callback: () => void): unknown;
  /** Cancels a callback. */
  clear(timer: unknown): void;
  /**
   * After how long what is due is looked for at the latest, in ms: for a clock that may be set while a timer runs, and a
   * machine that may sleep meanwhile. Default: when the timer is over.
   */
  readonly maxDelayMs?: number | undefined;
}

/** Longest delay that every host's timers take. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Lets the process end while a timer of the host still runs. */
export function unrefTimer(timer: unknown): void {
  if (typeof timer === "object" && timer !== null) {
    (timer as { unref?(): void }).unref?.();
  } else {
    // Deno's timers are numbers.
    (globalThis as { Deno?: { unrefTimer?(timer: unknown): void } }).Deno
      ?.unrefTimer?.(timer);
  }
}
