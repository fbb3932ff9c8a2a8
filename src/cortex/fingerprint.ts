/** A hash of what a caller asked for. Not for secrets: it tells different requests apart, and is quick. */

/** What the multipliers of the four lanes are made of. */
const FACTOR = 0x9e3779b1;

/** 32 hexadecimal digits, the same for values that are equal but for the order of names, functions and `undefined`. */
export function fingerprint(value: unknown): string {
  const text = JSON.stringify(canonical(value)) ?? "";
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

function canonical(value: unknown): unknown {
  if (typeof value === "bigint") return { $integer: `${value}` };
  if (value instanceof Date) return { $date: value.getTime() };
  if (Array.isArray(value)) return value.map(canonical);
  if (value instanceof ArrayBuffer) {
    return { $bytes: [...new Uint8Array(value)] };
  }
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value)
    .filter(([, member]) =>
      member !== undefined && typeof member !== "function"
    )
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => [name, canonical(member)]);
  return { members };
}
