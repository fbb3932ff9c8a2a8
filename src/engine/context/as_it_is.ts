/** How deep a value is copied: deeper than Convex takes one, so that what is too deep is refused as that. */
const MAX_DEPTH = 80;
/** A longer array is left as it is, too: Convex takes none, and copying one that is mostly holes may take minutes. */
const MAX_LENGTH = 65_536;

/**
 * A copy of what is given to a write, or a call, that has to wait: code that has started it may change its object
 * meanwhile. What is no plain value is left as it is, for whoever takes it to refuse it in its own words; so is the copy
 * of what holds itself, which holds itself as well.
 */
export function asItIs(value: unknown): unknown {
  return copied(value, 0, new Map());
}

/** `known` are the copies so far, so that none is made twice: there may be very many ways to an object. */
function copied(
  value: unknown,
  depth: number,
  known: Map<unknown, unknown>,
): unknown {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) {
    return value;
  }
  if (value instanceof ArrayBuffer) {
    // One that was transferred has no bytes, and throws.
    return value.byteLength === 0 ? value : value.slice(0);
  }
  const before = known.get(value);
  if (before !== undefined) return before;
  if (Array.isArray(value)) {
    if (value.length > MAX_LENGTH) return value;
    const list = value.slice();
    known.set(value, list);
    list.forEach((item, at) => {
      if (typeof item === "object") list[at] = copied(item, depth + 1, known);
    });
    return list;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return value;
  const fields: Record<string, unknown> = { ...value };
  known.set(value, fields);
  for (const field in fields) {
    fields[field] = copied(fields[field], depth + 1, known);
  }
  return fields;
}
