/** A hash of what a caller asked for. Not for secrets: it tells different requests apart, and is quick. */

/** Of each lane: where it starts, and what it multiplies by. */
const LANES = [
  [0x9e3779b1, 0x85ebca6b],
  [0xc2b2ae35, 0x27d4eb2f],
  [0x165667b1, 0x2545f491],
  [0xd6e8feb8, 0x9e3779b9],
] as const;

/** 32 hexadecimal digits, the same for values that are equal but for the order of names, functions and `undefined`. */
export function fingerprint(value: unknown): string {
  const text = JSON.stringify(canonical(value)) ?? "";
  return LANES.map(([start, factor]) => {
    let hash = start ^ text.length;
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
