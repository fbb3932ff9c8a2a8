/** Compares texts with a query, ignoring case and accents, and cuts excerpts around matches. */

import { foldCase, textFinder } from "./findText.ts";
import { accentPatterns } from "./fold.ts";

/**
 * `contains`: the text contains the query; `exact`: it equals the query; `fuzzy`: it contains each of the query's first
 * 64 distinct words.
 */
export type MatchMode = "contains" | "exact" | "fuzzy";

/** Characters on each side of a match in an excerpt. */
const AROUND = 30;
/** Characters in an excerpt of a text without a literal match. */
const BEGINNING = 60;
/** Longest query that is compiled to a pattern, in characters. */
const MAX_PATTERN = 1000;
/** Longest query that is found with other accents. */
const MAX_ACCENTED = 256;
/** Most words of a query, and the longest of them that is compiled to a pattern: all the text is read for each. */
const MAX_WORDS = 64;
const MAX_WORD_PATTERN = 64;
/**
 * İ in both its forms: its lower case is two characters, which case-insensitive patterns do not treat as equal to it.
 */
const DOTTED_I = /\u0130|i\u0307/giu;

// deno-lint-ignore no-control-regex
const ASCII = /^[\x00-\x7f]*$/;
/** So many of them may be in a pattern: the host tries both forms of each wherever a text almost matches. */
const MAX_DOTTED = 8;

/** Compares texts with one query. */
export interface TextMatcher {
  /** Whether the text matches. */
  matches(text: string): boolean;
  /** Whether a JSON text matches the query, either as written in JSON or as decoded. */
  matchesJson(json: string): boolean;
  /** An excerpt around the match, or the start of the text. */
  highlight(text: string): string;
}

/** Makes a matcher. */
export function textMatcher(query: string, mode: MatchMode): TextMatcher {
  const accented = accentPatterns();
  const find = finder(query, accented);
  const matches = matcherOf(query, mode, accented);
  const written = JSON.stringify(query).slice(1, -1);
  const matchesWritten = written === query
    ? matches
    : matcherOf(written, mode, accented);
  return {
    matches,
    matchesJson: (json) => matches(json) || matchesWritten(json),
    highlight(text) {
      const found = find(text);
      if (found === undefined) {
        return text.length <= BEGINNING ? text : `${cut(text, 0, BEGINNING)}…`;
      }
      const end = found.index + found.length;
      return cut(text, found.index - AROUND, end + AROUND);
    },
  };
}

/** Turns a text into the source of a pattern that also finds it with other accents. */
type Accented = (text: string) => string;

function matcherOf(
  query: string,
  mode: MatchMode,
  accented: Accented,
): (text: string) => boolean {
  if (mode === "fuzzy") {
    const words = new Set(query.split(/\s+/).filter((word) => word !== ""));
    const finders = [...words].slice(0, MAX_WORDS)
      .map((word) => finder(word, accented, { longest: MAX_WORD_PATTERN }));
    return (text) => finders.every((find) => find(text) !== undefined);
  }
  const isExact = mode === "exact";
  const find = finder(query, accented, { isExact });
  return (text) => {
    const found = find(text);
    return found !== undefined && (!isExact || found.isWhole);
  };
}

/** Where the first match is. */
interface Found {
  index: number;
  length: number;
  /** Whether it is all of the text. */
  isWhole: boolean;
}

type Find = (text: string) => Found | undefined;

/** `isExact`: a pattern must match all of the text. A part that it matches first would hide the accents after it. */
function finder(
  query: string,
  accented: Accented,
  { longest = MAX_PATTERN, isExact = false }: {
    longest?: number;
    isExact?: boolean;
  } = {},
): Find {
  const dotted = query.match(DOTTED_I)?.length ?? 0;
  if (query.length > longest || dotted > MAX_DOTTED) return longFinder(query);
  const source = query.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")
    .replace(DOTTED_I, `(?:${DOTTED_I.source})`);
  const compiled = (pattern: string) =>
    patternFinder(isExact ? `^(?:${pattern})$` : pattern);
  const plain = compiled(source);
  if (query.length > MAX_ACCENTED) return plain;
  let other: Find | undefined;
  const isPlain = ASCII.test(query);
  return (text) => {
    if (isPlain && ASCII.test(text)) return plain(text);
    return plain(text) ?? (other ??= compiled(accented(query)))(text);
  };
}

function patternFinder(source: string): Find {
  const pattern = new RegExp(source, "iu");
  return (text) => {
    const found = pattern.exec(text);
    if (found === null) return undefined;
    const { length } = found[0];
    return { index: found.index, length, isWhole: length === text.length };
  };
}

/** Finds a query that is too long for a pattern. */
function longFinder(query: string): Find {
  const wanted = foldCase(query);
  const find = textFinder(wanted);
  return (text) => {
    const folded = foldCase(text);
    const index = find(folded);
    if (index < 0) return undefined;
    // Folding may change a text's length, so the lengths before it cannot be compared.
    const isWhole = folded.length === wanted.length;
    return { index, length: query.length, isWhole };
  };
}

/** Cuts a piece of a text without splitting a surrogate pair. */
function cut(text: string, from: number, to: number): string {
  const start = Math.max(0, from);
  const splits = (at: number) => /[\udc00-\udfff]/.test(text.charAt(at));
  return text.slice(
    splits(start) ? start - 1 : start,
    splits(to) ? to + 1 : to,
  );
}
