/** A ring buffer of text, as bytes. Entries of a `Ring` say where each text is. */
export class TextRing {
  /** Size in bytes; a power of two. */
  static readonly BYTES = 131_072;
  readonly #bytes: Uint8Array;
  readonly #control: Int32Array;
  readonly #headAt: number;
  #tail = 0;
  #head = 0;
  #encoder: TextEncoder | undefined;
  #decoder: TextDecoder | undefined;
  /** True when the host cannot encode into shared memory. */
  #isRefused = false;

  /** Opens one side of the ring. `headAt`: index of the counter of read bytes. */
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

  /** Writes a text and returns its place; `undefined` when it does not fit. */
  write(text: string): { start: number; length: number } | undefined {
    if (this.#isRefused || text.length > TextRing.BYTES) return undefined;
    this.#head = Atomics.load(this.#control, this.#headAt);
    return this.#writeAt(this.#tail, text) ?? this.#writeAt(
      // Texts do not wrap around, so this one begins at the start of the ring.
      (this.#tail + TextRing.BYTES - (this.#tail & (TextRing.BYTES - 1))) | 0,
      text,
    );
  }

  /** Reads the text at a place. */
  read(start: number, length: number): string {
    const at = start & (TextRing.BYTES - 1);
    this.#head = (start + length) | 0;
    // Copied, because not every host can decode shared memory.
    this.#decoder ??= new TextDecoder();
    return this.#decoder.decode(this.#bytes.slice(at, at + length));
  }

  /** Lets the other side reuse the space of the text read. */
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
