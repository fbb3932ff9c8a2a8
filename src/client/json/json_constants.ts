/** Constants of the JSON reader. This module has no imports, so that bundlers inline its numbers. */

/** Length from which a step ends at the next member of its own container, in bytes. */
export const PIECE = 64 * 1024;
/** Length from which a step ends at the next member of any depth, in bytes. */
export const LARGE_PIECE = 192 * 1024;
/** Length from which a string is built in parts, and length of a part, in bytes. */
export const PART = 128 * 1024;
/** Length from which an array of numbers, or base64, gets a step of its own, in bytes. */
export const WORTH_A_STEP = 512;
/** Usual length of a number in text, in bytes: tells how much room to reserve for an array of numbers. */
export const USUAL_NUMBER = 16;
/** Most levels of nesting. Convex allows 64. */
export const MAX_DEPTH = 200;

/** Characters that matter to the scanner. */
export const ARRAY = 91;
export const ARRAY_END = 93;
export const OBJECT = 123;
export const OBJECT_END = 125;
export const QUOTE = 34;
export const BACKSLASH = 92;
export const COMMA = 44;
export const DOLLAR = 36;
export const MINUS = 45;
export const ZERO = 48;
export const NINE = 57;
export const COLON = 58;
export const EQUALS = 61;
export const UNDERSCORE = 95;

/** What the scanner expects next. */
export const VALUE = 0;
export const VALUE_OR_END = 1;
export const NAME = 2;
export const NAME_OR_END = 3;
export const SEPARATOR = 4;
