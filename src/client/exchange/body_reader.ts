import { nextTurn } from "../wire.ts";

/** Of all bodies together taken in one turn of the event loop, in bytes. */
const TURN_BYTES = 256 * 1024;
/** Made room for at once, in bytes: what a header says is no reason to take more. */
const MAX_FIRST_BYTES = 32 * 1024 * 1024;

/**
 * Reads long bodies in parts, so that those of many answers which come together do not hold the event loop: hosts give
 * a whole one in one go, Node after it has copied it twice. Who began first goes first, as long as it has something.
 */
export class BodyReader {
  readonly #waiting: { order: number; go(): void }[] = [];
  #bodies = 0;
  #left = 0;
  #isTurning = false;

  /** Reads a body of about `bytes` bytes. Rejects as its stream does. */
  async read(
    body: ReadableStream<Uint8Array>,
    length: number,
  ): Promise<Uint8Array> {
    const order = this.#bodies++;
    const reader = body.getReader();
    let bytes = new Uint8Array(0);
    let end = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return bytes.subarray(0, end);
      await this.#enter(order, value.length);
      const needed = end + value.length;
      if (needed > bytes.length) {
        const wanted = end === 0 ? Math.min(length, MAX_FIRST_BYTES) : end * 2;
        const grown = new Uint8Array(Math.max(needed, wanted));
        grown.set(bytes.subarray(0, end));
        bytes = grown;
      }
      bytes.set(value, end);
      end = needed;
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
      // What came in this turn of the event loop is in its order by then.
      await nextTurn();
      this.#left = TURN_BYTES;
      while (this.#left > 0 && this.#waiting.length > 0) {
        this.#waiting.shift()!.go();
      }
    }
    this.#isTurning = false;
  }
}
