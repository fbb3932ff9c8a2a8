import type { Progress } from "../wire/protocol.ts";

/** Work that is handed over before its turn, in µs. */
const AHEAD_US = 2000;
/** Tasks from this length on, in µs, wait in the pool until the worker is free: there they can still change places. */
const LONG_US = 10_000;
const FIRST = 8;
const MOST = 1024;
const GROWTH = 4;

/** How many tasks a worker may hold that it has not begun: few of long ones, many of short ones. */
export class Credit {
  /** Mean time that a task keeps the worker's thread busy, in µs. */
  taskUs = 0;
  #window = FIRST;
  #started = 0;
  #busyUs = 0;

  /** Learns how far the worker is. */
  learn({ started, busyUs }: Progress): void {
    const tasks = (started - this.#started) | 0;
    if (tasks <= 0) return;
    const us = ((busyUs - this.#busyUs) | 0) / tasks;
    this.#started = started;
    this.#busyUs = busyUs;
    this.taskUs = this.taskUs === 0 ? us : (this.taskUs + us) / 2;
    const wanted = this.taskUs >= LONG_US
      ? 0
      : Math.max(1, Math.floor(AHEAD_US / Math.max(this.taskUs, 0.5)));
    this.#window = Math.min(
      wanted,
      Math.max(this.#window, 1) * GROWTH,
      MOST,
    );
  }

  /**
   * Tasks that may be handed over.
   *
   * @param sent Number of the last task that was.
   * @param begun Number of the last one that began.
   */
  room(sent: number, begun: number): number {
    if (this.#window > 0) return this.#window - ((sent - begun) | 0);
    // That was its last report: it may have begun another task since.
    return sent === this.#started ? 1 : 0;
  }
}
