import { valueToReason } from "../wire/error_data.ts";
import type { Reason, ToWorker } from "../wire/protocol.ts";

/** Collects aborted tasks, so that one message tells the worker about all of them. */
export class AbortBatch {
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
