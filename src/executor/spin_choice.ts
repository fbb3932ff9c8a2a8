/** Samples of a way by which it is judged; the slowest, which were held up by something else, do not count. */
const JUDGED = 8;
const COUNTED = 6;
/** Samples after a change that say nothing yet. */
const SETTLING = 2;
/** Samples of the way in use before the other one is tried: more and more as long as that is in vain. */
const LEAST_USE = 48;
const MOST_USE = 6144;
/** Looking out costs processor time: it must be that much faster, which it is where a processor is free for it. */
const WORTH = 0.5;

/**
 * Decides by measurement whether both sides look out for one another before they sleep. It saves the time to wake a
 * thread where a processor is free for it, and costs time where none is.
 */
export class SpinChoice {
  /** What holds now. */
  spins = false;
  readonly #canSpin: boolean;
  #use = LEAST_USE;
  #left = JUDGED + SETTLING;
  #isTrial = false;
  #before = 0;
  #times: number[] = [];

  /** Begins with sleeping; stays there where looking out cannot be done. */
  constructor(canSpin: boolean) {
    this.#canSpin = canSpin;
  }

  /** Takes the time of a round trip of a lone task, in ms. */
  record(ms: number): void {
    if (!this.#canSpin) return;
    if (--this.#left < JUDGED) this.#times.push(ms);
    if (this.#left > 0) return;
    const time = trimmedSum(this.#times);
    this.#times = [];
    if (!this.#isTrial) {
      this.#before = time;
      this.#turn(true, JUDGED);
      return;
    }
    const [spinning, sleeping] = this.spins
      ? [time, this.#before]
      : [this.#before, time];
    const wasBetter = this.spins === spinning < sleeping * WORTH;
    this.#use = wasBetter ? LEAST_USE : Math.min(this.#use * 2, MOST_USE);
    if (wasBetter) {
      this.#isTrial = false;
      this.#left = this.#use;
    } else this.#turn(false, this.#use);
  }

  /** Takes the other way. */
  #turn(isTrial: boolean, samples: number): void {
    this.#isTrial = isTrial;
    this.spins = !this.spins;
    this.#left = samples + SETTLING;
  }
}

function trimmedSum(times: number[]): number {
  return times.sort((a, b) => a - b).slice(0, COUNTED)
    .reduce((sum, time) => sum + time, 0);
}
