import type { AnswerBytes } from "./http_exchange.ts";
import { nextTurn } from "../wire.ts";

/** Bytes of all bodies together that are taken in one turn of the event loop. */
const TURN_BYTES = 256 * 1024;
/** Most memory reserved at first, in bytes: a header that promises more is not trusted. */
const MAX_FIRST_BYTES = 32 * 1024 * 1024;

/**
 * Reads long bodies in parts, so that many answers which arrive together do not hold the event loop: hosts hand over a
 * whole body at once, Node after copying it twice. The body that was begun first goes first, as long as it has a part.
 */
export class BodyReader {
  readonly #waiting: { order: number; go(): void }[] = [];
  #bodies = 0;
  #left = 0;
  #isTurning = false;

  /** Reads a body of about `length` bytes into a text. Rejects as it does. */
  async read(
    length: number,
    body: AsyncIterable<Uint8Array>,
    text: AnswerBytes,
  ): Promise<void> {
    const order = this.#bodies++;
    text.reserve(Math.min(length, MAX_FIRST_BYTES));
    for await (const part of body) {
      await this.#enter(order, part.length);
      text.add(part);
    }
  }

  /** Waits until this many bytes may be taken. */
  #enter(order: number, bytes: number): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        this.#left -= bytes;
        resolve();
      };
      let at = this.#waiting.length;
      while (at > 0 && this.#waiting[at - 1]!.order > order) at--;
      this.#waiting.splice(at, 0, { order, go });
      if (!this.#isTurning) void this.#turn();
    });
  }

  async #turn(): Promise<void> {
    this.#isTurning = true;
    while (this.#waiting.length > 0) {
      // By then, all parts that arrived in this turn of the event loop are in order.
      await nextTurn();
      this.#left = TURN_BYTES;
      while (this.#left > 0 && this.#waiting.length > 0) {
        this.#waiting.shift()!.go();
      }
    }
    this.#isTurning = false;
  }
}
