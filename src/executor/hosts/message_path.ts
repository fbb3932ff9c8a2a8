import { workerThreads } from "./detect.ts";

/** Posts a message and transfers the given objects. Throws, without transferring any, when it cannot be cloned. */
type Post = (message: unknown, transfer?: readonly object[]) => void;

/** How messages are passed between the two sides. */
export interface MessagePath {
  /** Posts a message. */
  post: Post;
  /** Returns the contents of a message that arrived. */
  open(message: unknown): unknown;
  /** Called when the other side will fetch nothing more. */
  close(): void;
}

/** The host's end of a connection. */
export interface MessageEnd {
  /** Sends a message and transfers the given objects. */
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
}

/** Messages posted in the host's own way; on Bun, those that transfer large buffers are sent as parcels. */
export function openPath(end: MessageEnd): MessagePath {
  const post: Post = (message, transfer) => {
    if (transfer?.length) end.postMessage(message, transfer);
    else end.postMessage(message);
  };
  if ("Bun" in globalThis) return new ParcelPath(post);
  return { post, open: (message) => message, close() {} };
}

/** Size from which a transferred buffer makes its message a parcel, in bytes. */
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
 * Sends messages as parcels. Bun's garbage collector counts a buffer that arrives in an event twice, and so runs twice as
 * often: for two of three messages of 8 MiB. A parcel is counted once, because it waits at a port without a listener
 * until a notice tells the other side to fetch it.
 */
class ParcelPath implements MessagePath {
  readonly #post: Post;
  /** The port where this side leaves parcels. */
  #sent: Port | undefined;
  /** The port where it fetches parcels. */
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
