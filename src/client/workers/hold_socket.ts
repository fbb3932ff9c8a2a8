import { LONG_TEXT } from "../exchange/http_exchange.ts";
import { decoded, type WorkerReply } from "../exchange/worker_reply.ts";
import { chunkOf } from "../live/live_chunk.ts";

/** A WebSocket that a worker is to hold. */
export interface SocketTask {
  url: string;
  /** Takes {@link SocketOrder}s, and gives {@link SocketNews}. */
  port: MessagePort;
  /** Bytes of long messages that the other side has not read; less than nothing once it reads no more. */
  unread: Int32Array;
}

/** What is to be done: to send a text, or to close it. */
export type SocketOrder = string | { code?: number; reason?: string };

/** A message, as its text or decoded when it is long; that it is open; or that it is closed. */
export type SocketNews =
  | string
  | WorkerReply
  | { isOpen: true }
  | { code: number; reason: string };

/** Long messages that may wait to be read before the socket is read no further, in bytes. */
const MAX_UNREAD = 32 * 1024 * 1024;
/** Time for which a worker sleeps at once, in ms: not every host can end one that sleeps. */
const SLEEP_MS = 100;

/** Opens a WebSocket and passes on what it says, until it is closed. */
export function holdSocket(
  { url, port, unread }: SocketTask,
): Promise<void> {
  return new Promise((resolve) => {
    const tell = (news: SocketNews, move: ArrayBuffer[] = []) =>
      port.postMessage(news, move);
    const inbox = new SocketMessages(tell, unread);
    const socket = new WebSocket(url);
    socket.onopen = () => tell({ isOpen: true });
    socket.onmessage = ({ data }) => inbox.take(String(data));
    socket.onerror = () => {};
    socket.onclose = ({ code, reason }) => {
      tell({ code, reason });
      resolve();
    };
    port.onmessage = ({ data }: MessageEvent<SocketOrder>) => {
      if (typeof data !== "string") socket.close(data.code, data.reason);
      else if (socket.readyState === 1) socket.send(data);
    };
  });
}

/** The messages of one socket, in their order: chunks joined, long ones decoded. */
class SocketMessages {
  readonly #tell: (news: SocketNews, move?: ArrayBuffer[]) => void;
  readonly #unread: Int32Array;
  #chunks: string[] = [];

  constructor(
    tell: (news: SocketNews, move?: ArrayBuffer[]) => void,
    unread: Int32Array,
  ) {
    this.#tell = tell;
    this.#unread = unread;
  }

  take(text: string): void {
    const chunk = chunkIn(text);
    // One that comes out of turn is for the other side to complain about.
    if (chunk?.partNumber !== this.#chunks.length) return this.#pass(text);
    this.#chunks.push(chunk.text);
    if (this.#chunks.length < chunk.totalParts) return;
    this.#pass(this.#chunks.splice(0).join(""));
  }

  #pass(text: string): void {
    if (text.length < LONG_TEXT) return this.#tell(text);
    const move: ArrayBuffer[] = [];
    const reply = decoded(
      { status: 0, headers: {}, body: "" },
      new TextEncoder().encode(text),
      (...buffers) => move.push(...buffers),
    );
    const { length = text.length } = reply;
    Atomics.add(this.#unread, 0, length);
    this.#tell({ ...reply, length }, move);
    // To read no further is all that holds a server back: the host has no word for it but to do nothing.
    for (;;) {
      const unread = Atomics.load(this.#unread, 0);
      if (unread <= MAX_UNREAD) return;
      Atomics.wait(this.#unread, 0, unread, SLEEP_MS);
    }
  }
}

/** A part of a transition, where a message is one. */
function chunkIn(
  text: string,
): { text: string; partNumber: number; totalParts: number } | undefined {
  try {
    const message = text.length < LONG_TEXT ? JSON.parse(text) : chunkOf(text);
    if (message?.type !== "TransitionChunk") return undefined;
    const { chunk, isEscaped, partNumber, totalParts } = message;
    const said = isEscaped ? JSON.parse(`"${chunk}"`) : chunk;
    return { text: said, partNumber, totalParts };
  } catch {
    return undefined;
  }
}
