/** How deep a value is copied: deeper than Convex takes one, so that what is too deep is refused as that. */
const MAX_DEPTH = 80;

/**
 * A copy of what is given to a write, or a call, that has to wait: code that has started it may change its object
 * meanwhile. What is no plain value is left as it is, for whoever takes it to refuse it in its own words.
 */
export function asItIs(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) {
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => asItIs(item, depth + 1));
  if (value instanceof ArrayBuffer) {
    // One that was transferred has no bytes, and throws.
    return value.byteLength === 0 ? value : value.slice(0);
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, item]) => [
      field,
      asItIs(item, depth + 1),
    ]),
  );
}
