import { unrefTimer } from "../../engine/timers.ts";
import type { HeldBytes } from "../held_bytes.ts";
import { STALL_MS } from "./request_body.ts";

/**
 * Answers from this length on, in UTF-16 code units, are sent as fast as they are read. Shorter ones are handed to the
 * host whole. So are all on Bun, which reads a stream to its end at once anyway.
 */
export const LONG_ANSWER: number = "Bun" in globalThis ? Infinity : 1 << 20;
const PIECE_BYTES = 1 << 16;
const UNREAD = "A reader who took nothing of a long answer was hung up on";

/**
 * The body of a long answer. Its bytes are held until they are read; the connection of a client that reads nothing for
 * `stallMs` is closed, so that many such clients cannot fill the memory.
 */
export function longAnswer(
  text: string,
  held: HeldBytes,
  stallMs: number = STALL_MS,
): { body: ReadableStream<Uint8Array<ArrayBuffer>>; length: number } {
  const bytes = new TextEncoder().encode(text);
  const hold = held.begin();
  hold.keep(bytes.length);
  let at = 0;
  let timer: ReturnType<typeof setTimeout>;
  const end = () => {
    clearTimeout(timer);
    hold.release();
  };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      wait(controller);
    },
    pull(controller) {
      clearTimeout(timer);
      controller.enqueue(bytes.subarray(at, at += PIECE_BYTES));
      if (at < bytes.length) return wait(controller);
      end();
      controller.close();
    },
    cancel: end,
  }, { highWaterMark: 0 });
  return { body, length: bytes.length };

  function wait(controller: ReadableStreamDefaultController): void {
    timer = setTimeout(() => {
      end();
      // A text, not an `Error`: Deno logs it, and a stack would only point into this file.
      controller.error(UNREAD);
    }, stallMs);
    unrefTimer(timer);
  }
}
