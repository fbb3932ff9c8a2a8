import type { HandlerHost, TaskContext } from "../../executor/types.ts";
import { encode, unescaped } from "./encode_text.ts";
import { exchange, type HttpReply, type HttpRequest } from "./http_exchange.ts";
import { JsonScanner } from "../json/json_scanner.ts";
import { type JsonProgram, ranges } from "../json/json_steps.ts";
import { decodeText } from "../json/json_text.ts";

/** What a worker is asked for: a whole exchange, or the decoding of a text that is there. */
export type ExchangeTask =
  | { request: HttpRequest; text?: undefined }
  | {
    request?: undefined;
    text: Uint8Array;
    /** Whether it is the inside of a string of JSON, and what that says is to be decoded. */
    isEscaped: boolean;
  };

/** What a worker gives back. */
export interface WorkerReply extends HttpReply {
  /** Builds the answer; absent when the text is short, damaged, or for the other side to look at. */
  program?: JsonProgram;
  /** Length of the text that the program was made from, in bytes. */
  length?: number;
  /** True when the text is no JSON. */
  isDamaged?: boolean;
}

/** Characters of a damaged text that are of use. */
const SHOWN = 1000;

/** Makes exchanges and decodes long texts, so that the thread that asks for it has little left to do. */
export function createExchangeHandler(): HandlerHost {
  return {
    async handle(task, context): Promise<WorkerReply> {
      const asked = task as ExchangeTask;
      const reply = asked.request === undefined
        ? { status: 0, headers: {}, body: textOf(asked) }
        : await exchange(asked.request, context.signal);
      const { body } = reply;
      if (typeof body === "string") return reply;
      const scanner = new JsonScanner(body, true);
      if (!scanner.scan(Infinity)) return unscanned(reply, body, context);
      const program = compact(scanner, body);
      const { steps, text: rest, numbers, values } = program;
      context.transfer(
        steps.buffer,
        rest.buffer,
        numbers.buffer,
        ...values as ArrayBuffer[],
      );
      return { ...reply, body: "", length: body.length, program };
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

/**
 * A program with no more text than its steps need: memory that comes from a worker makes the other side collect
 * garbage as if it had made it.
 */
function compact(scanner: JsonScanner, text: Uint8Array) {
  const steps = Int32Array.from(scanner.steps);
  const { numbers, numberCount, values } = scanner;
  const used = numberCount < numbers.length / 2
    ? numbers.slice(0, numberCount)
    : numbers.subarray(0, numberCount);
  let length = 1;
  for (const { from, to } of ranges(steps)) length += to - from + 1;
  if (length > text.length / 2) return { steps, text, values, numbers: used };
  const rest = new Uint8Array(length);
  let end = 1;
  for (const { at, from, to } of ranges(steps)) {
    rest.set(text.subarray(from, to), end);
    steps[at] = end;
    end += to - from;
    // One byte between any two: a step writes around its range.
    steps[at + 1] = end++;
  }
  return { steps, text: rest, values, numbers: used };
}

/** A text that is damaged is told by its beginning; any other goes back as it is. */
function unscanned(
  reply: HttpReply,
  body: Uint8Array,
  context: TaskContext,
): WorkerReply {
  const text = decodeText(body);
  try {
    JSON.parse(text);
  } catch {
    return { ...reply, body: text.slice(0, SHOWN), isDamaged: true };
  }
  context.transfer(body.buffer);
  return reply;
}
