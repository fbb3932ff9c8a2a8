import { isBytes } from "./kinds.ts";
import type { Value } from "./types.ts";

/** Copies a value that was checked before, at a fraction of the cost of `copyValue`. */
export function copyKnown<Known extends Value | undefined>(
  value: Known,
): Known {
  return (typeof value === "object" ? copyContainer(value) : value) as Known;
}

function copyContainer(value: Value | undefined): Value | undefined {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const copy = value.slice();
    for (let at = 0; at < copy.length; at++) {
      if (typeof copy[at] === "object") copy[at] = copyContainer(copy[at])!;
    }
    return copy;
  }
  if (isBytes(value)) return value.slice(0);
  const copy = { ...value };
  for (const name in copy) {
    if (typeof copy[name] === "object") copy[name] = copyContainer(copy[name]);
  }
  return copy;
}
