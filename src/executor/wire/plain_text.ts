/**
 * Carries plain values as JSON text. A host clones a small object by writing and reading each of its keys, which takes
 * two to three times as long as to make text of it, copy that and read it. Only what comes out of the text exactly as
 * it would come out of a clone goes that way; everything else is cloned.
 */

/** Values with more objects, arrays and members than this are cloned: looking for what is not plain would be in vain. */
const MOST_PARTS = 500;
/** Longer strings are cloned: a clone copies them as they are. */
const LONGEST = 2000;
const DEEPEST = 30;
/** So many times values are cloned without a look when the last ones were not plain; doubled each time. */
const FIRST_REST = 1;
const MOST_REST = 64;

/** One direction between two threads. */
export class PlainText {
  #rest = 0;
  #nextRest = FIRST_REST;

  /** Text of an array whose items do not share objects; `undefined` when it is to be cloned. */
  ofAll(values: readonly unknown[]): string | undefined {
    return this.#write(values, () => values.every(isPlain));
  }

  /** Text of an object or array; `undefined` when the value is to be cloned. */
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
      // A getter threw: the clone will say so.
    }
    this.#rest = this.#nextRest;
    this.#nextRest = Math.min(this.#nextRest * 2, MOST_REST);
    return undefined;
  }
}

/** The values that crossed as they are or as text. */
export function readValues(values: unknown[] | string): unknown[] {
  return typeof values === "string" ? JSON.parse(values) : values;
}

/** True for a value that JSON gives back as a clone would be: no part of it is of another class or met twice. */
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
    // Few objects: to go through them is faster than a set.
    for (let at = 0; at < seen.length; at++) {
      if (seen[at] === value) return false;
    }
    seen.push(value);
    if ((value as { toJSON?: unknown }).toJSON !== undefined) return false;
    if (Array.isArray(value)) {
      const { length } = value;
      // A clone keeps holes, and members that are no items.
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
