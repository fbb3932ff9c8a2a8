/** One request and its answer as text, on whichever thread asks. */
import { ProtocolError } from "../../errors.ts";

/** A request, as plain data. */
export interface HttpRequest {
  /** Where it goes. */
  url: string;
  /** Its headers. */
  headers: { [name: string]: string };
  /** JSON text. */
  body: string;
  /** Most bytes of its answer. */
  maxAnswerBytes: number;
  /** False after a failed attempt: the host's idle connections may all be dead. Bun and Deno then make a new one. */
  keepalive: false | undefined;
}

/** An answer, as plain data. */
export interface HttpReply {
  /** HTTP status. */
  status: number;
  /** The headers that are read, by lower-case name. */
  headers: { [name: string]: string | null };
  /** Its text; as UTF-8 when it is long. */
  body: string | Uint8Array;
}

/** The callbacks of a request. */
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

/** Text from which on it is decoded in parts or in a worker, in bytes: a shorter one takes about a millisecond. */
export const LONG_TEXT = 64 * 1024;

/** Text up to which it is parsed in one go where that is quick, in bytes. */
export const WHOLE_TEXT = 384 * 1024;

const READ_HEADERS = [
  "content-type",
  "convex-request-id",
  "date",
  "location",
  "retry-after",
];

/** How an exchange is made where that is not as usual. */
export interface ExchangeWays {
  /** In place of the host's. */
  fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /** Text of at least this many bytes stays UTF-8. */
  longFrom?: number | undefined;
  /** Adds a body of that length, or of NaN when none is stated, to a text; `undefined` when that is done as usual. */
  readLong?(
    length: number,
    body: AsyncIterable<Uint8Array>,
    text: AnswerBytes,
  ): Promise<void> | undefined;
}

/**
 * Sends a request and reads its answer. Rejects as `fetch` does, and with `BAD_RESPONSE` when the answer is longer than
 * `maxAnswerBytes`.
 */
export async function exchange(
  request: HttpRequest,
  signal: AbortSignal,
  { fetch = fetchOnce, ...ways }: ExchangeWays = {},
): Promise<HttpReply> {
  const { url, headers, body, keepalive } = request;
  const response = await fetch(url, {
    method: "POST",
    headers,
    body,
    signal,
    // Another server must see neither the call nor the token.
    redirect: "manual",
    keepalive,
  });
  const read = READ_HEADERS.map((name) => [name, response.headers.get(name)]);
  return {
    status: response.status,
    headers: Object.fromEntries(read),
    body: await readBody(response, request, ways),
  };
}

async function readBody(
  response: Response,
  request: HttpRequest,
  { longFrom = LONG_TEXT, readLong }: ExchangeWays,
): Promise<string | Uint8Array> {
  const { headers, body } = response;
  const length = parseInt(headers.get("content-length")!);
  // The host reads no more of a plain body than its header says, unless that also says that the body comes in chunks.
  const isSure = length <= request.maxAnswerBytes &&
    !headers.has("content-encoding") && !headers.has("transfer-encoding");
  if (!body || isSure && length < longFrom) return await response.text();
  const text = new AnswerBytes(request);
  const parts = partsOf(body);
  const reading = readLong?.(length, parts, text);
  let bytes: Uint8Array;
  if (reading || !isSure) {
    await (reading ?? text.read(parts));
    bytes = text.bytes;
  } else {
    bytes = new Uint8Array(await response.arrayBuffer());
  }
  return bytes.length < longFrom ? new TextDecoder().decode(bytes) : bytes;
}

/** The bytes of an answer. A part is copied as it comes: one of a single byte takes a hundred times as much memory. */
export class AnswerBytes {
  readonly #request: HttpRequest;
  #bytes = new Uint8Array();
  #end = 0;

  /** Of the answer to a request. */
  constructor(request: HttpRequest) {
    this.#request = request;
  }

  /** Adds a part. Throws when there are more bytes than the answer may have. */
  add(part: Uint8Array): void {
    const { url, maxAnswerBytes } = this.#request;
    const end = this.#end + part.length;
    if (end > maxAnswerBytes) {
      throw new ProtocolError(
        "BAD_RESPONSE",
        `${url} answered more than maxAnswerBytes = ${maxAnswerBytes}`,
      );
    }
    if (end > this.#bytes.length) this.reserve(Math.max(end, this.#end * 2));
    this.#bytes.set(part, this.#end);
    this.#end = end;
  }

  /** Reserves memory for that many bytes. */
  reserve(length: number): void {
    const bytes = new Uint8Array(length);
    bytes.set(this.bytes);
    this.#bytes = bytes;
  }

  /** Adds all parts of a body. */
  async read(body: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const part of body) this.add(part);
  }

  /** What was added. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#end);
  }
}

/** The parts of a body, also in Safari, which cannot iterate over one. */
function partsOf(
  body: ReadableStream<Uint8Array>,
): AsyncIterable<Uint8Array> {
  return body[Symbol.asyncIterator] ? body : readParts(body);
}

async function* readParts(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** The host's `fetch`, which must not send a mutation twice. */
function fetchOnce(url: string, init: RequestInit): Promise<Response> {
  const { Deno: deno } = globalThis as { Deno?: ConnectingHost };
  if (!deno) return fetch(url, init);
  const client = init.keepalive === false
    ? deno.createHttpClient?.({ poolMaxIdlePerHost: 0 })
    : undefined;
  // Deno sends a text again when the connection breaks before the answer; a blob it sends once.
  const body = new Blob([init.body as string]);
  const request = { ...init, body, client } as RequestInit;
  return fetch(url, request).finally(() => client?.close());
}

/** Deno, where a client of one's own does not use the connections that others left open. */
interface ConnectingHost {
  createHttpClient?(options: { poolMaxIdlePerHost: number }): { close(): void };
}
