import type { Timers } from "../../engine/timers.ts";

/** A clock that stands still until a case advances it, with timers on this clock. */
export class FakeTimers implements Timers {
  /** The time in ms since 1970. */
  nowMs: number;
  readonly #timers: Map<number, { atMs: number; callback: () => void }> =
    new Map();
  #nextId = 1;

  /** Starts at a given time. */
  constructor(nowMs = Date.UTC(2026, 0, 1)) {
    this.nowMs = nowMs;
  }

  /** Calls back once, when the clock has advanced by the delay. */
  set(delayMs: number, callback: () => void): number {
    const id = this.#nextId++;
    this.#timers.set(id, { atMs: this.nowMs + delayMs, callback });
    return id;
  }

  /** Cancels a timer. */
  clear(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  /** Number of pending timers. */
  get count(): number {
    return this.#timers.size;
  }

  /** Advances the clock, calling timers that become due, in order. */
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

  /** Sets the clock ahead or, with a negative number, back. Timers keep their remaining delays. */
  setClock(byMs: number): void {
    this.nowMs += byMs;
    for (const timer of this.#timers.values()) timer.atMs += byMs;
  }

  /** Advances the clock in steps of a minute, and lets started work run in between. */
  async advanceSlowly(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 60_000) {
      this.advance(Math.min(60_000, left));
      await settle();
    }
  }
}

/** Lets started work run until it waits for something from outside. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  }
}
