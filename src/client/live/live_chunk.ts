import type { ServerMessage } from "./live_protocol.ts";

/** The text of a `TransitionChunk` before and after its `chunk` field, in any order of fields. */
const CHUNK_HEAD = /^{(?:"\w+":(?:"[\w-]*"|\d+),){0,4}"chunk":"/;
const CHUNK_TAIL = /"(?:,"\w+":(?:"[\w-]*"|\d+)){0,4}}$/;
/** How many characters at each end are searched for them. */
const CHUNK_ENDS = 300;

/** Reads a long chunk without parsing its text, which is parsed when all chunks are there. `undefined` for other text. */
export function chunkOf(text: string): ServerMessage | undefined {
  const head = CHUNK_HEAD.exec(text.slice(0, CHUNK_ENDS))?.[0];
  const tail = CHUNK_TAIL.exec(text.slice(-CHUNK_ENDS))?.[0];
  if (head === undefined || tail === undefined) return undefined;
  const chunk = text.slice(head.length, -tail.length);
  return { ...JSON.parse(head + tail), chunk, isEscaped: true };
}
