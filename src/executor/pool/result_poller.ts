import type { SharedLane } from "../wire/shared_lane.ts";
import { SpinChoice } from "./spin_choice.ts";
import type { Kind } from "./task_sender.ts";
import { afterTurn, hasTurns } from "../timer.ts";

/** How long the pool polls for results before it sleeps, in ms. */
const POLL_MS = 0.12;
/** How long results are taken as they arrive before the event loop gets a turn, in ms. */
const TURN_MS = 0.25;

/** Watches shared memory for results: polls for a while, then sleeps until the worker wakes the pool. */
export class ResultPoller {
  readonly #lane: SharedLane;
  readonly #drain: () => boolean;
  /** One for each kind of task: polling may pay off for one kind and not for another. */
  readonly #choices: { readonly [kind in Kind]: SpinChoice };
  #polling = false;
  #stopped = false;
  #until = 0;
  /** Time of the last turn in which results were taken first. */
  #turnedAt = 0;
  #loneSince = 0;
  #choice: SpinChoice | undefined;

  /** `drain` takes the results that have arrived; false when there were none, or when it is already running. */
  constructor(lane: SharedLane, drain: () => boolean) {
    this.#lane = lane;
    this.#drain = drain;
    const { navigator } = globalThis as {
      navigator?: { hardwareConcurrency?: number };
    };
    const processors = navigator?.hardwareConcurrency ?? 2;
    const canSpin = hasTurns() && processors > 1;
    this.#choices = {
      small: new SpinChoice(canSpin),
      text: new SpinChoice(canSpin),
      other: new SpinChoice(canSpin),
    };
  }

  /** True when the result of a lone task of this kind is polled for. */
  polls(kind: Kind): boolean {
    return this.#choices[kind].spins;
  }

  /** Tasks were sent at `now`. `lone`: it is a single task, and the worker had none. `long`: tasks take long. */
  sent(now: number, lone: boolean, long: boolean, kind: Kind): void {
    this.#choice = this.#choices[kind];
    this.#lane.spins = this.#choice.spins;
    this.#loneSince = lone ? now : 0;
    if (!this.#choice.spins || long) return this.sleep();
    this.#until = now + POLL_MS;
    if (!this.#polling) this.#start();
  }

  /** The last task is done. */
  done(now: number): void {
    if (this.#loneSince === 0) return;
    this.#choice!.record(now - this.#loneSince);
    this.#loneSince = 0;
  }

  /** Lets the worker wake the pool. */
  sleep(): void {
    if (this.#polling || this.#stopped) return;
    for (;;) {
      this.#lane.sleep("pool", this.#woken);
      if (!this.#lane.results.hasMore) return;
      // What arrived in between has not woken the pool.
      this.#lane.rise("pool");
      // Results lead to tasks, and tasks to results: other work must get its turn.
      const isLong = performance.now() - this.#turnedAt > TURN_MS;
      if (isLong || !this.#drain()) return this.#start();
    }
  }

  /** Stops polling for good. */
  stop(): void {
    this.#until = 0;
    this.#stopped = true;
    // Otherwise a wait that nobody wakes would keep the memory.
    this.#lane.wake("pool");
  }

  #woken = () => {
    if (this.#stopped) return;
    this.#turnedAt = performance.now();
    this.#drain();
    this.sleep();
  };

  #start(): void {
    this.#polling = true;
    this.#lane.rise("pool");
    this.#pollLater();
  }

  #pollLater(): void {
    // As good as Deno's `setImmediate`, without the 15 ms that the first one takes.
    if ("Deno" in globalThis) this.#lane.turn(this.#poll);
    else afterTurn(this.#poll);
  }

  #poll = () => {
    const now = this.#turnedAt = performance.now();
    const found = this.#drain();
    if (found && this.#choice?.spins) this.#until = now + POLL_MS;
    if (now < this.#until) return this.#pollLater();
    this.#polling = false;
    this.sleep();
  };
}
