import type { AnswerSizes } from "./answer_sizes.ts";

/** Where an answer is decoded. */
export type ExchangePlace = "here" | "worker";

/** Most functions whose costs are kept. */
const MAX_FUNCTIONS = 1000;
/** What sending a task to a worker costs this thread, in ms. */
const WAY_MS = 0.05;
/**
 * What an answer costs this thread besides the work that is measured, in ms per byte: garbage collection, and reading
 * its body, which Bun does on a thread of its own.
 */
const UNSEEN_HERE = "Bun" in globalThis ? 5e-7 : 1e-6;
const UNSEEN_WORKER = 2e-7;
/** Share of the cost on this thread that a worker must save, because the total cost is higher with a worker. */
const SAVED = 0.2;
/** Least cost on this thread for which a worker is considered, in ms. */
const WORTH_MS = 0.2;
/** Assumed work on a text until something was measured, in ms per byte. */
const USUAL = 1e-5;
/** Work up to which a text is parsed without a break, in ms. */
const QUICK_MS = 4;
/** Answers measured in each place before one is chosen: the first ones take longer, as the host compiles the code. */
const MIN_TRIED = 3;
/** Answers after which the place that seems worse is tried again. Doubles each time, up to `LAST_TRIAL`. */
const FIRST_TRIAL = 10;
const LAST_TRIAL = 320;
/** Factor by which one answer may raise the assumed cost: while other programs run, a cost looks higher than it is. */
const RISE = 1.02;

/** What answers of one function cost this thread. */
interface Cost {
  /** Time for which they held it, in ms per byte of text. */
  here: number;
  worker: number;
  /** Number of answers measured in each place. */
  tried: { [place in ExchangePlace]: number };
  /** Answers until the other place is tried, and from then until it is tried next. */
  untilTrial: number;
  trialAfter: number;
}

/**
 * Chooses where the answers of each function are decoded, by what that has cost this thread so far: the first long
 * answers on this thread, the next ones in a worker, then wherever it costs less. The choice is reviewed from time to
 * time.
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

  /** Where a text of this many bytes is decoded. */
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

  /** Whether the answers of a function are decoded in the worker because measurement showed that to be better. */
  isAway(name: string): boolean {
    const cost = this.#costs.get(name);
    return cost !== undefined && areTried(cost) &&
      pays(cost, this.#sizes.of(name));
  }

  /** Whether a worker is, or may be, the better place for a text of this many bytes. */
  isWanted([name]: readonly string[], bytes: number): boolean {
    const cost = this.#costs.get(name ?? "");
    return cost !== undefined && isWorth(cost, bytes) &&
      (cost.tried.worker < MIN_TRIED || pays(cost, bytes));
  }

  /** Whether a text of this many bytes can probably be parsed within one turn of the event loop. */
  isQuick([name]: readonly string[], bytes: number): boolean {
    const cost = this.#costs.get(name ?? "");
    const isKnown = cost !== undefined && cost.tried.here > 0;
    return (isKnown ? cost.here : USUAL) * bytes < QUICK_MS;
  }

  /** Records for how long an answer held this thread. */
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

/** Whether both places have been measured. */
function areTried({ tried }: Cost): boolean {
  return Math.min(tried.here, tried.worker) >= MIN_TRIED;
}

/** Whether an answer of this many bytes costs this thread enough to consider a worker. */
function isWorth({ here }: Cost, bytes: number): boolean {
  return (here + UNSEEN_HERE) * bytes >= WORTH_MS;
}

/** Whether an answer of this many bytes costs this thread less when a worker decodes it. */
function pays(cost: Cost, bytes: number): boolean {
  const hereMs = (cost.here + UNSEEN_HERE) * bytes;
  const workerMs = (cost.worker + UNSEEN_WORKER) * bytes + WAY_MS;
  return isWorth(cost, bytes) && hereMs * (1 - SAVED) > workerMs;
}
