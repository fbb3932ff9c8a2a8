import { isRecord } from "../../values/kinds.ts";
import { cutJson, heapOf, TOO_DEEP } from "../cut_json.ts";
import type { Hold } from "../held_bytes.ts";
import { badRequest, HttpFault } from "./http_fault.ts";
import { readBody, TOO_MANY_CALLS } from "./request_body.ts";

/** Reads a request's body as a JSON object; `hold` reserves memory for it. Throws `HttpFault`. */
export async function readJson(
  request: Request,
  maxBytes: number,
  hold?: Hold,
): Promise<{ [name: string]: unknown }> {
  let isFull = false;
  const admits = (bytes: number) => !(isFull = hold?.add(bytes) === false);
  const text = await readBody(request, maxBytes, admits);
  if (text !== undefined && hold) admits(heapOf(text) - text.length);
  if (isFull) {
    throw new HttpFault(503, "Overloaded", TOO_MANY_CALLS);
  }
  if (text === undefined) {
    throw new HttpFault(
      413,
      "RequestTooLarge",
      `The body must be at most ${maxBytes} bytes`,
    );
  }
  const json = parseJson(text, "The body");
  if (!isRecord(json)) {
    throw badRequest("BadJsonBody", "The body must be an object");
  }
  return json;
}

/** Parses JSON that a client sent. Throws `HttpFault`. */
export function parseJson(text: string, what: string): unknown {
  const cut = cutJson(text);
  if (cut === undefined) {
    throw badRequest("BadJsonBody", `${what} is ${TOO_DEEP}`);
  }
  try {
    return JSON.parse(cut);
  } catch (error) {
    throw badRequest(
      "BadJsonBody",
      `${what} is not JSON: ${(error as Error).message}`,
    );
  }
}
