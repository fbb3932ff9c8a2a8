/** A random program, of steps that do one thing or several at once. */
import type { Random } from "../../../src/testing/support/random.ts";
import { draw } from "./choice.ts";
import { commute, type Deed, OPERATIONS, WIPES } from "./operations.ts";

/** Keyed deeds that may be repeated. */
const REMEMBERED = 8;

/** Draws the deeds of each step, which are started together. */
export class Program {
  readonly #random: Random;
  readonly #keyed: Deed[] = [];
  #drawn = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** What is done next. */
  step(): Deed[] {
    const { below, pick } = this.#random;
    if (this.#keyed.length > 0 && below(12) === 0) return [pick(this.#keyed)];
    const deeds = [this.#deed()];
    for (let more = below(4) === 0 ? 3 : 0; more > 0; more--) {
      const deed = this.#deed();
      if (deeds.every((other) => commute(deed, other))) deeds.push(deed);
    }
    return deeds;
  }

  #deed(): Deed {
    const { below, pick } = this.#random;
    const names = Object.keys(OPERATIONS);
    let name = pick(names);
    if (WIPES.has(name) && below(3) > 0) name = pick(names);
    const deed = { name, choice: draw(this.#random, this.#drawn++) };
    if (deed.choice.idempotencyKey !== undefined) {
      this.#keyed.push(deed);
      if (this.#keyed.length > REMEMBERED) this.#keyed.shift();
    }
    return deed;
  }
}
