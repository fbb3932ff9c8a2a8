import { AnswerSizes } from "../exchange/answer_sizes.ts";
import type { BodyReader } from "../exchange/body_reader.ts";
import type { ExchangePlace } from "../exchange/exchange_places.ts";
import {
  exchange,
  type ExchangeCall,
  type HttpRequest,
  LONG_TEXT,
  WHOLE_TEXT,
} from "../exchange/http_exchange.ts";
import type { HttpSourceOptions } from "../http_options.ts";
import type { Slicer } from "../slicer.ts";
import type { WorkerPlaces } from "../workers/worker_places.ts";
import type { WorkerReply } from "../exchange/worker_reply.ts";
import type { LongWork } from "../live/live_protocol.ts";

/** The parsed answer to a request. */
export interface Answer {
  /** HTTP status. */
  status: number;
  /** The relevant headers, by lower-case name. */
  headers: { [name: string]: string | null };
  /** The text, as far as an error message needs it. */
  text: string;
  /** The parsed text; absent when it is not JSON. */
  json?: unknown;
  /** True when the text is not JSON. */
  isDamaged?: boolean;
  /** True when its values are already decoded. */
  isDecoded?: boolean;
}

/** Size from which bodies are read in parts, in bytes. Pages and Cloudflare's runtime need not do so. */
const IN_PARTS_FROM = !hasWorkers() || "document" in globalThis
  ? Infinity
  : "Bun" in globalThis
  ? 1024 * 1024
  : LONG_TEXT;

type LongValues = typeof import("../long_values.ts");

/** Makes requests and decodes the answers, here or in a worker, whichever blocks this thread less. */
export class Exchanger {
  /** How long the answers of functions have been. */
  readonly sizes: AnswerSizes = new AnswerSizes();
  readonly #options: HttpSourceOptions;
  readonly #maxAnswerBytes: number;
  readonly #mode: "auto" | "always" | "never";
  #away: Promise<WorkerPlaces> | undefined;
  /** The value of `#away`, once it is loaded. */
  #places: WorkerPlaces | undefined;
  #slicer: Slicer | undefined;
  /** Absent until the first long answer was read. */
  #bodies: BodyReader | undefined;

  /** Takes options that were checked. */
  constructor(options: HttpSourceOptions, maxAnswerBytes: number) {
    this.#options = options;
    this.#maxAnswerBytes = maxAnswerBytes;
    this.#mode = hasWorkers() ? options.workers ?? "auto" : "never";
  }

  /** Whether the answers of a function are expected to be decoded in the worker. */
  isAway(name: string): boolean {
    return this.#places?.isAway(name) ?? false;
  }

  /**
   * Sends a request. Rejects as `fetch` does, with the signal's reason, and with `WORKER_LOST` when the worker that
   * sent it ended.
   */
  async exchange(request: HttpRequest, call: ExchangeCall): Promise<Answer> {
    const { names, signal } = call;
    const places = this.#mode === "always"
      ? await this.#loaded()
      : this.#places;
    if (places?.sends(names)) {
      const reply = await places.send(request, call);
      if (reply) {
        call.onHeard();
        return await this.#read(reply, call);
      }
    }
    call.onSent();
    const reply = await exchange(request, signal, {
      fetch: this.#options.fetch,
      longFrom: this.#mode === "always" ? 0 : undefined,
      readLong: (length, body, text) => {
        // A compressed body grows when unpacked.
        const bytes = Math.max(length || 0, this.sizes.ofAll(names));
        return bytes < IN_PARTS_FROM
          ? undefined
          : this.#bodies?.read(bytes, body, text);
      },
    });
    call.onHeard();
    const { body } = reply;
    const decoded = typeof body !== "string" &&
      await places?.decode(body, call);
    return await this.#read({ ...reply, ...decoded }, call);
  }

  /** Processes long WebSocket messages as it does long answers: on this thread or in a worker. */
  async longWork(call: ExchangeCall): Promise<LongWork> {
    const [long, places] = await Promise.all([this.#long(), this.#loaded()]);
    const read = (reply: WorkerReply) => this.#read(reply, call);
    return long.longWork({ slicer: long.slicer, places, read, call });
  }

  /** Ends the worker. */
  async close(): Promise<void> {
    await (await this.#away)?.close();
  }

  /** The code for long values, and the slicer that all of it shares. */
  async #long(): Promise<LongValues & { slicer: Slicer }> {
    const long = await import("../long_values.ts");
    const slicer = this.#slicer ??= new long.Slicer();
    this.#bodies ??= new long.BodyReader();
    return { ...long, slicer };
  }

  /** The worker; undefined on a host without workers, or if none is wanted. */
  async #loaded(): Promise<WorkerPlaces | undefined> {
    if (this.#mode === "never") return undefined;
    this.#away ??= import("../workers/worker_places.ts").then((
      { WorkerPlaces },
    ) =>
      this.#places = new WorkerPlaces(
        this.#options,
        this.sizes,
        this.#maxAnswerBytes,
      )
    );
    return await this.#away;
  }

  /** Parses an answer, a long one in parts. */
  async #read(reply: WorkerReply, call: ExchangeCall): Promise<Answer> {
    const { body, program } = reply;
    if (program) {
      const build = ({ build }: LongValues) => build(program);
      return await this.#inTurns(reply, build, program.text, call, "worker");
    }
    if (typeof body === "string") {
      this.sizes.note(call.names, body.length);
      return parsed(reply, body);
    }
    const isQuick = body.length <= WHOLE_TEXT &&
      (this.#places?.isQuick(call.names, body.length) ?? true);
    const build = ({ parseWhole, scanAndBuild }: LongValues) =>
      isQuick ? parseWhole(body) : scanAndBuild(body);
    return await this.#inTurns(reply, build, body, call, "here");
  }

  /** Builds a long answer's value on this thread, in parts. */
  async #inTurns(
    reply: WorkerReply,
    workOf: (build: LongValues) => Generator<number, unknown>,
    text: Uint8Array,
    { names, signal }: ExchangeCall,
    place: ExchangePlace,
  ): Promise<Answer> {
    const [long, places] = await Promise.all([this.#long(), this.#loaded()]);
    const work = workOf(long);
    const { status, headers, length = text.length } = reply;
    this.sizes.note(names, length);
    try {
      const json = await long.slicer.run(
        work,
        signal,
        (ms) => places?.note(names, place, length, ms),
      );
      if (json !== undefined) {
        return { status, headers, text: "", json, isDecoded: true };
      }
    } catch {
      signal.throwIfAborted();
    }
    return parsed(reply, new TextDecoder().decode(text));
  }
}

/** Whether this host allows workers. Cloudflare's runtime has the class, but constructing one fails. */
function hasWorkers(): boolean {
  const host = globalThis as {
    Worker?: unknown;
    process?: { getBuiltinModule?: unknown };
  };
  // `process` last: the first access to it takes Deno 20 ms.
  return !isCloudflare() &&
    (host.Worker ?? host.process?.getBuiltinModule) !== undefined;
}

/** Whether this is Cloudflare's runtime. */
export function isCloudflare(): boolean {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } };
  return navigator?.userAgent === "Cloudflare-Workers";
}

/**
 * Parses a text at once: a short one, or a long one that could not be decoded, so that its reader finds what is wrong.
 */
function parsed(
  { status, headers, isDamaged }: WorkerReply,
  text: string,
): Answer {
  let json: unknown;
  try {
    if (!isDamaged) json = JSON.parse(text);
  } catch {
    isDamaged = true;
  }
  return { status, headers, text, json, isDamaged };
}
