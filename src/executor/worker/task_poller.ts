import type { SharedLane } from "../wire/shared_lane.ts";

/** How long a worker spins for tasks in shared memory before it sleeps, where the pool found that it pays. */
const SPIN_MS = 0.06;
/** How long it blocks its event loop for tasks, where spinning does not pay: waking a blocked thread is cheaper. */
const BLOCK_MS = 1;

/** Watches shared memory for tasks while the worker has nothing to do: spins or blocks briefly, then sleeps. */
export class TaskPoller {
  readonly #lane: SharedLane;
  readonly #wake: () => void;

  /** `wake` is called when tasks arrive while the worker sleeps. */
  constructor(lane: SharedLane, wake: () => void) {
    this.#lane = lane;
    this.#wake = wake;
  }

  /**
   * Returns true when there are tasks; otherwise the worker sleeps until it is woken.
   *
   * @param mayWait Whether it may spin or block for a moment.
   * @param small Whether the last task came through shared memory.
   * @param received Number of messages that the worker has received.
   */
  poll(mayWait: boolean, small: boolean, received: number): boolean {
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
    // A task came in the meantime. Whether the pool has woken this side does not matter.
    lane.rise("worker");
    return true;
  }

  #spin(received: number): void {
    const lane = this.#lane;
    const end = performance.now() + SPIN_MS;
    do {
      for (let at = 0; at < 20; at++) if (lane.tasks.hasMore) return;
      // Only the event loop can receive the message that came.
      if (lane.posted !== received) return;
    } while (performance.now() < end);
  }
}
