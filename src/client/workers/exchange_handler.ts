import type { HandlerHost } from "../../executor/types.ts";
import { encode, unescaped } from "../exchange/encode_text.ts";
import { exchange, type HttpRequest } from "../exchange/http_exchange.ts";
import { holdSocket, type SocketTask } from "./hold_socket.ts";
import { decoded, type WorkerReply } from "../exchange/worker_reply.ts";

/** A task of the worker: an HTTP request, a text to decode, or a WebSocket to hold. */
export type ExchangeTask =
  | { request: HttpRequest; text?: undefined; socket?: undefined }
  | { request?: undefined; text?: undefined; socket: SocketTask }
  | {
    request?: undefined;
    socket?: undefined;
    text: Uint8Array;
    /** Whether it is the inside of a JSON string, which must be unescaped first. */
    isEscaped: boolean;
  };

/** Makes requests and decodes long texts, to keep that work off the thread of the caller. */
export function createExchangeHandler(): HandlerHost {
  return {
    async handle(task, context): Promise<WorkerReply | void> {
      const asked = task as ExchangeTask;
      if (asked.socket !== undefined) return await holdSocket(asked.socket);
      const reply = asked.request === undefined
        ? { status: 0, headers: {}, body: textOf(asked) }
        : await exchange(asked.request, context.signal);
      const { body } = reply;
      return typeof body === "string"
        ? { ...reply, body }
        : decoded(reply, body, context.transfer);
    },
  };
}

function textOf(
  { text, isEscaped }: ExchangeTask & { text: Uint8Array },
): Uint8Array {
  if (!isEscaped) return text;
  const work = encode(unescaped(text), text.length);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
