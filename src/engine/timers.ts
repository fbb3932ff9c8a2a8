/** A host's timers, handed to the engine. */
export interface Timers {
  /** Calls back once, in so many ms. Returns what `clear` takes. */
  set(delayMs: number, callback: () => void): unknown;
  /** Takes a callback back. */
  clear(timer: unknown): void;
}
