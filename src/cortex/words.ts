/** Codes and words of errors that several files give: each literal stands here only. Those that the facade itself gives stand in `shown.ts`. */
export { CONFLICTING_OPTIONS, MISSING_USER_ID } from "./shown.ts";

/** A list without elements. */
export const EMPTY_ARRAY = "EMPTY_ARRAY";
/** An argument that every method takes is wrong. */
export const INVALID_ARGUMENT = "INVALID_ARGUMENT";
/** A range of dates that ends before it begins. */
export const INVALID_DATE_RANGE = "INVALID_DATE_RANGE";
/** A format that is not exported. */
export const INVALID_EXPORT_FORMAT = "INVALID_EXPORT_FORMAT";
/** An id that cannot be one. */
export const INVALID_ID_FORMAT = "INVALID_ID_FORMAT";
/** A space's id that cannot be one. */
export const INVALID_MEMORYSPACE_ID = "INVALID_MEMORYSPACE_ID";
/** A version that is no number from 1. */
export const INVALID_VERSION = "INVALID_VERSION";
/** For what is no object. */
export const AN_OBJECT = "must be an object";
/** For what is no number. */
export const A_NUMBER = "must be a number";
/** For what is no whole number. */
export const AN_INTEGER = "must be an integer";
/** For what is no string. */
export const A_STRING = "must be a string";
/** For a number below zero. */
export const CANNOT_BE_NEGATIVE = "cannot be negative";
/** For NaN, infinities, and what is no number. */
export const FINITE_NUMBER = "must be a finite number";
/** For an element that is no string, or a blank one. */
export const NON_EMPTY_STRING = "must be a non-empty string";
/** For what is no time. */
export const TIME_IN_MS = "must be a time in ms since 1970";
/** For a blank user id. */
export const USER_ID_EMPTY = "userId cannot be empty";

/** Message for an argument that is missing; see `must`. */
export const IS_REQUIRED = "%f is required";
