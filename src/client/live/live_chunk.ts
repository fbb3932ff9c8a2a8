import type { ServerMessage } from "./live_protocol.ts";

/** How a `TransitionChunk` begins and ends, its part of the text left out, in whatever order its fields are. */
const CHUNK_HEAD = /^{(?:"\w+":(?:"[\w-]*"|\d+),){0,4}"chunk":"/;
const CHUNK_TAIL = /"(?:,"\w+":(?:"[\w-]*"|\d+)){0,4}}$/;
/** Characters in which these are looked for. */
const CHUNK_ENDS = 300;

/** A chunk that is long, without parsing it: its text is parsed once, when all are there. `undefined` for all else. */
export function chunkOf(text: string): ServerMessage | undefined {
  const head = CHUNK_HEAD.exec(text.slice(0, CHUNK_ENDS))?.[0];
  const tail = CHUNK_TAIL.exec(text.slice(-CHUNK_ENDS))?.[0];
  if (head === undefined || tail === undefined) return undefined;
  const chunk = text.slice(head.length, -tail.length);
  return { ...JSON.parse(head + tail), chunk, isEscaped: true };
}
