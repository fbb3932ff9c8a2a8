/** Normalised forms of a fact's parts, by which duplicates and slots are found. */
import { cutText } from "../text/cutText.ts";
import { normalise } from "../text/normalise.ts";

/** Longest key, in characters. */
const MAX_KEY_LENGTH = 512;
const PUNCTUATION = /[.,!?;:'"]/g;
const FILLERS = new Set(
  "a an the are be been being is was were".split(" "),
);

/** Normalises a text and removes punctuation, for predicates. */
export function normalisePredicate(text: string | undefined): string {
  return normalise((text ?? "").replace(PUNCTUATION, ""));
}

/** Also removes articles and forms of "to be": facts whose results are equal say the same. */
export function plainText(fact: string): string {
  const words = normalisePredicate(fact).split(" ");
  const kept = words.filter((word) => !FILLERS.has(word));
  return (kept.length > 0 ? kept : words).join(" ");
}

/** The index key of a fact's text. It is cut, so hits must still be compared. */
export function textKey(fact: string): string {
  return cutText(plainText(fact), MAX_KEY_LENGTH);
}

/** Returns a key, or undefined if it is empty. */
export function optionalKey(key: string): string | undefined {
  return key === "" ? undefined : cutText(key, MAX_KEY_LENGTH);
}

/** Share of the words that two texts have in common: the Jaccard index of the word sets, 0 to 1. */
export function wordOverlap(a: string, b: string): number {
  const left = new Set(normalise(a).split(" "));
  const right = new Set(normalise(b).split(" "));
  let common = 0;
  for (const word of left) if (right.has(word)) common++;
  return common / (left.size + right.size - common);
}
