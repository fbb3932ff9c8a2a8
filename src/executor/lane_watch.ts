import type { SharedLane } from "./shared_lane.ts";
import { SpinChoice } from "./spin_choice.ts";
import type { Kind } from "./task_sender.ts";
import { afterTurn, hasTurns } from "./timer.ts";

/** How long the pool looks out for results before it sleeps, in ms. */
const WATCH_MS = 0.12;
/** Times that results are taken without a turn of the event loop in between. */
const ROUNDS = 3;

/** How the pool learns of results in shared memory: it looks out for a while, then lets the worker wake it. */
export class LaneWatch {
  readonly #lane: SharedLane;
  readonly #drain: () => boolean;
  /** Each kind has its own: what pays for the one may not for the other. */
  readonly #choices: { readonly [kind in Kind]: SpinChoice };
  #polling = false;
  #stopped = false;
  #until = 0;
  #loneSince = 0;
  #choice: SpinChoice | undefined;

  /** `drain` takes what is there; false when nothing was. */
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

  /** True when a lone task of a kind is looked out for. */
  looksOut(kind: Kind): boolean {
    return this.#choices[kind].spins;
  }

  /** Tasks were sent at a time. `lone`: the worker had none before, and this is one. `long`: they take their time. */
  sent(now: number, lone: boolean, long: boolean, kind: Kind): void {
    this.#choice = this.#choices[kind];
    this.#lane.spins = this.#choice.spins;
    this.#loneSince = lone ? now : 0;
    if (!this.#choice.spins || long) {
      if (!this.#polling) this.sleep();
      return;
    }
    this.#until = now + WATCH_MS;
    if (this.#polling) return;
    this.#polling = true;
    this.#lane.rise("pool");
    this.#pollLater();
  }

  /** The last task is done. */
  done(now: number): void {
    if (this.#loneSince === 0) return;
    this.#choice!.record(now - this.#loneSince);
    this.#loneSince = 0;
  }

  /** Lets the worker wake the pool. */
  sleep(): void {
    if (this.#polling) return;
    for (let round = 0; round < ROUNDS; round++) {
      this.#lane.sleep("pool", this.#woken);
      // What came in between has woken nobody.
      if (!this.#lane.results.hasMore) return;
      this.#lane.rise("pool");
      this.#drain();
    }
    // It goes on and on: others must have their turn.
    this.#polling = true;
    this.#pollLater();
  }

  /** Ends the looking out. */
  stop(): void {
    this.#until = 0;
    this.#stopped = true;
    // Else the memory would be kept for one who is never called back.
    this.#lane.wake("pool");
  }

  #woken = () => {
    if (!this.#stopped) this.sleep();
  };

  #pollLater(): void {
    // As good as Deno's `setImmediate`, without the 15 ms that the first one takes.
    if ("Deno" in globalThis) this.#lane.turn(this.#poll);
    else afterTurn(this.#poll);
  }

  #poll = () => {
    const found = this.#drain();
    const now = performance.now();
    if (found) this.#until = now + WATCH_MS;
    if (now < this.#until) {
      this.#pollLater();
      return;
    }
    this.#polling = false;
    this.sleep();
  };
}
