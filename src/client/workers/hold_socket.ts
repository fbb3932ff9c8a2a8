import { LONG_TEXT } from "../exchange/http_exchange.ts";
import { decoded, type WorkerReply } from "../exchange/worker_reply.ts";
import { chunkOf } from "../live/live_chunk.ts";
import { isTooLong, TOO_LONG } from "../live/long_message.ts";

/** Asks a worker to open a WebSocket and hold it. */
export interface SocketTask {
  url: string;
  /** Receives {@link SocketOrder}s and sends {@link SocketNews}. */
  port: MessagePort;
  /** Bytes of long messages that the other side has not read yet; negative once it stops reading. */
  unread: Int32Array;
  /** The longest message, in bytes or characters: of one beyond, only the length is passed on. */
  maxLength: number;
}

/** An instruction to the worker: a text to send, or how to close the socket. */
export type SocketOrder = string | { code?: number; reason?: string };

/** An event of the socket: a short message as text, a long message decoded, opened, or closed. */
export type SocketNews =
  | string
  | WorkerReply
  | { isOpen: true }
  | { code: number; reason: string };

/** The worker stops reading the socket when more than this many bytes of long messages wait for the other side. */
const MAX_UNREAD = 32 * 1024 * 1024;
/** Longest sleep of the worker, in ms. Short, because not every host can end a worker that sleeps. */
const SLEEP_MS = 100;

/** Opens a WebSocket and passes on its events. Resolves when it is closed. */
export function holdSocket(
  { url, port, unread, maxLength }: SocketTask,
): Promise<void> {
  return new Promise((resolve) => {
    const tell = (news: SocketNews, move: ArrayBuffer[] = []) =>
      port.postMessage(news, move);
    const inbox = new SocketMessages(tell, unread, maxLength);
    const socket = new WebSocket(url);
    socket.onopen = () => tell({ isOpen: true });
    socket.onmessage = ({ data }) => inbox.take(String(data));
    let isOver = false;
    socket.onerror = (event) => isOver = isTooLong(event);
    socket.onclose = ({ code, reason }) => {
      tell({ code: isOver ? TOO_LONG : code, reason });
      resolve();
    };
    port.onmessage = ({ data }: MessageEvent<SocketOrder>) => {
      if (typeof data !== "string") socket.close(data.code, data.reason);
      else if (socket.readyState === 1) socket.send(data);
    };
  });
}

/** Passes on the messages of one socket in order. Joins chunks, and decodes long messages. */
class SocketMessages {
  readonly #tell: (news: SocketNews, move?: ArrayBuffer[]) => void;
  readonly #unread: Int32Array;
  readonly #maxLength: number;
  #chunks: string[] = [];
  /** Length of the messages that the chunks came in. */
  #chunksLength = 0;

  constructor(
    tell: (news: SocketNews, move?: ArrayBuffer[]) => void,
    unread: Int32Array,
    maxLength: number,
  ) {
    this.#tell = tell;
    this.#unread = unread;
    this.#maxLength = maxLength;
  }

  take(text: string): void {
    const chunk = chunkIn(text);
    // The other side rejects a chunk that is out of order.
    if (chunk?.partNumber !== this.#chunks.length) return this.#pass(text);
    this.#chunks.push(chunk.text);
    this.#chunksLength += text.length;
    if (this.#chunksLength > this.#maxLength) {
      this.#chunks = [];
      return this.#passLength(this.#chunksLength);
    }
    if (this.#chunks.length < chunk.totalParts) return;
    this.#chunksLength = 0;
    this.#pass(this.#chunks.splice(0).join(""));
  }

  /** Passes on how long a message is that the other side will not take. */
  #passLength(length: number): void {
    this.#tell({ status: 0, headers: {}, body: "", length });
  }

  #pass(text: string): void {
    if (text.length > this.#maxLength) return this.#passLength(text.length);
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
    // A WebSocket cannot be paused. Blocking this thread is the only way to make the server wait.
    for (;;) {
      const unread = Atomics.load(this.#unread, 0);
      if (unread <= MAX_UNREAD) return;
      Atomics.wait(this.#unread, 0, unread, SLEEP_MS);
    }
  }
}

/** Parses a chunk of a transition; `undefined` for any other message. */
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
