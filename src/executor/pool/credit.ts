import type { Progress } from "../wire/protocol.ts";

/** Amount of work to send ahead, in µs. */
const AHEAD_US = 2000;
/** Tasks that take longer, in µs, wait in the pool until the worker is free, because another may still take them. */
const LONG_US = 10_000;
const FIRST = 8;
const MOST = 1024;
const GROWTH = 4;

/** Flow control: how many tasks a worker may hold that it has not begun. Few if they are long, many if short. */
export class Credit {
  /** Mean time for which a task keeps the worker's thread busy, in µs. */
  taskUs = 0;
  #window = FIRST;
  #started = 0;
  #busyUs = 0;

  /** Records the worker's progress. */
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
   * How many tasks may be sent now.
   *
   * @param sent Number of the last task sent.
   * @param begun Number of the last task begun.
   */
  room(sent: number, begun: number): number {
    if (this.#window > 0) return this.#window - ((sent - begun) | 0);
    // That was its last report; it may have begun another task since.
    return sent === this.#started ? 1 : 0;
  }
}
