import type { SharedLane } from "../wire/shared_lane.ts";

/** How long a worker looks out for tasks in shared memory before it sleeps, where the pool found that it pays. */
const SPIN_MS = 0.06;
/** How long it waits for tasks without its event loop, where looking out does not pay: waking it is cheaper then. */
const BLOCK_MS = 1;

/** How a worker that has nothing to do learns of tasks in shared memory. */
export class Lookout {
  readonly #lane: SharedLane;
  readonly #wake: () => void;

  /** `wake` is called when tasks come after the worker went to sleep. */
  constructor(lane: SharedLane, wake: () => void) {
    this.#lane = lane;
    this.#wake = wake;
  }

  /**
   * True when tasks are there; else the worker sleeps.
   *
   * @param mayWait It may look out for a short while.
   * @param small The last task came through shared memory.
   * @param received Number of messages that it took so far.
   */
  look(mayWait: boolean, small: boolean, received: number): boolean {
    const lane = this.#lane;
    lane.tasks.free();
    if (lane.tasks.hasMore) return true;
    if (mayWait) {
      if (lane.spins) this.#spin(received);
      else if (small) lane.block(BLOCK_MS, received);
      if (lane.tasks.hasMore) return true;
    }
    lane.sleep("worker", this.#wake);
    if (!lane.tasks.hasMore) return false;
    // It came in the meantime; the pool may have woken this side or not, both are fine.
    lane.rise("worker");
    return true;
  }

  #spin(received: number): void {
    const lane = this.#lane;
    const end = performance.now() + SPIN_MS;
    do {
      for (let at = 0; at < 20; at++) if (lane.tasks.hasMore) return;
      // A message came, which only the event loop can take.
      if (lane.posted !== received) return;
    } while (performance.now() < end);
  }
}
