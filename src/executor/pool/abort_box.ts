import { valueToReason } from "../wire/error_data.ts";
import type { Reason, ToWorker } from "../wire/protocol.ts";

/** Tasks that were given up, collected so that one message tells the worker of all of them. */
export class AbortBox {
  #ids: number[] = [];
  #reasons: Reason[] = [];

  /** Adds one. */
  add(id: number, reason: unknown): void {
    this.#ids.push(id);
    this.#reasons.push(valueToReason(reason));
  }

  /** The message, if there is anything in it. */
  take(): ToWorker | undefined {
    if (this.#ids.length === 0) return undefined;
    const message = {
      cortex: "abort" as const,
      ids: this.#ids,
      reasons: this.#reasons,
    };
    this.#ids = [];
    this.#reasons = [];
    return message;
  }
}
