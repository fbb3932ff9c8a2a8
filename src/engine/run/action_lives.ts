import { EngineError } from "../../errors.ts";
import { ActionLife } from "./action_life.ts";
import type { Timers } from "../timers.ts";

/** Steps in which the time of an action is counted. */
const STEPS = 16;

/**
 * Ends actions that run for too long: after the limit, and before a sixteenth more. One timer looks after all of them,
 * so an action costs no timer of its own.
 */
export class ActionLives {
  readonly #timers: Timers;
  readonly #limitMs: number;
  /** Those that run, oldest first. */
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

  /** Looks no more. */
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

/** Runs an action, as long as it may where there is a limit. */
export function limited<T>(
  lives: ActionLives | undefined,
  action: (life?: ActionLife) => Promise<T>,
): Promise<T> {
  return lives ? lives.run(action) : action();
}
