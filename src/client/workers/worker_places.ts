import type { AnswerSizes } from "../exchange/answer_sizes.ts";
import { equal } from "../equal_value.ts";
import {
  type ExchangePlace,
  ExchangePlaces,
} from "../exchange/exchange_places.ts";
import type { ExchangeCall, HttpRequest } from "../exchange/http_exchange.ts";
import type { HttpSourceOptions } from "../http_options.ts";
import { WorkerExchange } from "./worker_exchange.ts";
import type { WorkerReply } from "../exchange/worker_reply.ts";
import type {
  Latest,
  MoveSocket,
  WebSocketClass,
} from "../live/live_protocol.ts";
import { jsonToValue } from "../wire.ts";
import { moveTo, type ReadReply, socketsIn } from "./worker_socket.ts";

/** The worker is started once it would have saved this thread so much time, in ms: about what starting it costs. */
const START_MS = 15;
/** Share of this thread's time that long answers may take before it counts, so that not every client starts a worker. */
const FREE_SHARE = 0.05;

/** After a message of this length, its socket moves to the worker, in characters. Receiving twice that takes 2 ms. */
const LARGE_MESSAGE = 512 * 1024;
/** After this many failures in a row, connections are no longer moved. */
const MAX_UNMOVED = 3;

/** Decides what goes to the worker, and starts it. Only loaded on hosts that have workers. */
export class WorkerPlaces {
  readonly #places: ExchangePlaces;
  readonly #options: HttpSourceOptions;
  readonly #maxAnswerBytes: number;
  #worker: WorkerExchange | undefined;
  #unmoved = 0;
  #isMoving = false;
  /** Time that a worker would have saved, and when it was last updated. */
  #missedMs = 0;
  #notedMs = performance.now();
  /** {@link START_MS}, doubled by each start since the worker was last used. */
  #startMs = START_MS;

  /** Starts nothing yet. */
  constructor(
    options: HttpSourceOptions,
    sizes: AnswerSizes,
    maxAnswerBytes: number,
  ) {
    this.#options = options;
    this.#maxAnswerBytes = maxAnswerBytes;
    this.#places = new ExchangePlaces(sizes);
  }

  /** Whether requests for a function are sent by the worker, apart from occasional trials on this thread. */
  isAway(name: string): boolean {
    return this.#options.fetch === undefined &&
      (this.#isAlways || this.#isReady && this.#places.isAway(name));
  }

  /** Whether a request for these functions is sent by the worker. */
  sends(names: readonly string[]): boolean {
    return this.#options.fetch === undefined &&
      (this.#isAlways ||
        this.#places.expected(names) === "worker" && this.#isThere());
  }

  /** Sends a request from the worker; `undefined` if that is not possible. */
  async send(
    request: HttpRequest,
    call: ExchangeCall,
  ): Promise<WorkerReply | undefined> {
    const worker = await this.#started();
    call.signal.throwIfAborted();
    if (!worker?.isOrdinary()) return undefined;
    call.onSent();
    return await worker.run({ request }, call.signal);
  }

  /**
   * Decodes a text in the worker; `undefined` if that does not pay or is not possible. With `isEscaped`, the text is the
   * inside of a JSON string. The text is moved to the worker, and lost if the worker dies.
   */
  async decode(
    text: Uint8Array,
    { names, isRepeatable, signal }: ExchangeCall,
    isEscaped = false,
  ): Promise<Omit<WorkerReply, "status" | "headers"> | undefined> {
    const isAway = isRepeatable &&
      (this.#isAlways ||
        this.#places.choose(names, text.length) === "worker" &&
          this.#isThere());
    const worker = isAway ? await this.#started() : undefined;
    if (!worker) return undefined;
    const { status: _status, headers: _headers, ...reply } = await worker
      .run({ text, isEscaped }, signal);
    return reply;
  }

  /** Whether a text of this length is likely to be parsed within one turn of the event loop. */
  isQuick(names: readonly string[], bytes: number): boolean {
    return this.#places.isQuick(names, bytes);
  }

  /** Records how long an answer kept this thread busy. */
  note(
    names: readonly string[],
    place: ExchangePlace,
    bytes: number,
    busyMs: number,
  ): void {
    this.#places.note(names, place, bytes, busyMs);
    if (place === "worker" || !this.#places.isWanted(names, bytes)) return;
    const nowMs = performance.now();
    const freeMs = (nowMs - this.#notedMs) * FREE_SHARE;
    this.#missedMs = Math.max(0, this.#missedMs - freeMs) + busyMs;
    this.#notedMs = nowMs;
  }

  /** The class of WebSockets that the worker holds; `undefined` when the worker must not or cannot open them. */
  sockets(read: ReadReply): WebSocketClass | undefined {
    if (this.#options.WebSocket !== undefined || !isHostsSocket()) return;
    const worker = this.#worker ??= new WorkerExchange(this.#options.workerUrl);
    if (worker.isRefused || !worker.isOrdinary()) return undefined;
    return socketsIn(worker, this.#maxAnswerBytes, read);
  }

  /**
   * Returns a function that moves a connection to the worker, after a message of this length; `undefined` if the
   * connection stays. It moves after a large message, and after shorter ones if the worker is decoding them already.
   */
  mover(
    [name]: readonly string[],
    length: number,
    read: ReadReply,
  ): MoveSocket | undefined {
    if (this.#isMoving || this.#unmoved >= MAX_UNMOVED) return;
    const isAway = this.#isReady && this.#places.isAway(name!);
    if (length < LARGE_MESSAGE && !isAway) return;
    const Class = this.sockets(read);
    if (Class === undefined) return undefined;
    return (live, isQuiet) => {
      this.#isMoving = true;
      moveTo(Class, live, isQuiet).then((isMoved) => {
        this.#isMoving = false;
        this.#unmoved = isMoved ? 0 : this.#unmoved + 1;
      });
    };
  }

  /** Compares two results of a live query in parts. Yields the work done between them. */
  equal(one: Latest, other: Latest): Generator<number, boolean> {
    return equal(decoded(one), decoded(other));
  }

  /** Ends the worker. */
  async close(): Promise<void> {
    await this.#worker?.close();
  }

  get #isAlways(): boolean {
    return this.#options.workers === "always";
  }

  get #isReady(): boolean {
    return this.#worker?.isReady ?? false;
  }

  /** Whether the worker accepts tasks. If not, starts it once that pays, without waiting for it. */
  #isThere(): boolean {
    if (this.#isReady) {
      this.#startMs = START_MS;
      return true;
    }
    if (this.#missedMs >= this.#startMs) {
      this.#missedMs = 0;
      this.#startMs *= 2;
      // If it cannot be started, everything stays on this thread.
      this.#started().catch(() => {});
    }
    return false;
  }

  /** Resolves with the worker when it accepts tasks, and with `undefined` when it cannot be started. */
  async #started(): Promise<WorkerExchange | undefined> {
    this.#worker ??= new WorkerExchange(this.#options.workerUrl);
    return await this.#worker.start() ? this.#worker : undefined;
  }
}

/** Whether `WebSocket` is the host's own, as in the worker, and not a replacement by the program. */
function isHostsSocket(): boolean {
  const { WebSocket } = globalThis as { WebSocket?: { prototype: object } };
  if (WebSocket === undefined) return false;
  const ownSymbols = Object.getOwnPropertySymbols(WebSocket.prototype);
  return ownSymbols.includes(Symbol.for("Deno.privateCustomInspect")) ||
    /^(function WebSocket\(\) {\s*\[native code\]|class _?WebSocket extends EventTarget.*webidl)/s
      .test(String(WebSocket));
}

/** The response with its values decoded. */
function decoded({ response, isDecoded }: Latest): unknown {
  return isDecoded || response.status === "error"
    ? response
    : { ...response, value: jsonToValue(response.value ?? null) };
}
