/**
 * Codes and words of errors that several files give: each literal stands here only. Those that the facade itself gives
 * stand in `shown.ts`.
 */
export { CONFLICTING_OPTIONS, MISSING_USER_ID } from "./shown.ts";

/** An argument that every method takes is wrong. */
export const INVALID_ARGUMENT = "INVALID_ARGUMENT";
/** A range of dates that ends before it begins. */
export const INVALID_DATE_RANGE = "INVALID_DATE_RANGE";
/** An id that cannot be one. */
export const INVALID_ID_FORMAT = "INVALID_ID_FORMAT";
/** A space's id that cannot be one. */
export const INVALID_MEMORYSPACE_ID = "INVALID_MEMORYSPACE_ID";
/** For a number below zero. */
export const CANNOT_BE_NEGATIVE = "cannot be negative";
/** Message for NaN, infinities and everything but numbers. */
export const FINITE_NUMBER = "must be a finite number";
/** Message for an element that is blank or not a string. */
export const NON_EMPTY_STRING = "must be a non-empty string";
/** Message when a string is expected. */
export const A_STRING = "must be a string";
/** A filter is none. */
export const INVALID_FILTER = "INVALID_FILTER";
