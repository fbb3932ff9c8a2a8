import { HttpFault } from "./http_fault.ts";

/** Largest request body that Convex's public API reads, in bytes: 16 MiB of arguments and their envelope. */
export const MAX_BODY_BYTES: number = 16 * 1024 * 1024 + 2000;

/** How long nothing may come of a body that is not whole, in ms: what has come takes the place of others. */
const STALL_MS = 60_000;

/** The error for a call that finds no room in memory. */
export const TOO_MANY_CALLS = "Too many calls are on their way.";

/**
 * Reads a request's body as text, at most `maxBytes` of it; `undefined` when there is more, or when a piece of so many
 * bytes is not admitted. The length that the request declares is believed only when it is too large: a body may be
 * longer than it says. Throws `HttpFault` when nothing comes for a minute.
 */
export async function readBody(
  request: Request,
  maxBytes: number,
  admits?: (bytes: number) => boolean,
  stallMs?: number,
): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  const isWhole = await readPieces(
    request,
    maxBytes,
    (piece) => {
      text += decoder.decode(piece, { stream: true });
    },
    admits,
    stallMs,
  );
  return isWhole ? text + decoder.decode() : undefined;
}

/**
 * Reads a request's body, at most `maxBytes` of it; `undefined` when there is more, or when a piece of so many bytes is
 * not admitted.
 */
export async function readBytes(
  request: Request,
  maxBytes: number,
  admits: (bytes: number) => boolean = () => true,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const isWhole = await readPieces(request, maxBytes, (piece) => {
    pieces.push(piece);
    length += piece.byteLength;
  }, admits);
  if (!isWhole) return undefined;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}

/** Methods of which no host makes a `Request`. */
export const NOT_TO_BE_MADE: RegExp = /^(connect|trace|track)$/i;
const BODILESS = /^(get|head)$/i;

/**
 * The same request under another URL and with more headers, whose body fails when it is over `maxBytes`, or when a
 * piece of so many bytes is not admitted; says whether it was.
 */
export function limitBody(
  request: Request,
  url: URL,
  maxBytes: number,
  added: { [header: string]: string } = {},
  admits: (bytes: number) => boolean = () => true,
): { request: Request; isOver(): boolean; isRefused(): boolean } {
  const { method, signal } = request;
  const headers = new Headers(request.headers);
  for (const [name, value] of Object.entries(added)) headers.set(name, value);
  // No route has such a method.
  if (NOT_TO_BE_MADE.test(method)) {
    return { request, isOver: () => false, isRefused: () => false };
  }
  const declared = Number(headers.get("content-length") ?? 0);
  let length = 0;
  let isRefused = false;
  const limit = new TransformStream<Uint8Array<ArrayBuffer>>({
    transform(piece, controller) {
      length += piece.byteLength;
      if (length <= maxBytes && declared <= maxBytes) {
        if (admits(piece.byteLength)) return controller.enqueue(piece);
        isRefused = true;
        controller.error(new Error(TOO_MANY_CALLS));
      } else {
        length = Math.max(length, declared);
        controller.error(new Error(`the body has over ${maxBytes} bytes`));
      }
    },
  });
  const init: RequestInit & { duplex: "half" } = {
    method,
    headers,
    signal,
    body: BODILESS.test(method) ? null : request.body?.pipeThrough(limit),
    duplex: "half",
  };
  return {
    request: new Request(url, init),
    isOver: () => length > maxBytes,
    isRefused: () => isRefused,
  };
}

async function readPieces(
  request: Request,
  maxBytes: number,
  take: (piece: Uint8Array) => void,
  admits: (bytes: number) => boolean = () => true,
  stallMs = STALL_MS,
): Promise<boolean> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > maxBytes) {
    await request.body?.cancel();
    return false;
  }
  if (request.body === null) return true;
  const reader = request.body.getReader();
  let length = 0;
  while (true) {
    const { done, value } = await inTime(reader, stallMs);
    if (done) return true;
    length += value.byteLength;
    if (length > maxBytes || !admits(value.byteLength)) {
      await reader.cancel();
      return false;
    }
    take(value);
  }
}

/** The next piece. Throws `HttpFault` when none comes in time. */
async function inTime(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  stallMs: number,
): ReturnType<typeof reader.read> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const fault = new HttpFault(408, "RequestTimeout", "The body stalled");
      // First: cancelling it ends the read as if the body were whole.
      reject(fault);
      reader.cancel(fault).catch(() => {});
    }, stallMs);
  });
  try {
    return await Promise.race([reader.read(), late]);
  } finally {
    clearTimeout(timer);
  }
}
