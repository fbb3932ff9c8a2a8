/**
 * Expected failures: `ConvexError`s whose data is `CODE` or `CODE: detail`, since plain errors lose their text on
 * Convex.
 */
import { ConvexError } from "convex/values";
import { cutText } from "./text/cutText.ts";

const MAX_SHOWN = 80;

/** Throws an expected failure. Callers see `CODE: detail` as the error's message and `CODE` as its code. */
export function fail(code: string, detail?: string): never {
  throw new ConvexError(detail === undefined ? code : `${code}: ${detail}`);
}

/** Quotes a value for a message, at most 80 characters of it. */
export function shown(value: string): string {
  return JSON.stringify(
    value.length > MAX_SHOWN ? `${cutText(value, MAX_SHOWN - 1)}…` : value,
  );
}

/** True for an expected failure, whichever copy of `convex/values` made it. */
export function isExpected(
  error: unknown,
): error is { data: unknown; message: string } {
  return typeof error === "object" && error !== null &&
    Symbol.for("ConvexError") in error;
}
