/** Ids that Cortex makes: `<prefix>-<ms>-<random>`. */

/** What an id names. */
export type IdPrefix = "conv" | "msg" | "mem" | "fact" | "orch";

/** Makes an id with 80 random bits from Web Crypto. */
export function createId(prefix: IdPrefix, nowMs: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const letters = Array.from(bytes, (byte) => (byte % 32).toString(32));
  return `${prefix}-${nowMs}-${letters.join("")}`;
}
