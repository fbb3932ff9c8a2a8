import { scanAndBuild } from "./json_builder.ts";
import type { ServerMessage } from "./live_protocol.ts";
import { Turns } from "./turns.ts";

/** Text that is encoded in one go, in characters. */
const PART = 128 * 1024;

/** Reads a long message in parts, with turns of the event loop in between. Rejects as `JSON.parse` throws. */
export async function readLong(text: string): Promise<ServerMessage> {
  const built = await new Turns().run(encodeAndBuild(text));
  if (built === undefined) return JSON.parse(text);
  return Object.assign(built as ServerMessage, { isDecoded: true });
}

function* encodeAndBuild(text: string): Generator<number, unknown> {
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
  return yield* scanAndBuild(bytes);
}
