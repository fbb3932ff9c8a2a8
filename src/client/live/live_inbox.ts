import type { LongWork, ServerMessage } from "./live_protocol.ts";

/** Text from which on a message is read in parts, in characters. */
const LONG_TEXT = 64 * 1024;

/** How a `TransitionChunk` begins and ends, its part of the text left out, in whatever order its fields are. */
const CHUNK_HEAD = /^{(?:"\w+":(?:"[\w-]*"|\d+),){0,4}"chunk":"/;
const CHUNK_TAIL = /"(?:,"\w+":(?:"[\w-]*"|\d+)){0,4}}$/;
/** Characters in which these are looked for. */
const CHUNK_ENDS = 300;

/** What is done with a message; gives all chunks of the one that is to be read next, or what is to be waited for. */
export type TakeMessage = (
  message: ServerMessage,
) => string[] | Promise<void> | void;

/** The messages of one socket, in their order: short ones at once, long ones in parts between which others wait. */
export class LiveInbox {
  readonly #take: TakeMessage;
  readonly #long: LongWork;
  readonly #fail: () => void;
  #texts: string[] = [];
  #isReading = false;
  #isClosed = false;

  /** `fail` is told of a message that cannot be; nothing is read after it. */
  constructor(take: TakeMessage, long: LongWork, fail: () => void) {
    this.#take = take;
    this.#long = long;
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
        const message = text.length < LONG_TEXT
          ? JSON.parse(text)
          : chunkOf(text);
        const wait = message === undefined
          ? this.#readLong([text], false)
          : this.#taken(message);
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
    return Array.isArray(outcome)
      ? this.#readLong(outcome, true)
      : outcome ?? undefined;
  }

  async #readLong(
    parts: readonly string[],
    isEscaped: boolean,
  ): Promise<void> {
    const { json, isDecoded } = await this.#long.parse(parts, isEscaped);
    if (typeof json !== "object" || json === null) {
      throw new TypeError("a message is no object");
    }
    if (this.#isClosed) return;
    await this.#taken(Object.assign(json as ServerMessage, { isDecoded }));
  }

  #end(): void {
    if (this.#isClosed) return;
    this.close();
    this.#fail();
  }
}

/** A chunk that is long, without parsing it: its text is parsed once, when all are there. `undefined` for all else. */
function chunkOf(text: string): ServerMessage | undefined {
  const head = CHUNK_HEAD.exec(text.slice(0, CHUNK_ENDS))?.[0];
  const tail = CHUNK_TAIL.exec(text.slice(-CHUNK_ENDS))?.[0];
  if (head === undefined || tail === undefined) return undefined;
  const chunk = text.slice(head.length, -tail.length);
  return { ...JSON.parse(head + tail), chunk, isEscaped: true };
}
