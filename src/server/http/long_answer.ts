import { unrefTimer } from "../../engine/timers.ts";
import { type Reader, STALL_MS, type UnreadBytes } from "../unread_bytes.ts";

/**
 * Answers from this length on, in UTF-16 code units, are sent as fast as they are read. Shorter ones are handed to the
 * host whole.
 */
export const LONG_ANSWER: number = 1 << 20;
const PIECE_BYTES = 1 << 16;
const UNREAD = "A reader who took nothing of a long answer was hung up on";

/**
 * The body of a long answer. Its bytes count as unread until they are read; the connection of a client that reads nothing
 * for `stallMs` is closed.
 */
export function longAnswer(
  text: string,
  unread: UnreadBytes,
  stallMs: number = STALL_MS,
): { body: ReadableStream<Uint8Array<ArrayBuffer>>; length: number } {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  let timer: ReturnType<typeof setTimeout>;
  let hangUp = () => {};
  const reader: Reader = {
    unread: () => Math.max(0, bytes.length - at),
    hangUp: () => hangUp(),
  };
  const end = () => {
    clearTimeout(timer);
    unread.gone(reader);
  };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      hangUp = () => {
        end();
        // Deno would log an error, which clients can cause. It hangs up in any case, as the answer is shorter than its
        // `content-length`.
        if ("Deno" in globalThis) controller.close();
        else controller.error(new Error(UNREAD));
      };
      wait();
    },
    pull(controller) {
      clearTimeout(timer);
      controller.enqueue(bytes.subarray(at, at += PIECE_BYTES));
      unread.sent(reader);
      if (at < bytes.length) return wait();
      end();
      controller.close();
    },
    cancel: end,
  }, { highWaterMark: 0 });
  unread.sent(reader);
  return { body, length: bytes.length };

  function wait(): void {
    timer = setTimeout(() => hangUp(), stallMs);
    unrefTimer(timer);
  }
}
