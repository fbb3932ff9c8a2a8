import type { WorkerReply } from "./exchange_handler.ts";
import { type ExchangePlace, ExchangePlaces } from "./exchange_places.ts";
import { exchange, type HttpRequest } from "./http_exchange.ts";
import type { HttpSourceOptions } from "./http_options.ts";
import type { Turns } from "./turns.ts";
import type { WorkerExchange } from "./worker_exchange.ts";

/** What came back of a request, parsed. */
export interface Answer {
  /** HTTP status. */
  status: number;
  /** Headers that somebody reads, by lower-case name. */
  headers: { [name: string]: string };
  /** The text, as far as it is of use for an error. */
  text: string;
  /** What the text says; absent when it is no JSON. */
  json?: unknown;
  /** True when the text is no JSON. */
  isDamaged?: boolean;
  /** True when the values in it are no longer encoded. */
  isDecoded?: boolean;
}

/** What is told of a request, and asked about it. */
export interface ExchangeCall {
  /** Functions that it calls. */
  names: readonly string[];
  /** Whether all of it may be done again without harm. */
  isRepeatable: boolean;
  /** Given up when this is aborted. */
  signal: AbortSignal;
  /** It leaves now. */
  onSent(): void;
  /** The answer is there; what follows is work on it. */
  onHeard(): void;
}

type Builders = typeof import("./json_builder.ts");

/** What decodes long texts, loaded by the first. */
interface Decoding {
  turns: Turns;
  build: Builders;
}

/** Makes exchanges and decodes what they bring, here or in a worker, whichever keeps this thread less. */
export class Exchanger {
  /** What is known of functions' answers. */
  readonly places: ExchangePlaces = new ExchangePlaces();
  readonly #options: HttpSourceOptions;
  readonly #mode: "auto" | "always" | "never";
  #worker: Promise<WorkerExchange> | undefined;
  #decoding: Promise<Decoding> | undefined;

  /** Takes options that were checked. */
  constructor(options: HttpSourceOptions) {
    this.#options = options;
    this.#mode = options.workers ?? "auto";
  }

  /**
   * Sends a request. Rejects as `fetch` does, with the signal's reason, and with `WORKER_LOST` when the worker that
   * sent it ended.
   */
  async exchange(request: HttpRequest, call: ExchangeCall): Promise<Answer> {
    const { names, signal, isRepeatable } = call;
    if (this.#sendsFromWorker(names)) {
      const worker = await this.#startedWorker();
      signal.throwIfAborted();
      if (worker?.isOrdinary()) {
        call.onSent();
        const reply = await worker.run({ request }, signal);
        call.onHeard();
        return await this.#read(reply, call, "here");
      }
    }
    const { fetch } = this.#options;
    const longFrom = this.#mode === "always" ? 0 : undefined;
    call.onSent();
    const reply = await exchange(request, signal, fetch, longFrom);
    call.onHeard();
    // A text that moves to a worker ends with it.
    const place = isRepeatable
      ? this.#placeOf(names, reply.body.length)
      : "here";
    return await this.#read(reply, call, place);
  }

  /** Ends the worker. */
  async close(): Promise<void> {
    await (await this.#worker)?.close();
  }

  #sendsFromWorker(names: readonly string[]): boolean {
    if (this.#mode === "never" || this.#options.fetch !== undefined) {
      return false;
    }
    return this.#mode === "always" ||
      this.places.expected(names) === "worker";
  }

  #placeOf(names: readonly string[], bytes: number): ExchangePlace {
    if (this.#mode === "auto") return this.places.choose(names, bytes);
    return this.#mode === "always" ? "worker" : "here";
  }

  /** The worker once it takes tasks; `undefined` where the host lets none start. */
  async #startedWorker(): Promise<WorkerExchange | undefined> {
    this.#worker ??= import("./worker_exchange.ts").then(({ WorkerExchange }) =>
      new WorkerExchange(this.#options.workerUrl)
    );
    const worker = await this.#worker;
    return await worker.start() ? worker : undefined;
  }

  /** Parses what came, with a long text in the place that is given. */
  async #read(
    reply: WorkerReply,
    call: ExchangeCall,
    place: ExchangePlace,
  ): Promise<Answer> {
    const { body, program, status, headers } = reply;
    if (program !== undefined) {
      const build = ({ build }: Builders) => build(program);
      return await this.#inTurns(reply, build, program.text, call, "worker");
    }
    if (typeof body === "string") {
      this.places.sizes.note(call.names, body.length);
      return parsed(reply, body);
    }
    const worker = place === "worker" ? await this.#startedWorker() : undefined;
    if (worker === undefined) {
      const build = ({ scanAndBuild }: Builders) => scanAndBuild(body);
      return await this.#inTurns(reply, build, body, call, "here");
    }
    const decoded = await worker.run({ text: body }, call.signal);
    return await this.#read({ ...decoded, status, headers }, call, "here");
  }

  /** Builds a long answer's value on this thread, in parts. */
  async #inTurns(
    reply: WorkerReply,
    workOf: (build: Builders) => Generator<number, unknown>,
    text: Uint8Array,
    { names, signal }: ExchangeCall,
    place: ExchangePlace,
  ): Promise<Answer> {
    const { turns, build } = await this.#decoder();
    const work = workOf(build);
    const { status, headers, length = text.length } = reply;
    this.places.sizes.note(names, length);
    try {
      const json = await turns.run(
        work,
        signal,
        (ms) => this.places.note(names, place, length, ms),
      );
      if (json !== undefined) {
        return { status, headers, text: "", json, isDecoded: true };
      }
    } catch {
      signal.throwIfAborted();
    }
    return parsed(reply, new TextDecoder().decode(text));
  }

  #decoder(): Promise<Decoding> {
    this.#decoding ??= Promise.all([
      import("./turns.ts"),
      import("./json_builder.ts"),
    ]).then(([{ Turns }, build]) => ({ turns: new Turns(), build }));
    return this.#decoding;
  }
}

/** Parses a short text, or one whose damage or forbidden names are to be found by who reads it. */
function parsed(reply: WorkerReply, text: string): Answer {
  const { status, headers, isDamaged } = reply;
  if (isDamaged) return { status, headers, text, isDamaged };
  try {
    return { status, headers, text, json: JSON.parse(text) };
  } catch {
    return { status, headers, text, isDamaged: true };
  }
}
