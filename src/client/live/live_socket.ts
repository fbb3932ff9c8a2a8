import { ConnectionError, ProtocolError } from "../../errors.ts";
import { OWN_REASON } from "../wire.ts";
import { LiveInbox, type TakeMessage } from "./live_inbox.ts";
import { isTooLong, TOO_LONG } from "./long_message.ts";
import type { WebSocketLike } from "../types.ts";
import {
  backoffMs,
  type LongMessage,
  type LongWork,
  type MovableSocket,
  type WebSocketClass,
} from "./live_protocol.ts";

/** Silence after which a connection counts as lost, in ms; the server speaks every 15 s. */
const SILENCE_MS = 60_000;

/** The events of a socket, and what it is told. */
export interface LiveSocketEvents {
  /** The longest message. */
  maxAnswerBytes: number;
  /** The socket is open, and knows nothing of an earlier connection. Sends the first messages. */
  opened(reason: string): Promise<void> | void;
  /** A message has arrived. Throws when it is invalid, so that the connection is renewed. */
  message: TakeMessage;
  /** Processes long messages. */
  long: () => Promise<LongWork>;
  /** The connection was lost; it is renewed automatically. */
  lost(error: ConnectionError): void;
  /**
   * The host does not allow a socket, or a message was too long, as it would be again. The socket is closed, and the next
   * {@link LiveSocket.start} tries again.
   */
  refused(error: Error): void;
}

/** A WebSocket that reconnects when it is lost. Opened by {@link start}, closed by {@link stop}. */
export class LiveSocket implements MovableSocket {
  /** WebSockets made so far. */
  count = 0;
  /** Attempts to connect since the last success. */
  retries = 0;
  readonly url: string;
  #Class: WebSocketClass;
  readonly #events: LiveSocketEvents;
  #socket: WebSocketLike | undefined;
  #inbox: LiveInbox | undefined;
  #isRunning = false;
  #reason = "InitialConnect";
  #retry: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, Class: WebSocketClass, events: LiveSocketEvents) {
    this.url = url;
    this.#Class = Class;
    this.#events = events;
  }

  /** Whether messages can be sent. */
  get isOpen(): boolean {
    return this.#socket?.readyState === 1;
  }

  move(Class: WebSocketClass): void {
    this.#Class = Class;
    this.restart("Moved");
    this.#onOnline();
  }

  /** Opens it, unless it is open or connecting. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    globalThis.addEventListener?.("online", this.#onOnline);
    this.#connect();
  }

  /** Closes it for good, or until the next {@link start}. */
  stop(): void {
    this.#isRunning = false;
    globalThis.removeEventListener?.("online", this.#onOnline);
    clearTimeout(this.#retry);
    this.#drop(OWN_REASON + "Idle");
  }

  /** Closes it and reconnects at once. A lost one reconnects anyway. */
  restart(reason: string): void {
    if (!this.#socket) return;
    this.#drop(OWN_REASON + reason);
    this.#lost();
  }

  /** Lets the session send its first messages, if the socket is open. */
  async greet(): Promise<void> {
    const socket = this.#socket;
    if (!this.isOpen) return;
    try {
      await this.#events.opened(this.#reason);
    } catch {
      this.#fail(socket!, "Identity");
    }
  }

  /** Sends a message; does nothing when it is not open. */
  send(message: string): void {
    if (this.isOpen) this.#socket!.send(message);
  }

  #onOnline = (): void => {
    if (this.#socket) return;
    clearTimeout(this.#retry);
    this.#connect();
  };

  #connect(): void {
    let socket: WebSocketLike;
    try {
      socket = new this.#Class(this.url);
    } catch (cause) {
      // Deno without network permission, or a page that may open only `wss:`.
      this.stop();
      const { message } = cause as Error;
      return this.#events.refused(
        this.#error(`cannot be opened: ${message}`, cause),
      );
    }
    this.#socket = socket;
    this.count++;
    this.#hear();
    socket.onopen = () => this.#socket === socket && void this.greet();
    const inbox = new LiveInbox(
      (message) => this.#events.message(message),
      this.#events.long,
      // Whatever the error was, the known state of the server no longer holds.
      (reason) => this.#fail(socket, reason),
      this.#events.maxAnswerBytes,
    );
    this.#inbox = inbox;
    socket.onmessage = ({ data }: { data: unknown }) => {
      if (this.#socket !== socket) return;
      this.#hear();
      inbox.add(
        (data as LongMessage)?.read ? data as LongMessage : String(data),
      );
    };
    // A browser's error event has no reason, and `close` follows it.
    let isOver = false;
    socket.onerror = (event: unknown) => isOver = isTooLong(event);
    socket.onclose = ({ code, reason }: { code: number; reason: string }) => {
      if (this.#socket !== socket) return;
      if (isOver || code === TOO_LONG) return this.#fail(socket, "TooLong");
      this.#drop(reason || `Closed${code}`);
      this.#lost();
    };
  }

  #fail(socket: WebSocketLike, reason: string): void {
    if (this.#socket !== socket) return;
    if (reason !== "TooLong") return this.restart(reason);
    this.stop();
    this.#events.refused(
      new ProtocolError(
        "BAD_RESPONSE",
        `${this.#name} had a message of more than maxAnswerBytes = ${this.#events.maxAnswerBytes}, or than this host or the server allows`,
      ),
    );
  }

  #hear(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.restart("Silence"), SILENCE_MS);
  }

  #drop(reason: string): void {
    clearTimeout(this.#silence);
    this.#inbox?.close();
    const socket = this.#socket;
    this.#socket = undefined;
    this.#reason = reason;
    if (socket && socket.readyState < 2) socket.close(1000, reason);
  }

  #lost(): void {
    if (!this.#isRunning) return;
    const delayMs = backoffMs(this.#reason, this.retries++);
    this.#retry = setTimeout(() => this.#connect(), delayMs);
    this.#events.lost(this.#error(`was lost: ${this.#reason}`));
  }

  get #name(): string {
    return `The WebSocket to ${new URL(this.url).origin}`;
  }

  #error(what: string, cause?: unknown): ConnectionError {
    return new ConnectionError(
      "UNREACHABLE",
      `${this.#name} ${what}`,
      { cause },
    );
  }
}
