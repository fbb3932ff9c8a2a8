/** What the reading of JSON text goes by. A module without imports: bundlers write its numbers where they are used. */

/** Text that members of one step hold at least before it ends at a member of its container, in bytes. */
export const PIECE = 64 * 1024;
/** Text after which a step ends wherever it is, in bytes. */
export const LARGE_PIECE = 192 * 1024;
/** Length from which a string is built in parts, and that of a part, in bytes. */
export const PART = 128 * 1024;
/** Length from which an array of numbers, or the base64 of bytes, is worth a step of its own, in bytes. */
export const WORTH_A_STEP = 512;
/** Text that a number takes, so that room is made for all at once, in bytes. */
export const USUAL_NUMBER = 16;
/** Containers in each other at most: Convex allows 64. */
export const MAX_DEPTH = 200;

/** Bytes that mean something. */
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

/** What comes next where a scanner is. */
export const VALUE = 0;
export const VALUE_OR_END = 1;
export const NAME = 2;
export const NAME_OR_END = 3;
export const SEPARATOR = 4;
