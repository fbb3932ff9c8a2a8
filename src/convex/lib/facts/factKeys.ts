/** Normalised forms of a fact's parts: what duplicates and slots are found by. */
import { cutText } from "../text/cutText.ts";
import { normalise } from "../text/normalise.ts";

/** Longest key, in characters. */
const MAX_KEY_LENGTH = 512;
const PUNCTUATION = /[.,!?;:'"]/g;
const FILLERS = new Set(
  "a an the are be been being is was were".split(" "),
);

/** As `normalise` has it, without punctuation: for predicates. */
export function normalisePredicate(text: string | undefined): string {
  return normalise((text ?? "").replace(PUNCTUATION, ""));
}

/** Likewise, without articles and forms of "to be": two facts that are equal then say the same. */
export function plainText(fact: string): string {
  const words = normalisePredicate(fact).split(" ");
  const kept = words.filter((word) => !FILLERS.has(word));
  return (kept.length > 0 ? kept : words).join(" ");
}

/** How a fact's text is found: as far as indexes go, so that what is found has to be compared. */
export function textKey(fact: string): string {
  return cutText(plainText(fact), MAX_KEY_LENGTH);
}

/** A non-empty key or nothing. */
export function optionalKey(key: string): string | undefined {
  return key === "" ? undefined : cutText(key, MAX_KEY_LENGTH);
}

/** Share of words that two texts have in common: Jaccard of their sets, 0 to 1. */
export function wordOverlap(a: string, b: string): number {
  const left = new Set(normalise(a).split(" "));
  const right = new Set(normalise(b).split(" "));
  let common = 0;
  for (const word of left) if (right.has(word)) common++;
  return common / (left.size + right.size - common);
}
