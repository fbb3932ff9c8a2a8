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

/** The worker, as far as sockets need it. */
export interface SocketWorker {
  /** Resolves when it takes tasks; with `false` where the host lets none start. */
  start(): Promise<boolean>;
  /** Has it hold a socket; settles when that is closed, and rejects when the worker ended. */
  hold(task: SocketTask): Promise<unknown>;
}

/** Builds what a worker has decoded. */
export type ReadReply = (reply: WorkerReply) => Promise<ParsedMessage>;

/** A class of WebSockets that a worker holds; once it cannot, they are the host's own. */
export function socketsIn(
  worker: SocketWorker,
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
        : new WorkerSocket(url, worker, read, refuse);
    }
  } as unknown as WebSocketClass;
}

/** What {@link SocketTask.unread} says of a socket that is closed. */
const NEVER = -(2 ** 30);
/** Time from one look to the next whether a connection may be moved, in ms, and how many there are. */
const LOOK_MS = 20;
const LOOKS = 100;

/**
 * Moves a connection to a socket of another class, which is opened first. False when that did not open, or the
 * connection was never without calls that a loss would disturb.
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

/** A class of WebSockets whose first is one that is open. */
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

/** A WebSocket that a worker holds, so that this thread neither receives long messages nor parses them. */
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

  /** `refuse` is called when the worker opens none: the host lets it not start, or lets it not use the network. */
  constructor(
    url: string,
    worker: SocketWorker,
    read: ReadReply,
    refuse: () => void,
  ) {
    this.#read = read;
    this.#open(url, worker).catch((error) => {
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
    // The worker is not to wait for who reads no more.
    Atomics.store(this.#unread, 0, NEVER);
    Atomics.notify(this.#unread, 0);
    if (this.#order === undefined) this.#end({ code: 1006, reason: "" });
    else this.#order({ code, reason });
  }

  async #open(url: string, worker: SocketWorker): Promise<void> {
    if (!await worker.start()) throw new Error("no worker starts");
    if (this.readyState > 1) return;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#order = (order) => port1.postMessage(order);
    port1.onmessage = ({ data }: MessageEvent<SocketNews>) => this.#hear(data);
    await worker.hold({ url, port: port2, unread: this.#unread });
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
      this.onmessage?.({ data: { read: () => this.#build(news) } });
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
