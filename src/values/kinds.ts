/** Type guards that work across realms. */

/** Whether a value is an `ArrayBuffer`, of any realm; false for views and shared buffers. */
export function isBytes(value: unknown): value is ArrayBuffer {
  return value instanceof ArrayBuffer ||
    Object.prototype.toString.call(value) === "[object ArrayBuffer]";
}

/** Whether a value is undefined or null. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** Whether a value has the form of a function handle. The function itself may or may not exist. */
export function isFunctionHandle(value: unknown): value is string {
  return typeof value === "string" && value.startsWith("function://");
}

/**
 * Whether a value is an object, but not an array, a `Set`, a `Map` or a `Date`, whose members it would seem not to have,
 * nor a promise that the caller forgot to await.
 */
export function isRecord(
  value: unknown,
): value is Readonly<Record<string, unknown>> {
  // A `Date` is told by its method, as a function under test may have replaced or removed the global.
  return typeof value === "object" && value !== null &&
    !(Symbol.iterator in value || Symbol.toPrimitive in value ||
      value instanceof Promise);
}

/** Whether a value is a plain object, of any realm: made by a literal, by `JSON.parse`, or with a null prototype. */
export function isPlainObject(
  value: unknown,
): value is { [key: string]: unknown } {
  if (!isRecord(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  // Another realm's `Object.prototype` is recognised because it ends the prototype chain.
  return Object.getPrototypeOf(prototype) === null &&
    prototype.constructor?.name === "Object";
}
