/**
 * Steps that build a value, each followed by its operands. Ranges count bytes of the text. A step adds its value to the
 * innermost open container; in an object, under the last name given.
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
/** Joins the parts so far into a string. */
export const string = 7;
/** Range of bytes in base64. */
export const base64 = 8;
/** Index of a decoded value. */
export const value = 9;
/** First index and count of packed numbers. */
export const numbers = 10;
