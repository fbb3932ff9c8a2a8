import { BatchSize } from "./batch_size.ts";
import { readValues } from "../wire/plain_text.ts";
import type { FromWorker } from "../wire/protocol.ts";
import type { Ring } from "../wire/ring.ts";
import type { ErrorData } from "../types.ts";

/** Results read from shared memory before new tasks are sent, so that the worker does not wait for those. */
const DRAINED_AT_ONCE = 128;

/** Messages with results. */
export type ResultsMessage = Extract<
  FromWorker,
  { cortex: "done" | "one" | "text" }
>;

/** Receives results, by task number. */
export interface Receiver {
  /** A task is done. */
  settle(seq: number, value: unknown): void;
  /** A task failed. */
  fail(seq: number, error: ErrorData): void;
}

/** Delivers results, from messages and from shared memory, to their tasks. */
export class Delivery {
  /** How many tasks may be sent at once, measured by how long reading their results takes. */
  readonly batchSize: BatchSize = new BatchSize();
  readonly #to: Receiver;
  #isDraining = false;

  /** Delivers nothing yet. */
  constructor(to: Receiver) {
    this.#to = to;
  }

  /** Delivers the results of a message. */
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
    this.batchSize.record(
      values.length + failedIds.length,
      performance.now() - startMs,
    );
  }

  /**
   * Delivers some results from shared memory, then calls `drained`. Returns false when there are none, or when it is
   * already running.
   */
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
