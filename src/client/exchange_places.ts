import type { AnswerSizes } from "./answer_sizes.ts";

/** Where an answer is decoded. */
export type ExchangePlace = "here" | "worker";

/** Functions that are remembered. */
const MAX_FUNCTIONS = 1000;
/** What a task for a worker costs the thread that gives it, in ms. */
const WAY_MS = 0.15;
/** Work that is worth a worker, in ms. */
const WORTH_MS = 0.5;
/** Work on a text before anything was measured, in ms for a byte. */
const USUAL = 1e-5;

/** What work here costs, as a multiple of what is seen of it: the body is read here as well, in many small parts. */
const UNSEEN = 1.3;
/** Answers after which the place that seems worse is tried once more. */
const TRIAL_AFTER = 200;

/** Time that this thread was kept by answers of a function, in ms for each byte of text. */
type Cost = { [place in ExchangePlace]?: number } & {
  /** Answers until the other place is tried. */
  untilTrial: number;
};

/**
 * Chooses where the answers of each function are decoded, by what that cost this thread so far: the first long one
 * here, the next in a worker, then where it costs less. A choice is looked at again now and then.
 */
export class ExchangePlaces {
  readonly #sizes: AnswerSizes;
  readonly #costs = new Map<string, Cost>();

  /** `sizes` tell how long answers have been. */
  constructor(sizes: AnswerSizes) {
    this.#sizes = sizes;
  }

  /** Where the answer to a request is likely to be decoded. */
  expected(names: readonly string[]): ExchangePlace {
    let length = 0;
    for (const name of names) length += this.#sizes.of(name);
    return this.choose(names, length);
  }

  /** Where a text of some bytes is decoded. */
  choose([name]: readonly string[], bytes: number): ExchangePlace {
    if (name === undefined) return "here";
    const cost = this.#costs.get(name);
    const { here, worker } = cost ?? {};
    if (here === undefined || here * bytes < WORTH_MS) return "here";
    if (worker === undefined) return "worker";
    const isTrial = cost!.untilTrial <= 0;
    // One at a time: those that are on their way have told nothing yet.
    if (isTrial) cost!.untilTrial = TRIAL_AFTER;
    const pays = here * bytes * UNSEEN > worker * bytes + WAY_MS;
    return pays !== isTrial ? "worker" : "here";
  }

  /** Notes for how long an answer kept this thread. */
  note(
    [name]: readonly string[],
    place: ExchangePlace,
    bytes: number,
    busyMs: number,
  ): void {
    if (name === undefined) return;
    const cost = this.#costs.get(name) ?? { untilTrial: TRIAL_AFTER };
    const now = busyMs > 0 ? busyMs / bytes : USUAL;
    const before = cost[place];
    // Quick to fall and slow to rise: other programs can only make it look more than it is.
    const weight = before !== undefined && now > before ? 0.1 : 0.5;
    cost[place] = before === undefined
      ? now
      : before * (1 - weight) + now * weight;
    cost.untilTrial--;
    this.#costs.delete(name);
    this.#costs.set(name, cost);
    if (this.#costs.size <= MAX_FUNCTIONS) return;
    const [oldest] = this.#costs.keys();
    this.#costs.delete(oldest!);
  }
}
