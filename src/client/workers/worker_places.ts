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

/** Time of this thread that a worker would have saved when one starts, in ms: about what its start takes. */
const START_MS = 15;
/** Share of this thread's time that does not count: of many clients, each with a worker, few have more. */
const FREE_SHARE = 0.05;

/** A message after which the worker holds its socket, in characters: to receive one twice as long takes some 2 ms. */
const LARGE_MESSAGE = 512 * 1024;
/** Connections that are tried to be moved, and are not. */
const MAX_UNMOVED = 3;

/** The worker of an exchanger, and what goes there. Only hosts that have workers load it. */
export class WorkerPlaces {
  readonly #places: ExchangePlaces;
  readonly #options: HttpSourceOptions;
  #worker: WorkerExchange | undefined;
  #unmoved = 0;
  #isMoving = false;
  /** What a worker would have saved, and when that was noted. */
  #missedMs = 0;
  #notedMs = performance.now();
  /** {@link START_MS}, twice that for each start since the worker was last of use. */
  #startMs = START_MS;

  /** Starts nothing yet. */
  constructor(options: HttpSourceOptions, sizes: AnswerSizes) {
    this.#options = options;
    this.#places = new ExchangePlaces(sizes);
  }

  /** Whether requests for a function leave from the worker, but for a trial now and then. */
  isAway(name: string): boolean {
    return this.#options.fetch === undefined &&
      (this.#isAlways || this.#isReady && this.#places.isAway(name));
  }

  /** Whether a request for these functions leaves from the worker. */
  sends(names: readonly string[]): boolean {
    return this.#options.fetch === undefined &&
      (this.#isAlways ||
        this.#places.expected(names) === "worker" && this.#isThere());
  }

  /** Sends a request from the worker; `undefined` where that cannot be. */
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
   * Decodes a text in the worker, where that pays and can be; with `isEscaped` the one that is the inside of a string
   * of JSON. A text that moves to a worker ends with it.
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

  /** Whether a text of some bytes is likely to be parsed within a turn of the event loop. */
  isQuick(names: readonly string[], bytes: number): boolean {
    return this.#places.isQuick(names, bytes);
  }

  /** Notes for how long an answer kept this thread. */
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

  /** The class of WebSockets that the worker holds; `undefined` where they are not the worker's to open. */
  sockets(read: ReadReply): WebSocketClass | undefined {
    if (this.#options.WebSocket !== undefined || !isHostsSocket()) return;
    const worker = this.#worker ??= new WorkerExchange(this.#options.workerUrl);
    if (worker.isRefused || !worker.isOrdinary()) return undefined;
    return socketsIn(worker, read);
  }

  /**
   * What moves a connection to the worker that brought a message of some length; `undefined` where it stays. It moves
   * for one that is large, whatever that takes, and for others when they are decoded there in any case.
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

  /** Whether two results of a live query are the same, however large, compared in parts. */
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

  /** Whether the worker takes tasks; one that is worth it starts meanwhile, and no answer waits for that. */
  #isThere(): boolean {
    if (this.#isReady) {
      this.#startMs = START_MS;
      return true;
    }
    if (this.#missedMs >= this.#startMs) {
      this.#missedMs = 0;
      this.#startMs *= 2;
      // If it cannot start, everything stays on this thread.
      this.#started().catch(() => {});
    }
    return false;
  }

  /** The worker once it takes tasks; `undefined` where the host lets none start. */
  async #started(): Promise<WorkerExchange | undefined> {
    this.#worker ??= new WorkerExchange(this.#options.workerUrl);
    return await this.#worker.start() ? this.#worker : undefined;
  }
}

/** Whether this thread's WebSocket is the host's, which a worker has as well, and not what a program put in its place. */
function isHostsSocket(): boolean {
  const { WebSocket } = globalThis as { WebSocket?: { prototype: object } };
  if (WebSocket === undefined) return false;
  const ownSymbols = Object.getOwnPropertySymbols(WebSocket.prototype);
  return ownSymbols.includes(Symbol.for("Deno.privateCustomInspect")) ||
    /^(function WebSocket\(\) {\s*\[native code\]|class _?WebSocket extends EventTarget.*webidl)/s
      .test(String(WebSocket));
}

/** A response whose values are decoded. */
function decoded({ response, isDecoded }: Latest): unknown {
  return isDecoded || response.status === "error"
    ? response
    : { ...response, value: jsonToValue(response.value ?? null) };
}
