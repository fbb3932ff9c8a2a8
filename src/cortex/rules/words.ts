/**
 * Error codes and messages that several files use, each written only here. Those that the facade itself uses are in
 * `shown.ts`.
 */
export { CONFLICTING_OPTIONS, MISSING_USER_ID } from "./shown.ts";

/** The code for an invalid argument that every method takes. */
export const INVALID_ARGUMENT = "INVALID_ARGUMENT";
/** The code for a range of dates that ends before it begins. */
export const INVALID_DATE_RANGE = "INVALID_DATE_RANGE";
/** The code for an invalid id. */
export const INVALID_ID_FORMAT = "INVALID_ID_FORMAT";
/** The code for an invalid id of a memory space. */
export const INVALID_MEMORYSPACE_ID = "INVALID_MEMORYSPACE_ID";
/** Message for a negative number. */
export const CANNOT_BE_NEGATIVE = "cannot be negative";
/** Message for NaN, infinities and values that are not numbers. */
export const FINITE_NUMBER = "must be a finite number";
/** Message for an element that is blank or not a string. */
export const NON_EMPTY_STRING = "must be a non-empty string";
/** Message when a string is expected. */
export const A_STRING = "must be a string";
/** The code for an invalid filter. */
export const INVALID_FILTER = "INVALID_FILTER";

/** Cuts a text at 80 characters, for a message. */
export function cut(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
