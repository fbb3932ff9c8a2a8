/** Bytes of text from one side to the other, in order; where each text is, an entry of its `Ring` says. */
export class TextRing {
  /** Its size; a power of two. */
  static readonly BYTES = 131_072;
  readonly #bytes: Uint8Array;
  readonly #control: Int32Array;
  readonly #headAt: number;
  #tail = 0;
  #head = 0;
  #encoder: TextEncoder | undefined;
  #decoder: TextDecoder | undefined;
  /** True when the host does not encode into shared memory. */
  #isRefused = false;

  /** One side of the ring. `headAt`: the counter of the bytes that were read. */
  constructor(
    memory: SharedArrayBuffer,
    offset: number,
    control: Int32Array,
    headAt: number,
  ) {
    this.#bytes = new Uint8Array(memory, offset, TextRing.BYTES);
    this.#control = control;
    this.#headAt = headAt;
  }

  /** Writes a text; `undefined` when there is no room for it. */
  write(text: string): { start: number; length: number } | undefined {
    if (this.#isRefused || text.length > TextRing.BYTES) return undefined;
    this.#head = Atomics.load(this.#control, this.#headAt);
    return this.#writeAt(this.#tail, text) ?? this.#writeAt(
      // Texts do not wrap around: this one begins where the ring does.
      (this.#tail + TextRing.BYTES - (this.#tail & (TextRing.BYTES - 1))) | 0,
      text,
    );
  }

  /** Reads what is at a place. */
  read(start: number, length: number): string {
    const at = start & (TextRing.BYTES - 1);
    this.#head = (start + length) | 0;
    // Copied, since not every host decodes shared memory.
    this.#decoder ??= new TextDecoder();
    return this.#decoder.decode(this.#bytes.slice(at, at + length));
  }

  /** Gives the room of what was read back. */
  free(): void {
    Atomics.store(this.#control, this.#headAt, this.#head);
  }

  #writeAt(
    start: number,
    text: string,
  ): { start: number; length: number } | undefined {
    const at = start & (TextRing.BYTES - 1);
    const room = Math.min(
      TextRing.BYTES - at,
      TextRing.BYTES - ((start - this.#head) | 0),
    );
    if (room < text.length) return undefined;
    this.#encoder ??= new TextEncoder();
    try {
      const target = this.#bytes.subarray(at, at + room);
      const { read, written } = this.#encoder.encodeInto(text, target);
      if (read < text.length) return undefined;
      this.#tail = (start + written) | 0;
      return { start, length: written };
    } catch {
      this.#isRefused = true;
      return undefined;
    }
  }
}
