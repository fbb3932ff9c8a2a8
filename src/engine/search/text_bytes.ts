const LEAST_BYTES = 1024;
/** A buffer that is larger than this is not kept for small texts. */
const KEPT_BYTES = 1 << 16;

/** Turns texts into bytes, in a buffer that is used again. */
export class TextBytes {
  /** The bytes of the last text, with more room than used. */
  bytes: Uint8Array = new Uint8Array(LEAST_BYTES);
  readonly #encoder: TextEncoder = new TextEncoder();

  /** Puts the UTF-8 of a text into `bytes` and gives its length there. */
  put(text: string): number {
    const room = 3 * text.length;
    const { length } = this.bytes;
    if (length < room || length > KEPT_BYTES && room <= KEPT_BYTES) {
      this.bytes = new Uint8Array(Math.max(LEAST_BYTES, room));
    }
    return this.#encoder.encodeInto(text, this.bytes).written;
  }
}
