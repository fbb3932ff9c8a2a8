/** A hash of what a caller asked for. It distinguishes requests and is fast; it is not for secrets. */

/** The base of the multipliers of the four lanes. */
const FACTOR = 0x9e3779b1;

/**
 * Returns 32 hexadecimal digits. The order of an object's members, functions and `undefined` members make no
 * difference.
 */
export function fingerprint(value: unknown): string {
  const text = JSON.stringify(value, canonical) ?? "";
  return [1, 3, 5, 7].map((lane) => {
    const factor = Math.imul(FACTOR, lane);
    let hash = factor ^ text.length;
    for (let at = 0; at < text.length; at++) {
      hash = Math.imul(hash ^ text.charCodeAt(at), factor);
      hash ^= hash >>> 15;
    }
    return (hash >>> 0).toString(16).padStart(8, "0");
  }).join("");
}

/**
 * A `JSON.stringify` replacer: sorts members by name, and encodes what JSON has no form for. Dates arrive here as text
 * already.
 */
function canonical(_: string, member: unknown): unknown {
  if (typeof member === "bigint") return { $integer: `${member}` };
  if (member instanceof ArrayBuffer) {
    return { $bytes: [...new Uint8Array(member)] };
  }
  return typeof member !== "object" || member === null || Array.isArray(member)
    ? member
    : Object.fromEntries(
      Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
}
