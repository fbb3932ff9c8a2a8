import { readValues } from "./plain_text.ts";
import type { FromWorker } from "./protocol.ts";
import type { ErrorData } from "./types.ts";

/** Messages with results. */
export type ResultsMessage = Extract<
  FromWorker,
  { type: "done" | "one" | "text" }
>;

/** Hands out the results of a message, by the numbers of their tasks. */
export function deliver(
  message: ResultsMessage,
  settle: (seq: number, value: unknown) => void,
  fail: (seq: number, error: ErrorData) => void,
): void {
  if (message.type === "one") return settle(message.id, message.value);
  if (message.type === "text") {
    return settle(message.id, JSON.parse(message.text));
  }
  const { ids, failedIds, errors } = message;
  const values = readValues(message.values);
  for (let at = 0; at < values.length; at++) {
    settle(typeof ids === "number" ? (ids + at) | 0 : ids[at]!, values[at]);
  }
  for (let at = 0; at < failedIds.length; at++) {
    fail(failedIds[at]!, errors[at]!);
  }
}
