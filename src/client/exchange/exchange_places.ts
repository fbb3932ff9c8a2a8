import type { AnswerSizes } from "./answer_sizes.ts";

/** Where an answer is decoded. */
export type ExchangePlace = "here" | "worker";

/** Functions that are remembered. */
const MAX_FUNCTIONS = 1000;
/** What a task for a worker costs the thread that gives it, in ms. */
const WAY_MS = 0.05;
/**
 * What an answer costs this thread beside the work that is seen, in ms for a byte: reading its body, which Bun does on
 * a thread of its own, and garbage.
 */
const UNSEEN_HERE = "Bun" in globalThis ? 5e-7 : 1e-6;
const UNSEEN_WORKER = 2e-7;
/** Share of the cost here that a worker must save, as it takes more of the processor in all. */
const SAVED = 0.2;
/** Cost here that is worth a worker, in ms. */
const WORTH_MS = 0.2;
/** Work on a text before anything was measured, in ms for a byte. */
const USUAL = 1e-5;
/** Work that is done in one go, in ms. */
const QUICK_MS = 4;
/** Answers by which each place is measured before one is chosen: the first take longer, as the host compiles. */
const MIN_TRIED = 3;
/** Answers after which the place that seems worse is tried once more; twice as many after each time, up to a bound. */
const FIRST_TRIAL = 10;
const LAST_TRIAL = 320;
/** What an answer may add to the cost that is assumed: other programs make it look more than it is, at times much. */
const RISE = 1.02;

/** What the answers of a function cost this thread. */
interface Cost {
  /** Time that they kept it, in ms for each byte of text. */
  here: number;
  worker: number;
  /** Answers that were measured. */
  tried: { [place in ExchangePlace]: number };
  /** Answers until the other place is tried, and from that time to the next. */
  untilTrial: number;
  trialAfter: number;
}

/**
 * Chooses where the answers of each function are decoded, by what that cost this thread so far: the first long ones
 * here, the next in a worker, then where it costs less. A choice is looked at again now and then.
 */
export class ExchangePlaces {
  readonly #sizes: AnswerSizes;
  readonly #costs = new Map<string, Cost>();

  /** `sizes` knows how long answers have been. */
  constructor(sizes: AnswerSizes) {
    this.#sizes = sizes;
  }

  /** Where the answer to a request is likely to be decoded. */
  expected(names: readonly string[]): ExchangePlace {
    return this.choose(names, this.#sizes.ofAll(names));
  }

  /** Where a text of some bytes is decoded. */
  choose([name]: readonly string[], bytes: number): ExchangePlace {
    if (name === undefined) return "here";
    const cost = this.#costs.get(name);
    if (cost === undefined || cost.tried.here < MIN_TRIED) return "here";
    if (!isWorth(cost, bytes)) return "here";
    if (cost.tried.worker < MIN_TRIED) return "worker";
    const isTrial = cost.untilTrial <= 0;
    if (isTrial) {
      // One trial at a time: trials in flight have no result yet.
      cost.trialAfter = Math.min(cost.trialAfter * 2, LAST_TRIAL);
      cost.untilTrial = cost.trialAfter;
    }
    return pays(cost, bytes) !== isTrial ? "worker" : "here";
  }

  /** Whether the answers of a function are decoded in the worker since that was found to be better. */
  isAway(name: string): boolean {
    const cost = this.#costs.get(name);
    return cost !== undefined && areTried(cost) &&
      pays(cost, this.#sizes.of(name));
  }

  /** Whether a worker would do better with a text of some bytes, or may, as far as is known. */
  isWanted([name]: readonly string[], bytes: number): boolean {
    const cost = this.#costs.get(name ?? "");
    return cost !== undefined && isWorth(cost, bytes) &&
      (cost.tried.worker < MIN_TRIED || pays(cost, bytes));
  }

  /** Whether a text of some bytes is likely to be parsed within a turn of the event loop. */
  isQuick([name]: readonly string[], bytes: number): boolean {
    const cost = this.#costs.get(name ?? "");
    const isKnown = cost !== undefined && cost.tried.here > 0;
    return (isKnown ? cost.here : USUAL) * bytes < QUICK_MS;
  }

  /** Notes for how long an answer kept this thread. */
  note(
    [name]: readonly string[],
    place: ExchangePlace,
    bytes: number,
    busyMs: number,
  ): void {
    if (name === undefined) return;
    const cost = this.#costs.get(name) ??
      {
        here: Infinity,
        worker: Infinity,
        tried: { here: 0, worker: 0 },
        untilTrial: FIRST_TRIAL,
        trialAfter: FIRST_TRIAL,
      };
    const now = busyMs > 0 ? busyMs / bytes : USUAL;
    const before = cost[place];
    cost[place] = Math.min(now, before * RISE);
    if (areTried(cost)) cost.untilTrial--;
    cost.tried[place]++;
    this.#costs.delete(name);
    this.#costs.set(name, cost);
    if (this.#costs.size <= MAX_FUNCTIONS) return;
    const [oldest] = this.#costs.keys();
    this.#costs.delete(oldest!);
  }
}

/** Whether both places were measured. */
function areTried({ tried }: Cost): boolean {
  return Math.min(tried.here, tried.worker) >= MIN_TRIED;
}

/** Whether an answer of some bytes costs this thread so much that a worker is to be thought of. */
function isWorth({ here }: Cost, bytes: number): boolean {
  return (here + UNSEEN_HERE) * bytes >= WORTH_MS;
}

/** Whether an answer of some bytes costs this thread less when a worker decodes it. */
function pays(cost: Cost, bytes: number): boolean {
  const hereMs = (cost.here + UNSEEN_HERE) * bytes;
  const workerMs = (cost.worker + UNSEEN_WORKER) * bytes + WAY_MS;
  return isWorth(cost, bytes) && hereMs * (1 - SAVED) > workerMs;
}
