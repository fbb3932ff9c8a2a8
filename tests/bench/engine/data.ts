import { seededRandom } from "../../../src/testing/support/random.ts";
import { DIMENSIONS } from "./backend.ts";

export interface Item {
  key: string;
  group: string;
  rank: number;
  text: string;
}

/** How many items share a group, and vectors a label. */
export const GROUP_SIZE = 100;
export const LABELS = 10;
const WORDS = 20_000;

/** Made-up data, the same for every engine and run. */
export class Data {
  readonly #random = seededRandom(42);

  /** An item; keys and ranks are in no order. */
  item(at: number, total: number): Item {
    const shuffled = at * 7919 % total;
    const words = 20 + this.#random.below(40);
    return {
      key: `key-${shuffled}`,
      group: `group-${at % Math.ceil(total / GROUP_SIZE)}`,
      rank: shuffled,
      text: this.words(words),
    };
  }

  /** Words, of which few are frequent and most are rare. */
  words(count: number): string {
    return Array.from({ length: count }, () => {
      const share = this.#random.below(1_000_000) / 1_000_000;
      return `w${Math.floor(WORDS ** share).toString(36)}`;
    }).join(" ");
  }

  /** A vector as a model gives it, of about seven digits. */
  vector(): number[] {
    return Array.from(
      { length: DIMENSIONS },
      () => (this.#random.below(2_000_001) - 1_000_000) / 1e7,
    );
  }

  /** A number below a bound. */
  below(bound: number): number {
    return this.#random.below(bound);
  }
}
