import { stringifyValue } from "./json.ts";
import type { Value } from "./types.ts";

/** Hashed after each text; not the code of any character. */
const END = 0x10000;

/** A 64-bit hash of a sequence of texts. Not cryptographic: texts with the same hash can be constructed. */
export class TextHash {
  #high = 0xdeadbeef;
  #low = 0x41c6ce57;

  /** Adds a text. */
  add(text: string): void {
    let high = this.#high;
    let low = this.#low;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      high = Math.imul(high ^ unit, 2654435761);
      low = Math.imul(low ^ unit, 1597334677);
    }
    this.#high = Math.imul(high ^ END, 2654435761);
    this.#low = Math.imul(low ^ END, 1597334677);
  }

  /** Adds a value. */
  addValue(value: Value | undefined): void {
    if (typeof value === "string") {
      this.add("s");
      this.add(value);
    } else if (Number.isInteger(value) && !Object.is(value, -0)) {
      // The same text as `JSON.stringify`, without calling it.
      this.add(`${value}`);
    } else this.add(value === undefined ? "u" : stringifyValue(value));
  }

  /** The hash as eight characters of one byte each. */
  text(): string {
    let high = this.#high;
    let low = this.#low;
    high = Math.imul(high ^ high >>> 16, 2246822507) ^
      Math.imul(low ^ low >>> 13, 3266489909);
    low = Math.imul(low ^ low >>> 16, 2246822507) ^
      Math.imul(high ^ high >>> 13, 3266489909);
    return String.fromCharCode(
      high >>> 24,
      high >>> 16 & 255,
      high >>> 8 & 255,
      high & 255,
      low >>> 24,
      low >>> 16 & 255,
      low >>> 8 & 255,
      low & 255,
    );
  }
}
