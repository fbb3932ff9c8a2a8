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
  /** Reads a body of that length, or of NaN when none is stated; `undefined` when that is done as usual. */
  readLong?(
    length: number,
    body: AsyncIterable<Uint8Array>,
    count: CountBytes,
  ): Promise<Uint8Array> | undefined;
}

/** Throws when there are more bytes than an answer may have. */
export type CountBytes = (part: Uint8Array) => void;

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
  { url, maxAnswerBytes }: HttpRequest,
  { longFrom = LONG_TEXT, readLong }: ExchangeWays,
): Promise<string | Uint8Array> {
  const { headers, body } = response;
  const length = parseInt(headers.get("content-length")!);
  // The host reads no more of a plain body than its header says, unless that also says that the body comes in chunks.
  const isSure = length <= maxAnswerBytes &&
    !headers.has("content-encoding") && !headers.has("transfer-encoding");
  if (isSure && length < longFrom) return await response.text();
  let left = maxAnswerBytes;
  const count: CountBytes = (part) => {
    left -= part.length;
    if (left >= 0) return;
    throw new ProtocolError(
      "BAD_RESPONSE",
      `${url} answered more than maxAnswerBytes = ${maxAnswerBytes}`,
    );
  };
  const bytes = await readLong?.(length, body!, count) ??
    // Safari cannot iterate over a body.
    (isSure || !body?.[Symbol.asyncIterator]
      ? new Uint8Array(await response.arrayBuffer())
      : await joined(body, count));
  return bytes.length < longFrom ? new TextDecoder().decode(bytes) : bytes;
}

async function joined(
  body: AsyncIterable<Uint8Array>,
  count: CountBytes,
): Promise<Uint8Array> {
  const parts = [];
  let length = 0;
  for await (const part of body) {
    count(part);
    parts.push(part);
    length += part.length;
  }
  const bytes = new Uint8Array(length);
  for (const part of parts.reverse()) bytes.set(part, length -= part.length);
  return bytes;
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
