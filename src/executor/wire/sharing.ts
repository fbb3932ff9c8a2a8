/**
 * Values that are cloned together, in one message, go on sharing the objects that they share. Tasks and results must
 * not, or one would see what the handler of another changes.
 */

/**
 * Makes the values of one message independent, in place: clones each value that shares an object with an earlier one.
 * An object that occurs twice within one value remains a single object. `others` are further values of the message.
 */
export function separate(values: unknown[], others: unknown[] = []): void {
  const all = others.length > 0 ? [...values, ...others] : values;
  for (const index of findSharing(all)) {
    const isOther = index >= values.length;
    const list = isOther ? others : values;
    const at = isOther ? index - values.length : index;
    try {
      list[at] = structuredClone(list[at]);
    } catch {
      // Posting it will fail too, and say why.
    }
  }
}

/** Indexes of the values that share an object with an earlier one. */
export function findSharing(values: readonly unknown[]): number[] {
  const found: number[] = [];
  if (values.length < 2) return found;
  const owners = new Owners();
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value !== "object" || value === null) continue;
    try {
      if (owners.shares(value, index)) found.push(index);
    } catch {
      // A getter threw. It will throw again when the value is posted, and that error is reported.
    }
  }
  return found;
}

/** Objects nested deeper than this wait until the walk is back at the top, so that the stack does not overflow. */
const MAX_DEPTH = 100;

/** Which value was the first to reach each object. */
class Owners {
  readonly #owners = new Map<object, number>();
  #index = 0;
  /** Objects of the current value that lie too deep for this walk. */
  #deep: object[] = [];

  /** Walks the value at an index; true as soon as it reaches an object of an earlier value. */
  shares(value: object, index: number): boolean {
    this.#index = index;
    this.#deep = [];
    let next: object | undefined = value;
    for (; next; next = this.#deep.pop()) if (this.#enter(next, 0)) return true;
    return false;
  }

  #enter(value: object, depth: number): boolean {
    // Two views may share a buffer.
    const owned = ArrayBuffer.isView(value) ? value.buffer : value;
    const owner = this.#owners.get(owned);
    if (owner !== undefined) return owner !== this.#index;
    if (depth === MAX_DEPTH) {
      this.#deep.push(value);
      return false;
    }
    this.#owners.set(owned, this.#index);
    return owned === value && this.#enterParts(value, depth + 1);
  }

  #enterParts(value: object, depth: number): boolean {
    if (Array.isArray(value)) {
      for (let at = 0; at < value.length; at++) {
        if (this.#enterPart(value[at], depth)) return true;
      }
    } else if (value instanceof Map) {
      for (const [key, item] of value) {
        if (this.#enterPart(key, depth) || this.#enterPart(item, depth)) {
          return true;
        }
      }
    } else if (value instanceof Set) {
      for (const item of value) if (this.#enterPart(item, depth)) return true;
    } else {
      if (value instanceof Error && this.#enterPart(value.cause, depth)) {
        return true;
      }
      for (const key in value) {
        const part = (value as { [key: string]: unknown })[key];
        if (this.#enterPart(part, depth)) return true;
      }
    }
    return false;
  }

  #enterPart(part: unknown, depth: number): boolean {
    return typeof part === "object" && part !== null &&
      this.#enter(part, depth);
  }
}
