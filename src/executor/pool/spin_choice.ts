/** Samples by which a mode is judged. The slowest are ignored, because something else may have delayed them. */
const SAMPLES = 8;
const FASTEST = 6;
/** Samples to ignore after a change of mode. */
const SETTLING = 2;
/** Samples of the current mode before the other one is tried. Doubles with each trial that was no better. */
const MIN_USE = 48;
const MAX_USE = 6144;
/**
 * When the current mode becomes this many times slower, the other one is tried sooner, because the load of the machine
 * has changed.
 */
const SLOWER = 2;
/**
 * Spinning must take at most this share of the time of sleeping, to be worth the processor time. Where a processor is
 * free for it, it does.
 */
const SPINNING_PAYS = 0.7;

/**
 * Decides by measurement between two modes: both sides spin, or they sleep until they are woken. Spinning saves the
 * time to wake a thread where a processor is free for it, and costs time where none is.
 */
export class SpinChoice {
  /** The current mode: spinning or sleeping. */
  spins = false;
  readonly #canSpin: boolean;
  #use = MIN_USE;
  /** Samples until the other mode is tried. */
  #left = SAMPLES;
  #settling = SETTLING;
  #isTrial = false;
  /** Samples since the last trial. */
  #since = 0;
  /**
   * Time to compare with: the best of the current mode since the last trial; during a trial, the latest of the other
   * mode.
   */
  #reference = Infinity;
  #times: number[] = [];

  /** Begins with sleeping, the only mode where spinning is impossible. */
  constructor(canSpin: boolean) {
    this.#canSpin = canSpin;
  }

  /** Records the round trip of a lone task, in ms. */
  record(ms: number): void {
    if (!this.#canSpin || this.#settling-- > 0) return;
    this.#settling = 0;
    const count = this.#times.push(ms);
    const isOver = this.#isTrial && this.spins && this.#isHopeless();
    if (count < SAMPLES && !isOver) return;
    const time = isOver ? Infinity : trimmedSum(this.#times);
    this.#times = [];
    if (this.#isTrial) this.#judge(time);
    else this.#watch(time);
  }

  /**
   * True when more samples of spinning were slower than sleeping than are ignored anyway. Its trial then ends early,
   * because each slow round trip costs a time slice of the scheduler.
   */
  #isHopeless(): boolean {
    const usual = this.#reference / FASTEST;
    return this.#times.filter((ms) => ms > usual).length > SAMPLES - FASTEST;
  }

  #watch(time: number): void {
    this.#left -= SAMPLES;
    this.#since += SAMPLES;
    const isSlower = time > this.#reference * SLOWER && this.#since >= MIN_USE;
    this.#reference = isSlower || this.#left <= 0
      ? time
      : Math.min(this.#reference, time);
    if (this.#left > 0 && !isSlower) return;
    this.#isTrial = true;
    this.#switchMode();
  }

  #judge(time: number): void {
    const [spinning, sleeping] = this.spins
      ? [time, this.#reference]
      : [this.#reference, time];
    const wasBetter = this.spins === spinning < sleeping * SPINNING_PAYS;
    this.#use = wasBetter ? MIN_USE : Math.min(this.#use * 2, MAX_USE);
    this.#isTrial = false;
    this.#left = this.#use;
    this.#since = 0;
    if (wasBetter) this.#reference = time;
    else this.#switchMode();
  }

  /** Changes to the other mode. */
  #switchMode(): void {
    this.spins = !this.spins;
    this.#settling = SETTLING;
  }
}

function trimmedSum(times: number[]): number {
  return times.sort((a, b) => a - b).slice(0, FASTEST)
    .reduce((sum, time) => sum + time, 0);
}
