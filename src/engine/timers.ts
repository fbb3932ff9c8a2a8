/** A host's timers, for the engine. */
export interface Timers {
  /** Calls back once after a delay in ms. Returns a handle for `clear`. */
  set(delayMs: number, callback: () => void): unknown;
  /** Cancels a callback. */
  clear(timer: unknown): void;
  /**
   * Longest time between two checks for due work, in ms, as the clock may be set, or the machine sleep, while a timer
   * runs. Default: no limit.
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
