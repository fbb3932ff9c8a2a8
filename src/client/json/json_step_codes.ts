/**
 * Steps that build a value, each followed by its operands. Ranges are of bytes of the text. A step adds what it makes
 * to the innermost container that is begun, under the name that was given last where that is an object.
 */

/** Begins an array. */
export const array = 0;
/** Begins an object. */
export const object = 1;
/** Ends the innermost container. */
export const end = 2;
/** Range of a field's name, quotes included. */
export const name = 3;
/** Range of members between two separators. */
export const members = 4;
/** The same, where a `$integer`, `$float` or `$bytes` is among them. */
export const specialMembers = 5;
/** Range of a part of a long string. */
export const stringPart = 6;
/** The parts so far are a string. */
export const string = 7;
/** Range of base64 of bytes. */
export const base64 = 8;
/** Index of a value that was decoded. */
export const value = 9;
/** First index and count of numbers that were packed. */
export const numbers = 10;
