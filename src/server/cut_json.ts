import { MAX_OBJECT_FIELDS, MAX_VALUE_NESTING } from "../values/limits.ts";

/** What is wrong with JSON that is no value, as a part of a sentence. */
export const TOO_DEEP = "nested too deep";

/** Shorter texts take no time worth sparing. */
const MIN_LENGTH = 1 << 18;
/** An object with more fields is cut. Those with fewer cost little, and their error states the true number. */
const MAX_FIELDS = 8 * MAX_OBJECT_FIELDS;
/** Deeper text cannot be a value, whatever surrounds it. */
const MAX_DEPTH = 4 * MAX_VALUE_NESTING;

/** What a value, beyond its characters, takes in memory at least, in bytes: those between brackets and commas. */
const BYTES_OF_VALUE = 32;

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;

/**
 * A client's JSON as it is to be parsed. An object with many times the fields that a value may have stands in it as one
 * with just too many, and `undefined` is given for text that is nested far too deep: to parse and copy all the names,
 * only to refuse them, takes the server seconds in which it answers nobody.
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
 * The memory that a client's JSON takes once it is parsed, in bytes: about, and of large texts of small values, which
 * take twenty times their length, rather too much than too little.
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

/** The places of the outermost objects with too many fields, in their order; undefined where text is too deep. */
function findCuts(text: string): Cut[] | undefined {
  let cuts: Cut[] = [];
  const starts: number[] = [];
  const fields: number[] = [];
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COLON) count++;
    // With the bit both brackets are braces.
    else if ((code | 32) === 123) {
      if (starts.length === MAX_DEPTH) return undefined;
      starts.push(at);
      fields.push(count);
      count = 0;
    } else if ((code | 32) === 125) {
      const start = starts.pop();
      // Not JSON: its parser says so.
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

/** Where the string ends that begins at a quote; the end of the text for one that does not. */
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
