import type { EngineError } from "../../errors.ts";

/** How long an action may still run. */
export class ActionLife {
  /** The step in which it began. */
  readonly step: number;
  /** Rejects its result. */
  end: ((error: EngineError) => void) | undefined;
  #error: EngineError | undefined;

  /** Begins in a step. */
  constructor(step: number) {
    this.step = step;
  }

  /** Throws when its time is over. */
  assertAlive(): void {
    if (this.#error) throw this.#error;
  }

  /** Ends it: its result is rejected, and what it still asks of the engine is refused. */
  expire(error: EngineError): void {
    this.#error = error;
    this.end?.(error);
  }
}
