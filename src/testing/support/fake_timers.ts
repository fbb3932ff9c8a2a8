import type { Timers } from "../../engine/timers.ts";

/** A clock that stands still until a case moves it, with the timers of its time. */
export class FakeTimers implements Timers {
  /** The time in ms since 1970. */
  nowMs: number;
  readonly #timers: Map<number, { atMs: number; callback: () => void }> =
    new Map();
  #nextId = 1;

  /** Begins at a time. */
  constructor(nowMs = Date.UTC(2026, 0, 1)) {
    this.nowMs = nowMs;
  }

  /** Calls back once, when the clock has been moved so far. */
  set(delayMs: number, callback: () => void): number {
    const id = this.#nextId++;
    this.#timers.set(id, { atMs: this.nowMs + delayMs, callback });
    return id;
  }

  /** Takes a callback back. */
  clear(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  /** Timers that wait. */
  get count(): number {
    return this.#timers.size;
  }

  /** Moves the clock, calling back whatever is due on the way, in its order. */
  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    while (true) {
      const [next] = [...this.#timers]
        .filter(([, { atMs }]) => atMs <= untilMs)
        .sort(([, a], [, b]) => a.atMs - b.atMs);
      if (!next) break;
      this.#timers.delete(next[0]);
      this.nowMs = Math.max(this.nowMs, next[1].atMs);
      next[1].callback();
    }
    this.nowMs = untilMs;
  }

  /** Sets the clock ahead or, with a negative number, back. The timers take as long as they would have. */
  setClock(byMs: number): void {
    this.nowMs += byMs;
    for (const timer of this.#timers.values()) timer.atMs += byMs;
  }

  /** Moves the clock in steps of a minute, letting what was started run between them. */
  async advanceSlowly(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 60_000) {
      this.advance(Math.min(60_000, left));
      await settle();
    }
  }
}

/** Lets what was started run, as far as it waits for nothing but other such things. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  }
}
