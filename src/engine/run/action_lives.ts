import { EngineError } from "../../errors.ts";
import { ActionLife } from "./action_life.ts";
import type { Timers } from "../timers.ts";

/** Steps in which the time limit of an action is counted. */
const STEPS = 16;

/**
 * Ends actions that run for too long, at most a sixteenth after the limit. One timer serves all of them, so that an
 * action needs no timer of its own.
 */
export class ActionLives {
  readonly #timers: Timers;
  readonly #limitMs: number;
  /** The running actions, oldest first. */
  readonly #alive: Set<ActionLife> = new Set();
  #step = 0;
  #timer: unknown;

  /** Takes the host's timers. */
  constructor(timers: Timers, limitMs: number) {
    this.#timers = timers;
    this.#limitMs = limitMs;
  }

  /** Runs an action. Rejects with `LIMIT_EXCEEDED` when it takes too long. */
  run<T>(action: (life: ActionLife) => Promise<T>): Promise<T> {
    const life = new ActionLife(this.#step);
    this.#alive.add(life);
    if (this.#timer === undefined) this.#look();
    return new Promise<T>((resolve, reject) => {
      life.end = reject;
      action(life).then(resolve, reject).finally(() =>
        this.#alive.delete(life)
      );
    });
  }

  /** Stops the timer. */
  stop(): void {
    if (this.#timer !== undefined) this.#timers.clear(this.#timer);
    this.#alive.clear();
    this.#timer = undefined;
  }

  #look(): void {
    this.#timer = this.#timers.set(Math.ceil(this.#limitMs / STEPS), () => {
      this.#timer = undefined;
      this.#step++;
      for (const life of this.#alive) {
        if (this.#step - life.step <= STEPS) break;
        this.#alive.delete(life);
        life.expire(
          new EngineError(
            "LIMIT_EXCEEDED",
            `Function execution timed out (maximum duration: ${
              this.#limitMs / 1000
            }s)`,
            { data: { bound: this.#limitMs } },
          ),
        );
      }
      if (this.#alive.size > 0) this.#look();
    });
  }
}

/** Runs an action, with a time limit if there is one. */
export function limited<T>(
  lives: ActionLives | undefined,
  action: (life?: ActionLife) => Promise<T>,
): Promise<T> {
  return lives ? lives.run(action) : action();
}
