import type { HeldMessages, WaitingFrame } from "./held_messages.ts";

/**
 * How long the frames of one client are handled before other clients get a turn, in ms. Hosts deliver buffered frames
 * without returning to the event loop, so a client that sends faster than its frames are handled would block all others.
 */
const TURN_MS = 20;

/** Handler of the frames. */
export interface FrameTaker {
  /** Handles a frame. An error ends the connection. */
  take(frame: string): void;
  /** Called with the error that `take` threw for a frame that had waited. */
  onError(error: unknown): void;
}

/** Handles the frames of one client in order. They wait while a token is verified, and while other clients have a turn. */
export class FrameTurns {
  readonly #taker: FrameTaker;
  readonly #held: HeldMessages;
  /** Undefined: the next frame is handled at once. */
  #waiting: WaitingFrame[] | undefined;
  #isClosed = false;
  #spentMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `held` bounds how much may wait. */
  constructor(taker: FrameTaker, held: HeldMessages) {
    this.#taker = taker;
    this.#held = held;
  }

  /** Handles a frame, or lets it wait. Throws `SyncFault` if too much waits, or the error of the `FrameTaker`. */
  receive(frame: string): void {
    if (!this.#waiting) return this.#take(frame);
    this.#waiting.push(this.#held.waiting(frame));
  }

  /** Called by the taker: later frames wait until `goOn`. */
  stop(): void {
    this.#waiting = [];
  }

  /** Handles the waiting frames. Throws the error of the `FrameTaker`. */
  goOn(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (let at = 0; at < waiting.length && !this.#isClosed; at++) {
      const { frame, hold } = waiting[at]!;
      this.#held.drop(hold);
      this.#take(frame);
      if (this.#waiting) {
        this.#waiting = waiting.slice(at + 1);
        return;
      }
    }
  }

  /**
   * Does something for each item of a frame, in turns if it takes long; later frames wait. Throws what `each` throws in the
   * first turn; in a later one, it goes to the taker.
   */
  forEach<Item>(
    items: Iterator<Item>,
    each: (item: Item) => void,
    done: () => void,
  ): void {
    const endMs = performance.now() + TURN_MS;
    while (performance.now() < endMs) {
      const next = items.next();
      if (next.done) return done();
      each(next.value);
    }
    const isFirst = this.#waiting === undefined;
    this.#waiting ??= [];
    this.#later(() =>
      this.forEach(items, each, () => {
        done();
        if (isFirst) this.goOn();
      })
    );
  }

  /** Handles no more frames. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #take(frame: string): void {
    const startMs = performance.now();
    this.#taker.take(frame);
    this.#spentMs += performance.now() - startMs;
    if (this.#spentMs < TURN_MS || this.#waiting || this.#isClosed) return;
    this.#waiting = [];
    this.#later(() => this.goOn());
  }

  #later(work: () => void): void {
    this.#spentMs = 0;
    this.#timer = setTimeout(() => {
      try {
        work();
      } catch (error) {
        this.#taker.onError(error);
      }
    });
  }
}
