/** Ids that the backend makes. */

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
const RANDOM_LENGTH = 16;
/** Random bytes from this value on are discarded, so that every character is equally likely. */
const FAIR = 256 - 256 % ALPHABET.length;

/** Makes an id `<prefix>-<ms>-<16 characters>`, with random characters from the host's cryptographic generator. */
export function makeId(prefix: string, now: number): string {
  let random = "";
  const bytes = new Uint8Array(RANDOM_LENGTH * 2);
  while (random.length < RANDOM_LENGTH) {
    crypto.getRandomValues(bytes);
    for (const byte of bytes) {
      if (byte < FAIR && random.length < RANDOM_LENGTH) {
        random += ALPHABET[byte % ALPHABET.length];
      }
    }
  }
  return `${prefix}-${Math.floor(now)}-${random}`;
}
