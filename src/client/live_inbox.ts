import type { ParseLong, ServerMessage } from "./live_protocol.ts";

/** Text from which on a message is read in parts, in characters. */
const LONG_TEXT = 64 * 1024;

/** What is done with a message; gives the text of one that is to be read next, or what is to be waited for. */
export type TakeMessage = (
  message: ServerMessage,
) => string | Promise<void> | void;

/** The messages of one socket, in their order: short ones at once, long ones in parts between which others wait. */
export class LiveInbox {
  readonly #take: TakeMessage;
  readonly #parse: ParseLong;
  readonly #fail: () => void;
  #texts: string[] = [];
  #isReading = false;
  #isClosed = false;

  /** `fail` is told of a message that cannot be; nothing is read after it. */
  constructor(take: TakeMessage, parse: ParseLong, fail: () => void) {
    this.#take = take;
    this.#parse = parse;
    this.#fail = fail;
  }

  /** Takes a text that has come. */
  add(text: string): void {
    this.#texts.push(text);
    if (!this.#isReading) this.#read();
  }

  /** Drops what was not read. */
  close(): void {
    this.#isClosed = true;
    this.#texts = [];
  }

  /** Reads as long as nothing is to be waited for. */
  #read(): void {
    try {
      while (this.#texts.length > 0) {
        const text = this.#texts.shift()!;
        const wait = text.length < LONG_TEXT
          ? this.#taken(JSON.parse(text))
          : this.#readLong(text);
        if (wait !== undefined) return void this.#readAfter(wait);
      }
    } catch {
      this.#end();
    }
  }

  async #readAfter(wait: Promise<void>): Promise<void> {
    this.#isReading = true;
    try {
      await wait;
    } catch {
      return this.#end();
    }
    this.#isReading = false;
    this.#read();
  }

  #taken(message: ServerMessage): Promise<void> | undefined {
    const outcome = this.#take(message);
    if (typeof outcome !== "string") return outcome ?? undefined;
    this.#texts.unshift(outcome);
  }

  async #readLong(text: string): Promise<void> {
    const { readLong } = await import("./long_values.ts");
    const message = await readLong(text, this.#parse);
    if (!this.#isClosed) await this.#taken(message);
  }

  #end(): void {
    if (this.#isClosed) return;
    this.close();
    this.#fail();
  }
}
