import { MAX_OBJECT_FIELDS, MAX_VALUE_NESTING } from "../values/limits.ts";

/** Why JSON is refused, as part of a sentence. */
export const TOO_DEEP = "nested too deep";

/** Shorter texts are not scanned: they cost little. */
const MIN_LENGTH = 1 << 18;
/** An object with more fields is cut. Those with fewer cost little, and their error can state the true number. */
const MAX_FIELDS = 8 * MAX_OBJECT_FIELDS;
/** Deeper nesting is no value, whatever surrounds it. */
const MAX_DEPTH = 4 * MAX_VALUE_NESTING;

/** Bytes of memory that a value takes beyond its characters, about. */
const BYTES_OF_VALUE = 32;

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;

/**
 * Cuts a client's JSON before it is parsed. Each object with many times the allowed number of fields is replaced by one
 * with just one field too many; text that is nested far too deep gives undefined. Parsing such objects, only to refuse
 * them, would block the server for seconds.
 */
export function cutJson(text: string): string | undefined {
  if (text.length < MIN_LENGTH) return text;
  const cuts = findCuts(text);
  if (!cuts || cuts.length === 0) return cuts && text;
  let out = "";
  let at = 0;
  for (const { start, end } of cuts) {
    out += text.slice(at, start) + standIn();
    at = end;
  }
  return out + text.slice(at);
}

/**
 * An estimate of the memory that a client's JSON takes once parsed, in bytes. Rather too high for large texts of small
 * values, which take twenty times their length.
 */
export function heapOf(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COMMA || code === COLON || (code | 32) === 123) count++;
  }
  return text.length + BYTES_OF_VALUE * count;
}

interface Cut {
  start: number;
  end: number;
}

/** The positions of the outermost objects with too many fields, in order; undefined if the text is nested too deep. */
function findCuts(text: string): Cut[] | undefined {
  let cuts: Cut[] = [];
  const starts: number[] = [];
  const fields: number[] = [];
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COLON) count++;
    // With bit 32 set, `[` becomes `{` and, below, `]` becomes `}`.
    else if ((code | 32) === 123) {
      if (starts.length === MAX_DEPTH) return undefined;
      starts.push(at);
      fields.push(count);
      count = 0;
    } else if ((code | 32) === 125) {
      const start = starts.pop();
      // Not JSON: leave it to the parser.
      if (start === undefined) return [];
      if (count > MAX_FIELDS) {
        cuts = cuts.filter((cut) => cut.end < start);
        cuts.push({ start, end: at + 1 });
      }
      count = fields.pop()!;
    }
  }
  return cuts;
}

/** The index of the closing quote of the string that begins at `start`; the end of the text if there is none. */
function endOfString(text: string, start: number): number {
  let end = start;
  while (true) {
    end = text.indexOf('"', end + 1);
    if (end === -1) return text.length;
    let before = end;
    while (text.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((end - before) % 2 === 0) return end;
  }
}

/** An object with one field too many. */
function standIn(): string {
  const names = Array.from({ length: MAX_OBJECT_FIELDS + 1 }, (_, at) => at);
  return `{${names.map((at) => `"f${at}":0`).join(",")}}`;
}
