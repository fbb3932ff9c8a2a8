import type { HttpReply } from "./http_exchange.ts";
import { JsonScanner } from "../json/json_scanner.ts";
import { type JsonProgram, ranges } from "../json/json_steps.ts";
import { decodeText } from "../json/json_text.ts";

/** A worker's reply. */
export interface WorkerReply extends HttpReply {
  /** Builds the answer; absent when the text is short or damaged, or the other side is to parse it. */
  program?: JsonProgram;
  /** Length of the text that the program was made from, in bytes. */
  length?: number;
  /** True when the text is not JSON. */
  isDamaged?: boolean;
}

/** Characters of a damaged text that are kept for the error. */
const SHOWN = 1000;

/** Decodes a long text as far as possible, to spare the other side; `move` gets the buffers to transfer. */
export function decoded(
  reply: HttpReply,
  body: Uint8Array,
  move: (...buffers: ArrayBuffer[]) => void,
): WorkerReply {
  const scanner = new JsonScanner(body, true);
  if (!scanner.scan(Infinity)) return unscanned(reply, body, move);
  const program = compact(scanner, body);
  const { steps, text, numbers, values } = program;
  move(
    ...[steps, text, numbers].map(({ buffer }) => buffer as ArrayBuffer),
    ...values as ArrayBuffer[],
  );
  return { ...reply, body: "", length: body.length, program };
}

/**
 * Makes a program with no more text than its steps need: memory received from a worker counts as this thread's own for
 * its garbage collection.
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

/** Of damaged text, returns the beginning; any other text goes back unchanged. */
function unscanned(
  reply: HttpReply,
  body: Uint8Array,
  move: (...buffers: ArrayBuffer[]) => void,
): WorkerReply {
  const text = decodeText(body);
  try {
    JSON.parse(text);
  } catch {
    return { ...reply, body: text.slice(0, SHOWN), isDamaged: true };
  }
  move(body.buffer as ArrayBuffer);
  return { ...reply, body };
}
