/** Tells replies that only acknowledge ("Got it!") from replies worth remembering. */

const MAX_LENGTH = 80;
const MAX_OTHER_WORDS = 3;

/** A phrase that acknowledges, in words of its own. "OK" alone is an answer; only "ok," acknowledges. */
const PHRASE =
  /(?<![\p{L}\p{N}])((i'll call you|i'll remember|i'll set|i've noted|got it|noted|sure thing|understood|will do)(?![\p{L}\p{N}])|ok(ay)?,)/gu;

/**
 * Whether a reply says nothing that the user did not: shorter than 80 characters, with an acknowledging phrase, and at
 * most three words beside the phrases and the user's own words.
 */
export function isAcknowledgement(
  reply: string,
  userMessage: string,
): boolean {
  if (reply.length >= MAX_LENGTH) return false;
  const text = normalise(reply);
  const rest = text.replace(PHRASE, " ");
  if (rest === text) return false;
  const known = new Set(words(normalise(userMessage)));
  return words(rest).filter((word) => !known.has(word)).length <=
    MAX_OTHER_WORDS;
}

function normalise(text: string): string {
  return text.toLowerCase().replaceAll("\u2019", "'");
}

function words(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+(?:'[\p{L}\p{N}]+)*/gu) ?? [];
}
