/** One request and its answer as text, on whichever thread asks. */

/** A request, as plain data. */
export interface HttpRequest {
  /** Where it goes. */
  url: string;
  /** Its headers. */
  headers: { [name: string]: string };
  /** JSON text. */
  body: string;
}

/** An answer, as plain data. */
export interface HttpReply {
  /** HTTP status. */
  status: number;
  /** The headers that are read, by lower-case name. */
  headers: { [name: string]: string };
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
  /** Reads a body whose header tells a length, or NaN; `undefined` when that is done as usual. */
  readLong?(
    response: Response,
    length: number,
  ): Promise<Uint8Array> | undefined;
}

/** Sends a request and reads what comes; rejects as `fetch` does. */
export async function exchange(
  { url, headers, body }: HttpRequest,
  signal: AbortSignal,
  { fetch = fetchOnce, ...ways }: ExchangeWays = {},
): Promise<HttpReply> {
  const response = await fetch(url, {
    method: "POST",
    headers,
    body,
    signal,
    // Who was not asked for must see neither call nor token.
    redirect: "manual",
  });
  const text = await readBody(response, ways);
  const read: HttpReply["headers"] = {};
  for (const name of READ_HEADERS) {
    const value = response.headers.get(name);
    if (value !== null) read[name] = value;
  }
  return { status: response.status, headers: read, body: text };
}

async function readBody(
  response: Response,
  { longFrom = LONG_TEXT, readLong }: ExchangeWays,
): Promise<string | Uint8Array> {
  const { headers } = response;
  const length = parseInt(headers.get("content-length")!);
  const isPlain = headers.get("content-encoding") === null;
  if (isPlain && length < longFrom) return await response.text();
  const bytes = await readLong?.(response, length) ??
    new Uint8Array(await response.arrayBuffer());
  return bytes.length < longFrom ? new TextDecoder().decode(bytes) : bytes;
}

/** The host's `fetch`, which must not send a mutation twice. */
function fetchOnce(input: string, init: RequestInit): Promise<Response> {
  // Deno sends a text again when the connection breaks before the answer; a blob it sends once.
  return "Deno" in globalThis
    ? globalThis.fetch(input, {
      ...init,
      body: new Blob([init.body as string]),
    })
    : globalThis.fetch(input, init);
}
