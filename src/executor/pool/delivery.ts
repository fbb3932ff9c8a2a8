import { Pace } from "./pace.ts";
import { readValues } from "../wire/plain_text.ts";
import type { FromWorker } from "../wire/protocol.ts";
import type { Ring } from "../wire/ring.ts";
import type { ErrorData } from "../types.ts";

/** Results in shared memory that are handed out before new tasks may leave: the worker need not wait for them. */
const DRAINED_AT_ONCE = 128;

/** Messages with results. */
export type ResultsMessage = Extract<
  FromWorker,
  { cortex: "done" | "one" | "text" }
>;

/** Who gets results, by the numbers of their tasks. */
export interface Receiver {
  /** A task is done. */
  settle(seq: number, value: unknown): void;
  /** A task failed. */
  fail(seq: number, error: ErrorData): void;
}

/** Hands out results: those of messages, and those in shared memory. */
export class Delivery {
  /** How many tasks may be handed over, by what their results take. */
  readonly pace: Pace = new Pace();
  readonly #to: Receiver;
  #isDraining = false;

  /** Hands out nothing yet. */
  constructor(to: Receiver) {
    this.#to = to;
  }

  /** Hands out those of a message. */
  open(message: ResultsMessage): void {
    if (message.cortex === "one") {
      return this.#to.settle(message.id, message.value);
    }
    if (message.cortex === "text") {
      return this.#to.settle(message.id, JSON.parse(message.text));
    }
    const startMs = performance.now();
    const { ids, failedIds, errors } = message;
    const values = readValues(message.values);
    for (let at = 0; at < values.length; at++) {
      const seq = typeof ids === "number" ? (ids + at) | 0 : ids[at]!;
      this.#to.settle(seq, values[at]);
    }
    for (let at = 0; at < failedIds.length; at++) {
      this.#to.fail(failedIds[at]!, errors[at]!);
    }
    this.pace.took(
      values.length + failedIds.length,
      performance.now() - startMs,
    );
  }

  /** Hands out some of those in shared memory, then calls back; false when there are none, or it is at it already. */
  drain(results: Ring, drained: () => void): boolean {
    if (this.#isDraining || !results.take()) return false;
    this.#isDraining = true;
    for (let left = DRAINED_AT_ONCE; left > 0; left--) {
      this.#to.settle(results.seq, results.value);
      if (left > 1 && !results.take()) break;
    }
    results.free();
    drained();
    this.#isDraining = false;
    return true;
  }
}
