/**
 * Names and numbers that are written as one word or as several: `getUserName` and `user_name`, "12kg" and "12 kg",
 * "LH441" and "LH 441", "(555) 867-5309" and "5558675309". Both spellings get the same words.
 *
 * @module
 */

/** Where a word of capitals and small letters, or of letters and digits, has parts. */
const HAS_PARTS = /[a-z][A-Z]|[A-Z]{2}[a-z]{2}|[A-Za-z]\d|\d[A-Za-z]/;
/** Words of letters and digits; longer ones are data. */
const WORD = /(?<![A-Za-z\d])[A-Za-z\d]{2,64}(?![A-Za-z\d])/g;
const IS_CAMEL = /[a-z][A-Z]|[A-Z]{2}[a-z]{2}/;
const CAMEL_PARTS = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g;
/** A number with its unit, or a name with its number; "2nd" is neither. */
const NUMBERED = /^(?:(\d+)(?!(?:st|nd|rd|th)$)([a-z]+)|([a-z]+)(\d+))$/i;
const HAS_GROUPS = /\d\)?[-. /]\(?[A-Za-z]{0,3}\d/;
/** Groups with digits, divided by one character: phone, account and order numbers. Blanks divide only numbers. */
const GROUPS =
  /(?<![\w.,-])\+?\(?[A-Za-z]{0,3}\d[A-Za-z\d]*(?:\)?[-./]\(?[A-Za-z]{0,3}\d[A-Za-z\d]*|\)? \(?\d+(?![A-Za-z\d])){1,15}(?!\w|,\d)/g;
const IS_DATE = /^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}/;
/** Fewer characters are hardly the number of anything, and more have no word. */
const MIN_GROUPED = 7;
const MAX_GROUPED = 31;

/**
 * Puts the parts of such words behind them, and the joined form of grouped numbers in front of these.
 *
 * @param text A text in its own case.
 */
export function spread(text: string): string {
  const joined = HAS_GROUPS.test(text)
    ? text.replace(GROUPS, withJoined)
    : text;
  return HAS_PARTS.test(joined) ? joined.replace(WORD, withParts) : joined;
}

function withParts(word: string): string {
  const parts = IS_CAMEL.test(word)
    ? word.match(CAMEL_PARTS)!
    : NUMBERED.exec(word)?.slice(1) ?? [];
  return [word, ...parts.filter(isTelling)].join(" ");
}

/** Whether a part is a number, or more than a letter. */
function isTelling(part: string | undefined): boolean {
  return part !== undefined && (part.length > 1 || /\d/.test(part));
}

function withJoined(groups: string): string {
  if (IS_DATE.test(groups)) return groups;
  const joined = groups.replace(/[^A-Za-z\d]/g, "");
  return joined.length < MIN_GROUPED || joined.length > MAX_GROUPED
    ? groups
    : `${joined} ${groups}`;
}
