import { workerThreads } from "./detect.ts";

/** Posts a message, moving the objects named. Throws, without having moved anything, when it cannot be cloned. */
type Post = (message: unknown, transfer?: readonly object[]) => void;

/** How messages go from one side to the other. */
export interface MessagePath {
  /** Posts one. */
  post: Post;
  /** What a message that arrived brought. */
  open(message: unknown): unknown;
  /** Nobody will fetch any more what was sent. */
  close(): void;
}

/** The host's end of a connection. */
export interface MessageEnd {
  /** Sends a message, moving the objects named. */
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
}

/** Messages that are posted as the host does it, but on Bun, where those that move large buffers go as parcels. */
export function openPath(end: MessageEnd): MessagePath {
  const post: Post = (message, transfer) => {
    if (transfer?.length) end.postMessage(message, transfer);
    else end.postMessage(message);
  };
  if ("Bun" in globalThis) return new ParcelPath(post);
  return { post, open: (message) => message, close() {} };
}

/** From this size on, in bytes, a buffer that moves makes its message a parcel. */
const LARGE = 65_536;

interface Port extends MessageEnd {
  close(): void;
}

/** Announces a parcel at the port; the first notice brings the port. */
interface Notice {
  cortex: "parcel";
  port?: Port;
}

/**
 * Bun's collector counts a buffer twice that comes in an event, once for the event, and so runs twice as often: with
 * two of three messages of 8 MiB. A parcel is counted once: it waits at a port that has no listener, until a notice
 * tells the other side to fetch it.
 */
class ParcelPath implements MessagePath {
  readonly #post: Post;
  /** Where this side leaves what it sends. */
  #sent: Port | undefined;
  /** Where it fetches what it is sent. */
  #received: Port | undefined;
  #isClosed = false;

  constructor(post: Post) {
    this.#post = post;
  }

  post = (message: unknown, transfer?: readonly object[]): void => {
    const isParcel = transfer?.some(isLarge) && transfer.every(isBuffer) &&
      workerThreads();
    if (!isParcel) return this.#post(message, transfer);
    const notice: Notice = { cortex: "parcel" };
    if (this.#sent) {
      this.#sent.postMessage(message, transfer);
      return this.#post(notice);
    }
    const { port1, port2 }: { port1: Port; port2: Port } = new MessageChannel();
    port1.postMessage(message, transfer);
    this.#sent = port1;
    this.#post({ ...notice, port: port2 }, [port2]);
  };

  open(message: unknown): unknown {
    const notice = message as Notice | null | undefined;
    if (notice?.cortex !== "parcel") return message;
    this.#received ??= notice.port;
    return this.#isClosed
      ? undefined
      : workerThreads()!.receiveMessageOnPort(this.#received)?.message;
  }

  close(): void {
    this.#isClosed = true;
    this.#sent?.close();
    this.#received?.close();
  }
}

function isBuffer(object: object): object is ArrayBuffer {
  return object instanceof ArrayBuffer;
}

function isLarge(object: object): boolean {
  return isBuffer(object) && object.byteLength >= LARGE;
}
