/** Ids that Cortex makes: `<prefix>-<ms>-<random>`. */

/** What an id names. */
export type IdPrefix = "conv" | "msg" | "mem" | "fact" | "orch";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
const RANDOM_LENGTH = 16;
/** Bytes from here on would favour the first letters. */
const FAIR_LIMIT = 256 - 256 % ALPHABET.length;

/** Makes an id with 82 random bits from Web Crypto. */
export function createId(prefix: IdPrefix, nowMs: number = Date.now()): string {
  return `${prefix}-${nowMs}-${randomLetters(RANDOM_LENGTH)}`;
}

function randomLetters(length: number): string {
  let letters = "";
  while (letters.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length + 4))) {
      if (byte < FAIR_LIMIT && letters.length < length) {
        letters += ALPHABET[byte % ALPHABET.length];
      }
    }
  }
  return letters;
}
