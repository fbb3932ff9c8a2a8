import type { EngineError } from "../../errors.ts";

/** The lifetime of an action, which ends when it runs for too long. */
export class ActionLife {
  /** The step in which it began. */
  readonly step: number;
  /** Rejects its result. */
  end: ((error: EngineError) => void) | undefined;
  #error: EngineError | undefined;

  /** Begins in a step of `ActionLives`. */
  constructor(step: number) {
    this.step = step;
  }

  /** Throws once it has expired. */
  assertAlive(): void {
    if (this.#error) throw this.#error;
  }

  /** Ends it: its promise is rejected, and its further calls are refused. */
  expire(error: EngineError): void {
    this.#error = error;
    this.end?.(error);
  }
}
