/** A host's timers, for the engine. */
export interface Timers {
  /** Calls back once after a delay in ms. Returns a handle for `clear`. */
  set(delayMs: number, callback: () => void): unknown;
  /** Cancels a callback. */
  clear(timer: unknown): void;
}
