import { nextTurn } from "../wire.ts";

/** What a request showed of the deployment's capacity. */
export interface Passage {
  /** Time until the answer, in ms; absent when it says nothing about the capacity. */
  latencyMs?: number;
  /** Whether the deployment reported overload. */
  isTooMuch?: boolean;
}

interface Waiter {
  priority: number;
  enter(): void;
}

/** Share of the limit that remains after the deployment reported overload. */
const CUT = 0.7;
/** Latency up to which the deployment keeps up: this many times the usual one, plus this many ms. */
const HELD_TIMES = 2;
const HELD_MS = 25;
/** Requests that begin in one turn of the event loop: starting one takes a host up to a quarter of a millisecond. */
const PER_TURN = 8;

/**
 * Limits the requests in flight to what the deployment can take. The limit rises while it is reached and answers take
 * no longer than usual, and is cut when the deployment reports overload. Requests that start together begin in several
 * turns of the event loop. Waiting ones go by priority, then in order of arrival.
 */
export class InFlightLimit {
  readonly #max: number;
  readonly #waiting: Waiter[] = [];
  #limit: number;
  #inFlight = 0;
  #begun = 0;
  #isResting = false;
  #hasBeenCut = false;
  /** Answers to ignore before the next cut: their requests were sent before the last one. */
  #blindFor = 0;
  #latencyMs: number | undefined;
  #usualMs = Infinity;

  /** Starts with `initial` requests at once; never lets more than `max` through. */
  constructor(max: number, initial: number) {
    this.#max = max;
    this.#limit = Math.min(max, initial);
  }

  /** Requests at once now. */
  get limit(): number {
    return Math.max(1, Math.floor(this.#limit));
  }

  get #hasRoom(): boolean {
    return !this.#isResting && this.#inFlight < this.limit;
  }

  /** Waits for a place, which must be given back by {@link leave}. Rejects with the signal's reason. */
  enter(priority = 0, signal?: AbortSignal): Promise<void> | undefined {
    if (this.#hasRoom) return this.#begin();
    return new Promise<void>((resolve, reject) => {
      signal?.throwIfAborted();
      const waiter = {
        priority,
        enter: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal!.reason);
      };
      signal?.addEventListener("abort", onAbort);
      let at = this.#waiting.length;
      while (at > 0 && this.#waiting[at - 1]!.priority < priority) at--;
      this.#waiting.splice(at, 0, waiter);
    });
  }

  /** Gives a place back, and adapts the limit to how the request went. */
  leave(passage: Passage = {}): void {
    const wasFull = this.#inFlight >= this.limit;
    this.#learn(passage, wasFull);
    this.#inFlight--;
    this.#admit();
  }

  #begin(): undefined {
    // A few requests at once need no pause.
    const isMany = ++this.#inFlight >= PER_TURN;
    if (++this.#begun % PER_TURN !== 0 || !isMany) return;
    this.#isResting = true;
    void nextTurn().then(() => {
      this.#isResting = false;
      this.#admit();
    });
  }

  #admit(): void {
    while (this.#waiting.length > 0 && this.#hasRoom) {
      this.#begin();
      this.#waiting.shift()!.enter();
    }
  }

  #learn({ latencyMs, isTooMuch }: Passage, wasFull: boolean): void {
    if (isTooMuch) {
      if (this.#blindFor-- > 0) return;
      this.#blindFor = this.#inFlight;
      this.#limit = Math.max(1, this.limit * CUT);
      this.#hasBeenCut = true;
      return;
    }
    if (this.#blindFor > 0) this.#blindFor--;
    if (latencyMs === undefined) return;
    this.#latencyMs = this.#latencyMs === undefined
      ? latencyMs
      : this.#latencyMs * 0.8 + latencyMs * 0.2;
    // The usual latency follows a slow rise, so that a deployment that moved is not held back for ever.
    this.#usualMs = Math.min(this.#latencyMs, this.#usualMs * 1.001);
    const isHeld = this.#latencyMs <= this.#usualMs * HELD_TIMES + HELD_MS;
    if (!wasFull || !isHeld) return;
    const rise = this.#hasBeenCut ? 1 / this.#limit : 1;
    this.#limit = Math.min(this.#max, this.#limit + rise);
  }
}
