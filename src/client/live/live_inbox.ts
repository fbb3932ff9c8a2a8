import type { LongMessage, LongWork, ServerMessage } from "./live_protocol.ts";

/** Length from which a message is parsed in slices, in characters. */
const LONG_TEXT = 64 * 1024;
/** What a chunk counts at least, in characters: empty ones take memory as well. */
const CHUNK_LENGTH = 100;

/** Why nothing more is read: a message is invalid, one is too long, or too much waits to be read. */
export type InboxEnd = "Protocol" | "TooLong" | "InboxFull";

/** Handles a message. Returns a promise to wait for, if that takes time. */
export type TakeMessage = (message: ServerMessage) => Promise<void> | void;

/** Reads the messages of one socket in order: short ones at once, long ones in slices, while later ones wait. */
export class LiveInbox {
  readonly #take: TakeMessage;
  readonly #long: () => Promise<LongWork>;
  readonly #fail: (reason: InboxEnd) => void;
  readonly #maxLength: number;
  #texts: (string | LongMessage)[] = [];
  /** The beginning of a transition whose end has not come. */
  #chunks: string[] = [];
  /** Length of the messages and of the chunks that are held. */
  #textsLength = 0;
  #chunksLength = 0;
  #isReading = false;
  #isClosed = false;

  /**
   * `fail` is called when nothing more is read. `maxLength` is the longest message, and the most that may wait, in bytes
   * or characters.
   */
  constructor(
    take: TakeMessage,
    long: () => Promise<LongWork>,
    fail: (reason: InboxEnd) => void,
    maxLength: number,
  ) {
    this.#maxLength = maxLength;
    this.#take = take;
    this.#long = long;
    this.#fail = fail;
  }

  /** Adds a received message. */
  add(text: string | LongMessage): void {
    if (text.length > this.#maxLength) return this.#end("TooLong");
    this.#texts.push(text);
    this.#textsLength += text.length;
    // Results come faster than they are read. The next connection begins with the latest.
    if (this.#textsLength > this.#maxLength) return this.#end("InboxFull");
    if (!this.#isReading) this.#read();
  }

  /** Drops unread messages. */
  close(): void {
    this.#isClosed = true;
    this.#texts = [];
    this.#chunks = [];
  }

  /** Reads messages until one has to be waited for. */
  #read(): void {
    try {
      while (this.#texts.length > 0) {
        const text = this.#texts.shift()!;
        this.#textsLength -= text.length;
        const wait = typeof text === "string" && text.length < LONG_TEXT
          ? this.#taken(JSON.parse(text))
          : this.#readLong([text], false);
        if (wait) return void this.#readAfter(wait);
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

  #taken(message: ServerMessage): Promise<void> | void {
    if (message.type !== "TransitionChunk") return this.#take(message);
    const { chunk, partNumber, totalParts, isEscaped } = message;
    if (partNumber !== this.#chunks.length) throw new Error("gap");
    this.#chunksLength += chunk.length + CHUNK_LENGTH;
    if (this.#chunksLength > this.#maxLength) return this.#end("TooLong");
    this.#chunks.push(isEscaped ? chunk : JSON.stringify(chunk).slice(1, -1));
    if (this.#chunks.length < totalParts) return;
    this.#chunksLength = 0;
    return this.#readLong(this.#chunks.splice(0), true);
  }

  async #readLong(
    parts: readonly (string | LongMessage)[],
    isEscaped: boolean,
  ): Promise<void> {
    const long = await this.#long();
    const { json, isDecoded, move } = await long.parse(parts, isEscaped);
    if (this.#isClosed) return;
    // Throws where there is no message.
    await this.#taken(
      Object.assign(json as ServerMessage, { isDecoded, move }),
    );
  }

  #end(reason: InboxEnd = "Protocol"): void {
    if (this.#isClosed) return;
    this.close();
    this.#fail(reason);
  }
}
