import { badRequest, HttpFault } from "./http_fault.ts";
import { STALL_MS } from "../unread_bytes.ts";

/** Largest request body of a call, in bytes, as on Convex: 16 MiB of arguments and their envelope. */
export const MAX_BODY_BYTES: number = 16 * 1024 * 1024 + 2000;

/** The message for a call that finds no room in memory. */
export const TOO_MANY_CALLS = "Too many calls are on their way.";

/**
 * Reads a request's body as text; undefined if it has more than `maxBytes`, or if `admits` refuses a chunk. A declared
 * length is trusted only if it is too large: the body may be longer than declared. Throws `HttpFault` if the body
 * stalls for a minute, or is not UTF-8.
 */
export async function readBody(
  request: Request,
  maxBytes: number,
  admits?: (bytes: number) => boolean,
  stallMs?: number,
): Promise<string | undefined> {
  // Otherwise it would replace what is no text, and other arguments than were sent would be stored.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let isUtf8 = true;
  const take = (chunk?: Uint8Array) => {
    try {
      text += decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      isUtf8 = false;
    }
  };
  const isWhole = await readChunks(request, maxBytes, {
    take,
    admits,
    stallMs,
  });
  if (!isWhole) return undefined;
  take();
  if (isUtf8) return text;
  throw badRequest("BadJsonBody", "The body is not UTF-8");
}

/** Reads a request's body; undefined if it has more than `maxBytes`, or if `admits` refuses a chunk. */
export async function readBytes(
  request: Request,
  maxBytes: number,
  admits?: (bytes: number) => boolean,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const isWhole = await readChunks(request, maxBytes, {
    take: (chunk) => {
      chunks.push(chunk);
      length += chunk.byteLength;
    },
    admits,
  });
  if (!isWhole) return undefined;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** Methods that the `Request` constructor refuses. */
export const FORBIDDEN_METHODS: RegExp = /^(connect|trace|track)$/i;
const BODILESS = /^(get|head)$/i;

/**
 * Copies a request with another URL and added headers. Its body fails if it exceeds `maxBytes` (then `isOver`), or if
 * `admits` refuses a chunk (then `isRefused`).
 */
export function limitBody(
  request: Request,
  url: URL,
  { maxBytes, added, admits }: {
    maxBytes: number;
    added: { [header: string]: string };
    admits: (bytes: number) => boolean;
  },
): { request: Request; isOver(): boolean; isRefused(): boolean } {
  const { method, signal } = request;
  const headers = new Headers(request.headers);
  for (const [name, value] of Object.entries(added)) headers.set(name, value);
  // It cannot be copied; no route has such a method.
  if (FORBIDDEN_METHODS.test(method)) {
    return { request, isOver: () => false, isRefused: () => false };
  }
  const declared = Number(headers.get("content-length") ?? 0);
  let length = 0;
  let isRefused = false;
  const limit = new TransformStream<Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      length += chunk.byteLength;
      if (length <= maxBytes && declared <= maxBytes) {
        if (admits(chunk.byteLength)) return controller.enqueue(chunk);
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
    request: withType(new Request(url, init)),
    isOver: () => length > maxBytes,
    isRefused: () => isRefused,
  };
}

/** Gives `blob()` the type of the body, which Bun forgets if that is a stream: a file stored from it would have none. */
function withType(request: Request): Request {
  const type = request.headers.get("content-type");
  if (type === null || !("Bun" in globalThis)) return request;
  const blob = async () => new Blob([await request.arrayBuffer()], { type });
  return Object.defineProperty(request, "blob", { value: blob });
}

async function readChunks(
  request: Request,
  maxBytes: number,
  { take, admits = () => true, stallMs = STALL_MS }: {
    take: (chunk: Uint8Array) => void;
    admits: ((bytes: number) => boolean) | undefined;
    stallMs?: number | undefined;
  },
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
    const { done, value } = await readInTime(reader, stallMs);
    if (done) return true;
    length += value.byteLength;
    if (length > maxBytes || !admits(value.byteLength)) {
      await reader.cancel();
      return false;
    }
    take(value);
  }
}

/** The next chunk. Throws `HttpFault` if none arrives in time. */
async function readInTime(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  stallMs: number,
): ReturnType<typeof reader.read> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const fault = new HttpFault(408, "RequestTimeout", "The body stalled");
      // Reject first: cancelling ends the pending read as if the body were complete.
      reject(fault);
      reader.cancel(fault).catch(() => {});
    }, stallMs);
  });
  try {
    return await Promise.race([reader.read(), late]);
  } catch (error) {
    // Of the client, not of the server, whose operator is told of its failures.
    throw error instanceof HttpFault
      ? error
      : badRequest("BadBody", "The body broke off");
  } finally {
    clearTimeout(timer);
  }
}
