import { FORBIDDEN_METHODS } from "../http/request_body.ts";
import type { Handle } from "../handler.ts";
import { STALL_MS } from "../unread_bytes.ts";
import { unrefTimer } from "../../engine/timers.ts";

/** Bytes that are handed to Node at once: it tells only of the whole that it was sent. */
const PIECE_BYTES = 256 * 1024;

/** The part of `http.IncomingMessage` that is used. */
export interface NodeRequest {
  /** Method. */
  method?: string;
  /** Path and query. */
  url?: string;
  /** Headers, lower-case. */
  headers: { [name: string]: string | string[] | undefined };
  /** Its connection. */
  socket?: { remoteAddress?: string };
  /** Resumes reading. */
  resume(): unknown;
  /** Pauses reading. */
  pause(): unknown;
  /** Closes the connection at once. */
  destroy(): unknown;
  /** True when all of it has arrived. */
  complete: boolean;
  /** Adds a listener. */
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  /** Adds a listener. */
  on(event: "end" | "error" | "close", listener: () => void): unknown;
}

/** The part of `http.ServerResponse` that is used. */
export interface NodeResponse {
  /** Sends the head. */
  writeHead(
    status: number,
    headers: { [name: string]: string | string[] },
  ): unknown;
  /** Sends a chunk of the body. Returns false if the caller should wait for `drain`. */
  write(chunk: Uint8Array): boolean;
  /** Ends the body. */
  end(): unknown;
  /** Adds a listener. */
  once(event: "drain" | "close", listener: () => void): unknown;
  /** Removes a listener. */
  off(event: "drain" | "close", listener: () => void): unknown;
  /** Whether `end` was called. */
  writableEnded: boolean;
  /** Whether the socket is closed. */
  destroyed: boolean;
}

/**
 * Answers a request of `node:http` with a Web-standard handler. Hangs up on a client that takes nothing of the answer for
 * `stallMs`. Never rejects.
 */
export async function answerNodeRequest(
  request: NodeRequest,
  response: NodeResponse,
  handle: Handle,
  stallMs: number = STALL_MS,
): Promise<void> {
  if (FORBIDDEN_METHODS.test(request.method ?? "")) {
    response.writeHead(405, {});
    response.end();
    return;
  }
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableEnded) gone.abort();
  });
  try {
    const answer = await handle(webRequest(request, gone.signal), {
      ip: request.socket?.remoteAddress,
    });
    response.writeHead(answer.status, headersOf(answer));
    if (answer.body !== null && request.method !== "HEAD") {
      await send(answer.body, response, stallMs);
    }
    response.end();
  } catch {
    // The client has disconnected or takes nothing, or the body failed midway: ending the response would make it look complete.
    request.destroy();
    return;
  }
  // The body was refused: do not let the client go on sending it.
  if (!request.complete) request.destroy();
}

function webRequest(request: NodeRequest, signal: AbortSignal): Request {
  const { method = "GET", headers, url = "/" } = request;
  const list: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    for (const item of Array.isArray(value) ? value : [value ?? ""]) {
      list.push([name, item]);
    }
  }
  const origin = `http://${headers.host ?? "localhost"}`;
  const base = URL.canParse(url, origin) ? origin : "http://localhost";
  const hasBody = method !== "GET" && method !== "HEAD";
  const init: RequestInit & { duplex: "half" } = {
    method,
    headers: list,
    body: hasBody ? bodyOf(request) : undefined,
    signal,
    duplex: "half",
  };
  // Concatenated, not resolved: a path with two leading slashes would be taken for another host.
  return new Request(base + (url.startsWith("/") ? url : `/${url}`), init);
}

function bodyOf(request: NodeRequest): ReadableStream<Uint8Array<ArrayBuffer>> {
  let isOver = false;
  return new ReadableStream({
    start(controller) {
      request.on("data", (chunk) => {
        if (isOver) return;
        controller.enqueue(new Uint8Array(chunk));
        if ((controller.desiredSize ?? 0) <= 0) request.pause();
      });
      request.on("end", () => {
        if (!isOver) controller.close();
        isOver = true;
      });
      const fail = () => {
        if (!isOver) controller.error(new Error("the client has hung up"));
        isOver = true;
      };
      request.on("error", fail);
      request.on("close", fail);
      request.pause();
    },
    pull: () => void request.resume(),
    cancel() {
      isOver = true;
      request.pause();
    },
  });
}

function headersOf(answer: Response): { [name: string]: string | string[] } {
  const headers: { [name: string]: string | string[] } = {};
  for (const [name, value] of answer.headers) headers[name] = value;
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) headers["set-cookie"] = cookies;
  return headers;
}

async function send(
  body: ReadableStream<Uint8Array>,
  response: NodeResponse,
  stallMs: number,
): Promise<void> {
  const reader = body.getReader();
  const hangUp = () => {
    reader.cancel(new Error("the client has hung up")).catch(() => {});
  };
  // Cancel at once, as the stream may not produce anything for long.
  response.once("close", hangUp);
  if (response.destroyed) hangUp();
  while (true) {
    const { done, value } = await reader.read();
    if (response.destroyed) throw new Error("the client has hung up");
    if (done) return;
    for (let at = 0; at < value.length; at += PIECE_BYTES) {
      if (response.write(value.subarray(at, at + PIECE_BYTES))) continue;
      await drained(response, stallMs);
    }
  }
}

/** Resolves when the client has taken what was written, or is gone. Rejects when it does not in time. */
function drained(response: NodeResponse, stallMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const go = () => {
      clearTimeout(timer);
      response.off("drain", go);
      response.off("close", go);
      resolve();
    };
    const timer = setTimeout(() => {
      reject(new Error("the client has taken nothing"));
      go();
    }, stallMs);
    unrefTimer(timer);
    response.once("drain", go);
    response.once("close", go);
  });
}
