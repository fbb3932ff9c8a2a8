/** Samples of a way by which it is judged; the slowest, which were held up by something else, do not count. */
const JUDGED = 8;
const COUNTED = 6;
/** Samples after a change that say nothing yet. */
const SETTLING = 2;
/** Samples of the way in use before the other one is tried: more and more as long as that is in vain. */
const LEAST_USE = 48;
const MOST_USE = 6144;
/**
 * The other way is tried sooner when the current one becomes this many times slower: the load of the machine has
 * changed.
 */
const SLOWER = 2;
/** Spinning costs processor time, so it must be that much faster. It is where a processor is free for it. */
const WORTH = 0.7;

/**
 * Decides by measurement whether both sides spin or sleep until they are woken. Spinning saves the time to wake a thread
 * where a processor is free for it, and costs time where none is.
 */
export class SpinChoice {
  /** The present choice. */
  spins = false;
  readonly #canSpin: boolean;
  #use = LEAST_USE;
  /** Samples until the other way is tried. */
  #left = JUDGED;
  #settling = SETTLING;
  #isTrial = false;
  /** Samples since the last trial. */
  #since = 0;
  /** What the way in use took at its best since then. */
  #usual = Infinity;
  #times: number[] = [];

  /** Begins with sleeping, and stays there where spinning is impossible. */
  constructor(canSpin: boolean) {
    this.#canSpin = canSpin;
  }

  /** Takes the time of a round trip of a lone task, in ms. */
  record(ms: number): void {
    if (!this.#canSpin || this.#settling-- > 0) return;
    this.#settling = 0;
    const count = this.#times.push(ms);
    const isOver = this.#isTrial && this.spins && this.#isHopeless();
    if (count < JUDGED && !isOver) return;
    const time = isOver ? Infinity : trimmedSum(this.#times);
    this.#times = [];
    if (this.#isTrial) this.#judge(time);
    else this.#watch(time);
  }

  /** More round trips are slower than without looking out than are left out: each costs a slice of the scheduler's. */
  #isHopeless(): boolean {
    const usual = this.#usual / COUNTED;
    return this.#times.filter((ms) => ms > usual).length > JUDGED - COUNTED;
  }

  #watch(time: number): void {
    this.#left -= JUDGED;
    this.#since += JUDGED;
    const isSlower = time > this.#usual * SLOWER && this.#since >= LEAST_USE;
    this.#usual = isSlower || this.#left <= 0
      ? time
      : Math.min(this.#usual, time);
    if (this.#left > 0 && !isSlower) return;
    this.#isTrial = true;
    this.#turn();
  }

  #judge(time: number): void {
    const [spinning, sleeping] = this.spins
      ? [time, this.#usual]
      : [this.#usual, time];
    const wasBetter = this.spins === spinning < sleeping * WORTH;
    this.#use = wasBetter ? LEAST_USE : Math.min(this.#use * 2, MOST_USE);
    this.#isTrial = false;
    this.#left = this.#use;
    this.#since = 0;
    if (wasBetter) this.#usual = time;
    else this.#turn();
  }

  /** Takes the other way. */
  #turn(): void {
    this.spins = !this.spins;
    this.#settling = SETTLING;
  }
}

function trimmedSum(times: number[]): number {
  return times.sort((a, b) => a - b).slice(0, COUNTED)
    .reduce((sum, time) => sum + time, 0);
}
