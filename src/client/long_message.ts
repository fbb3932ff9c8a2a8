import type { ParseLong, ServerMessage } from "./live_protocol.ts";
import { Turns } from "./turns.ts";

/** Text that is encoded in one go, in characters. */
const PART = 128 * 1024;

/** Reads a long message in parts, with turns of the event loop in between. Rejects when it is no JSON. */
export async function readLong(
  text: string,
  parse: ParseLong,
): Promise<ServerMessage> {
  const { json, isDecoded } = await parse(await new Turns().run(encode(text)));
  if (typeof json !== "object" || json === null) {
    throw new TypeError("a message is no object");
  }
  return Object.assign(json as ServerMessage, { isDecoded });
}

function* encode(text: string): Generator<number, Uint8Array> {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let at = 0; at < text.length;) {
    let end = Math.min(text.length, at + PART);
    // No letter is cut in two.
    if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) {
      end--;
    }
    const part = encoder.encode(text.slice(at, end));
    parts.push(part);
    length += part.length;
    at = end;
    yield part.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
    yield part.length / 4;
  }
  return bytes;
}
