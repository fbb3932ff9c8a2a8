import type {
  LongMessage,
  MovableSocket,
  ParsedMessage,
  WebSocketClass,
} from "../live/live_protocol.ts";
import type { SocketNews, SocketOrder, SocketTask } from "./hold_socket.ts";
import { OWN_REASON } from "../wire.ts";
import type { WebSocketLike } from "../types.ts";
import type { WorkerReply } from "../exchange/worker_reply.ts";

/** The part of a worker that sockets use. */
export interface SocketWorker {
  /** Resolves with true when the worker accepts tasks, and with false when it cannot be started. */
  start(): Promise<boolean>;
  /** Makes the worker hold a socket. Resolves when the socket is closed; rejects when the worker dies. */
  hold(task: SocketTask): Promise<unknown>;
}

/** Builds the value of a reply that a worker has decoded. */
export type ReadReply = (reply: WorkerReply) => Promise<ParsedMessage>;

/** A class of WebSockets that a worker holds. Once the worker has refused one, further ones are the host's own. */
export function socketsIn(
  worker: SocketWorker,
  maxLength: number,
  read: ReadReply,
): WebSocketClass {
  let isRefused = false;
  const refuse = () => {
    isRefused = true;
  };
  return class {
    constructor(url: string) {
      return isRefused
        ? new WebSocket(url)
        : new WorkerSocket({ url, maxLength }, worker, read, refuse);
    }
  } as unknown as WebSocketClass;
}

/** {@link SocketTask.unread} of a closed socket: low enough to stay negative whatever is added. */
const NEVER = -(2 ** 30);
/** How often, and how many times, it is checked whether a connection may be moved. */
const LOOK_MS = 20;
const LOOKS = 100;

/**
 * Moves a connection to a socket of another class, which is opened first. Resolves with false when that socket does not
 * open, or when the connection always had calls that losing it would affect.
 */
export async function moveTo(
  Class: WebSocketClass,
  live: MovableSocket,
  isQuiet: () => boolean,
): Promise<boolean> {
  const socket = new Class(live.url);
  await new Promise<void>((resolve) => {
    socket.onopen = socket.onclose = () => resolve();
  });
  for (let looks = 0; looks < LOOKS; looks++) {
    if (socket.readyState !== 1 || !live.isOpen) break;
    if (isQuiet()) {
      live.move(beginningWith(socket, Class));
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  socket.close(1000, `${OWN_REASON}Unmoved`);
  return false;
}

/** A class of WebSockets whose first instance is a given, open one. */
function beginningWith(
  first: WebSocketLike,
  Class: WebSocketClass,
): WebSocketClass {
  let isFirst = true;
  return class {
    constructor(url: string) {
      if (!isFirst) return new Class(url);
      isFirst = false;
      queueMicrotask(() => first.onopen?.({} as never));
      return first;
    }
  } as unknown as WebSocketClass;
}

/** The part of a WebSocket's interface that live queries use. */
type Handlers = {
  onopen: (() => void) | null;
  onmessage: ((event: { data: string | LongMessage }) => void) | null;
  onerror: (() => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
};

/** A WebSocket that a worker holds, so that this thread does not receive and parse long messages. */
class WorkerSocket implements Handlers {
  readyState = 0;
  onopen: Handlers["onopen"] = null;
  onmessage: Handlers["onmessage"] = null;
  onerror: Handlers["onerror"] = null;
  onclose: Handlers["onclose"] = null;
  readonly #read: ReadReply;
  readonly #unread = new Int32Array(new SharedArrayBuffer(4));
  #order: ((order: SocketOrder) => void) | undefined;
  #port: MessagePort | undefined;

  /** `refuse` is called when the worker cannot be started, or may not use the network. */
  constructor(
    asked: Pick<SocketTask, "url" | "maxLength">,
    worker: SocketWorker,
    read: ReadReply,
    refuse: () => void,
  ) {
    this.#read = read;
    this.#open(asked, worker).catch((error) => {
      if (error?.code !== "WORKER_LOST") refuse();
      this.#end({ code: 1006, reason: `${OWN_REASON}WorkerLost` });
    });
  }

  send(text: string): void {
    this.#order?.(text);
  }

  close(code?: number, reason?: string): void {
    if (this.readyState > 1) return;
    this.readyState = 2;
    // Wakes a worker that waits for this side to read.
    Atomics.store(this.#unread, 0, NEVER);
    Atomics.notify(this.#unread, 0);
    if (this.#order === undefined) this.#end({ code: 1006, reason: "" });
    else this.#order({ code, reason });
  }

  async #open(
    asked: Pick<SocketTask, "url" | "maxLength">,
    worker: SocketWorker,
  ): Promise<void> {
    if (!await worker.start()) throw new Error("no worker starts");
    if (this.readyState > 1) return;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#order = (order) => port1.postMessage(order);
    port1.onmessage = ({ data }: MessageEvent<SocketNews>) => this.#hear(data);
    await worker.hold({ ...asked, port: port2, unread: this.#unread });
  }

  #hear(news: SocketNews): void {
    if (typeof news === "string") {
      this.onmessage?.({ data: news });
    } else if ("isOpen" in news) {
      if (this.readyState > 0) return;
      this.readyState = 1;
      this.onopen?.();
    } else if ("code" in news) {
      this.#end(news);
    } else {
      const data = { length: news.length!, read: () => this.#build(news) };
      this.onmessage?.({ data });
    }
  }

  async #build(reply: WorkerReply): Promise<{ json?: unknown }> {
    try {
      return await this.#read(reply);
    } finally {
      Atomics.sub(this.#unread, 0, reply.length!);
      Atomics.notify(this.#unread, 0);
    }
  }

  #end(how: { code: number; reason: string }): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.#port?.close();
    this.#order = undefined;
    this.onclose?.(how);
  }
}
