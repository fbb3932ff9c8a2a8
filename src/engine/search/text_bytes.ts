import { SLACK_BYTES } from "./term_table.ts";

const LEAST_BYTES = 1024;
/** A larger buffer is replaced by a small one once a text fits into that. */
const KEPT_BYTES = 1 << 16;

/** Encodes texts to UTF-8 in a reused buffer, and decodes them. */
export class TextBytes {
  /** The bytes of the last text encoded, followed by unused ones. */
  view: DataView<ArrayBuffer>;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(LEAST_BYTES);
  readonly #encoder: TextEncoder = new TextEncoder();
  readonly #decoder: TextDecoder = new TextDecoder("utf-8", {
    ignoreBOM: true,
  });

  /** Begins with some room. */
  constructor() {
    this.view = new DataView(this.#bytes.buffer);
  }

  /** Encodes a text to `view` and returns its length in bytes. */
  put(text: string): number {
    const room = 3 * text.length + SLACK_BYTES;
    const { length } = this.#bytes;
    if (length < room || length > KEPT_BYTES && room <= KEPT_BYTES) {
      this.#bytes = new Uint8Array(Math.max(LEAST_BYTES, room));
      this.view = new DataView(this.#bytes.buffer);
    }
    return this.#encoder.encodeInto(text, this.#bytes).written;
  }

  /** The text whose UTF-8 is in bytes `from` to `to` (exclusive). */
  textOf(bytes: DataView, from: number, to: number): string {
    const { buffer, byteOffset } = bytes;
    return this.#decoder.decode(
      new Uint8Array(buffer, byteOffset + from, to - from),
    );
  }
}

/** A copy of bytes, with the slack behind them that a `TermTable` needs. */
export function viewOf(bytes: Uint8Array): DataView {
  const copy = new Uint8Array(bytes.length + SLACK_BYTES);
  copy.set(bytes);
  return new DataView(copy.buffer);
}
