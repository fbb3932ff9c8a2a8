/**
 * Frames that wait until the host takes more. What is left to the host cannot be taken back, so a client that does not
 * read could keep that memory even after the server has hung up.
 */
export class FrameOutbox {
  readonly #pass: (frame: string) => boolean;
  #frames: string[] = [];
  #length = 0;
  #isBlocked = false;
  #then: (() => void) | undefined;

  /** `pass` gives a frame to the host; it returns whether the host takes more. */
  constructor(pass: (frame: string) => boolean) {
    this.#pass = pass;
  }

  /** Total length of the frames that wait, in UTF-16 units. */
  get length(): number {
    return this.#length;
  }

  /** Passes a frame on, or lets it wait. */
  send(frame: string): void {
    if (!this.#isBlocked) {
      this.#isBlocked = !this.#pass(frame);
      return;
    }
    this.#frames.push(frame);
    this.#length += frame.length;
  }

  /** Does something once no frame waits. */
  afterwards(then: () => void): void {
    if (!this.#isBlocked) return then();
    this.#then = then;
  }

  /** Call this when the host takes more. */
  drained(): void {
    this.#isBlocked = false;
    const frames = this.#frames;
    let at = 0;
    while (!this.#isBlocked && at < frames.length) {
      const frame = frames[at++]!;
      this.#length -= frame.length;
      this.#isBlocked = !this.#pass(frame);
    }
    this.#frames = frames.slice(at);
    if (!this.#isBlocked) this.#then?.();
  }

  /** Drops the frames that wait. */
  clear(): void {
    this.#frames = [];
    this.#length = 0;
    this.#then = undefined;
  }
}
