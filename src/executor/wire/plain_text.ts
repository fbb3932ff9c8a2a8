/**
 * Sends plain values as JSON text. Hosts clone a small object key by key, which takes two to three times as long as
 * writing, copying and parsing JSON. Only values that JSON restores exactly as a clone would are sent this way.
 */

/** Values with more objects, arrays and members than this are cloned unchecked: the check would rarely pay. */
const MOST_PARTS = 500;
/** Longer strings are cloned, because a clone copies them without escaping. */
const LONGEST = 2000;
const DEEPEST = 30;
/** How many values are cloned unchecked after one that was not plain; doubles each time. */
const FIRST_REST = 1;
const MOST_REST = 64;

/** The encoder of one direction between two threads. */
export class PlainText {
  #rest = 0;
  #nextRest = FIRST_REST;

  /** The text of an array whose items share no objects; `undefined` when it must be cloned. */
  ofAll(values: readonly unknown[]): string | undefined {
    return this.#write(values, () => values.every(isPlain));
  }

  /** The text of an object or array; `undefined` when it must be cloned. */
  ofOne(value: unknown): string | undefined {
    if (typeof value !== "object" || value === null) return undefined;
    return this.#write(value, () => isPlain(value));
  }

  #write(value: unknown, check: () => boolean): string | undefined {
    if (this.#rest > 0) {
      this.#rest--;
      return undefined;
    }
    try {
      if (check()) {
        this.#nextRest = FIRST_REST;
        return JSON.stringify(value);
      }
    } catch {
      // A getter threw; cloning will report it.
    }
    this.#rest = this.#nextRest;
    this.#nextRest = Math.min(this.#nextRest * 2, MOST_REST);
    return undefined;
  }
}

/** Decodes values that were sent cloned or as text. */
export function readValues(values: unknown[] | string): unknown[] {
  return typeof values === "string" ? JSON.parse(values) : values;
}

/** True when JSON restores the value as a clone would: only plain parts, and none that occurs twice. */
export function isPlain(root: unknown): boolean {
  const seen: object[] = [];
  let parts = 0;
  return isGood(root, 0);

  function isGood(value: unknown, depth: number): boolean {
    switch (typeof value) {
      case "string":
        return value.length <= LONGEST;
      case "boolean":
        return true;
      case "number":
        // JSON has no NaN, no infinity and no negative zero.
        return value - value === 0 && (value !== 0 || 1 / value > 0);
      case "object":
        return value === null || isGoodObject(value, depth);
      default:
        return false;
    }
  }

  function isGoodObject(value: object, depth: number): boolean {
    if (depth === DEEPEST) return false;
    // For few objects, a linear search is faster than a set.
    for (let at = 0; at < seen.length; at++) {
      if (seen[at] === value) return false;
    }
    seen.push(value);
    if ((value as { toJSON?: unknown }).toJSON !== undefined) return false;
    if (Array.isArray(value)) {
      const { length } = value;
      // A clone keeps holes, and members that are not items.
      if ((parts += length + 1) > MOST_PARTS) return false;
      if (Object.keys(value).length !== length) return false;
      for (let at = 0; at < length; at++) {
        if (!isGood(value[at], depth + 1)) return false;
      }
      return true;
    }
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return false;
    for (const key in value) {
      if (++parts > MOST_PARTS) return false;
      if (!isGood((value as { [key: string]: unknown })[key], depth + 1)) {
        return false;
      }
    }
    return true;
  }
}
