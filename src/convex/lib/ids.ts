/** Ids that the backend itself makes. */

const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
const RANDOM_LENGTH = 16;
/** Bytes from here on are drawn again, so that every character is equally likely. */
const FAIR = 256 - 256 % ALPHABET.length;

/** `<prefix>-<ms>-<16 characters>`, the random part from the runtime's cryptographic generator. */
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
