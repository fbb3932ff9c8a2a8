/** Words of the rules that several modules share: one place for their codes and their lists. */
import {
  type Arguments,
  arrayOf,
  FORMAT,
  isFinite,
  isText,
  must,
  notBlank,
  oneOf,
  optional,
  string,
  type Test,
} from "./rules.ts";

/** Where a memory may come from. */
export const SOURCE_TYPES: readonly string[] = [
  "conversation",
  "system",
  "tool",
  "a2a",
];

/** Kinds of facts. */
export const FACT_TYPES: readonly string[] = [
  "preference",
  "identity",
  "knowledge",
  "relationship",
  "event",
  "observation",
  "custom",
];

/** What a memory's content may be; `fact` is accepted though its type does not say so. */
export const CONTENT_TYPES: readonly string[] = ["raw", "summarized", "fact"];

/** The code of a vector that is none. */
export const INVALID_EMBEDDING = "INVALID_EMBEDDING";

/** The code of a confidence out of its bounds. */
export const INVALID_CONFIDENCE = "INVALID_CONFIDENCE";

/** The code of a source that is none. */
export const INVALID_SOURCE_TYPE = "INVALID_SOURCE_TYPE";

/** One of the sources of memories. */
export const sourceType: Test = oneOf(INVALID_SOURCE_TYPE, SOURCE_TYPES);

/** A vector; `says` is what its elements must be. */
export const vector = (says: string): Test =>
  arrayOf(INVALID_EMBEDDING, isFinite, says);

/** A tenant that a call names. A blank one is refused, lest it be taken for none. */
export const tenant: Test = optional(string(FORMAT), notBlank(FORMAT));

/** Not later than another date of the call, and itself a date. */
export const dateNotAfter = (code: string, later: string): Test =>
  must(
    code,
    (value, all) => {
      const [from, until] = [value, all[later]].map(toMs);
      return !Number.isNaN(from) && !Number.isNaN(until) &&
        (from === undefined || until === undefined || from <= until);
    },
    "%f must be valid dates in order",
  );

/** Whether an argument says who somebody is; blank says nothing. */
export function names(all: Arguments, field: string): boolean {
  return isText(all[field]);
}

/** A time as ms; NaN when it is none, undefined when it is not given. */
export function toMs(time: unknown): number | undefined {
  if (time === undefined) return undefined;
  if (time instanceof Date) return time.getTime();
  return typeof time === "number" ? time : NaN;
}
