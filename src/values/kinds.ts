/** Guards that distinguish the kinds of values, across realms. */

/** True for an `ArrayBuffer`, also one of another realm; false for views and shared buffers. */
export function isBytes(value: unknown): value is ArrayBuffer {
  return value instanceof ArrayBuffer ||
    Object.prototype.toString.call(value) === "[object ArrayBuffer]";
}

/** True for what JSON leaves out or writes as null. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/**
 * True for a text of the form of a function handle. Whether there is such a function is not asked: it may come and go.
 */
export function isFunctionHandle(value: unknown): value is string {
  return typeof value === "string" && value.startsWith("function://");
}

/** True for an object that is neither an array nor a promise, which the caller forgot to await. */
export function isRecord(
  value: unknown,
): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Promise);
}

/** True for an object made by a literal, by `JSON.parse` or with a null prototype, also one of another realm. */
export function isPlainObject(
  value: unknown,
): value is { [key: string]: unknown } {
  if (!isRecord(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  // Another realm's Object.prototype is no class instance either: it ends the chain itself.
  return Object.getPrototypeOf(prototype) === null &&
    prototype.constructor?.name === "Object";
}
