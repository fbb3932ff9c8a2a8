/**
 * What a question asks for: its stems, the dates that it names, and the few terms worth sending to the search index.
 *
 * @module
 */

import { dayToken, MONTHS, monthToken } from "./searchText.ts";
import { tokenise, words } from "./text.ts";

/** Convex's text search reads the first 16 tokens of a query and drops the rest silently. */
export const MAX_SEARCH_TERMS = 16;
/** Most different stems of a question that are ranked by; a pasted page is cut to its most telling words. */
export const MAX_QUERY_STEMS = 64;

/** A question, taken apart. */
export interface ParsedQuery {
  /** Its different stems without stop words, in the order of the text; at most {@link MAX_QUERY_STEMS}. */
  readonly stems: readonly string[];
  /** For each stem that another one follows in the question: those that do. */
  readonly followers: ReadonlyMap<string, ReadonlySet<string>>;
  /** Day and month tokens of the dates that it names, as `dateTokens` makes them; a day is more than its month. */
  readonly dates: readonly string[];
  /** What to search the index for: at most {@link MAX_SEARCH_TERMS} stems divided by blanks; `""` when there is nothing. */
  readonly search: string;
}

const MONTH_NUMBERS: ReadonlyMap<string, number> = new Map(
  MONTHS.flatMap((name, at): [string, number][] => [
    [name, at],
    [name.slice(0, 3), at],
  ]),
);
const MAX_QUERY_CHARACTERS = 16_384;

/**
 * Takes a question apart.
 *
 * @param text Any text; what lies after 16,384 characters is not read.
 */
export function parseQuery(text: string): ParsedQuery {
  const cut = text.slice(0, MAX_QUERY_CHARACTERS);
  const all = words(cut);
  const sequence = tokenise(cut);
  const dates = datesIn(cut, all);
  const unique = [...new Set(sequence)];
  const ranked = unique.toSorted((a, b) => weight(b) - weight(a));
  const kept = unique.length <= MAX_QUERY_STEMS
    ? unique
    : keepOrder(unique, new Set(ranked.slice(0, MAX_QUERY_STEMS)));
  return {
    stems: kept,
    followers: followersIn(sequence),
    dates,
    search: searchTerms(ranked, dates),
  };
}

function followersIn(sequence: readonly string[]): Map<string, Set<string>> {
  const followers = new Map<string, Set<string>>();
  for (let at = 1; at < sequence.length; at++) {
    const before = sequence[at - 1]!;
    if (sequence[at] === before) continue;
    followers.set(
      before,
      (followers.get(before) ?? new Set()).add(sequence[at]!),
    );
  }
  return followers;
}

/**
 * The terms for the index: dates first, then what is most telling. The last term of a Convex search is a prefix, so the
 * longest stem stands there, where few other words begin with it.
 */
function searchTerms(
  ranked: readonly string[],
  dates: readonly string[],
): string {
  const terms = [...new Set([...dates, ...ranked])].slice(0, MAX_SEARCH_TERMS);
  const last = terms.reduce(
    (longest, term) => term.length > longest.length ? term : longest,
    "",
  );
  return [...terms.filter((term) => term !== last), last].join(" ");
}

/** Without statistics of the corpus: long words and numbers are rarer, hence more telling, than short words. */
function weight(word: string): number {
  return /\p{N}/u.test(word) ? 6 + word.length : word.length;
}

function keepOrder(all: readonly string[], kept: Set<string>): string[] {
  return all.filter((word) => kept.has(word));
}

/** Finds `2023-05-08`, `8 May 2023`, `May 8th, 2023` and `May 2023`. A date without a year is no date here. */
function datesIn(text: string, all: readonly string[]): string[] {
  const found = new Set<string>();
  for (const match of text.matchAll(/\b(\d{4})-(\d{1,2})(?:-(\d{1,2}))?\b/g)) {
    add(found, Number(match[1]), Number(match[2]) - 1, Number(match[3] ?? 0));
  }
  all.forEach((word, at) => {
    const month = MONTH_NUMBERS.get(word);
    if (month === undefined) return;
    const near = all.slice(at + 1, at + 3);
    const year = near.find((part) => /^[12]\d{3}$/.test(part));
    if (year === undefined) return;
    const day = [all[at - 1], near[0]].map(dayNumber).find((part) => part > 0);
    add(found, Number(year), month, day ?? 0);
  });
  return [...found];
}

function dayNumber(word: string | undefined): number {
  const match = /^(\d{1,2})(?:st|nd|rd|th)?$/.exec(word ?? "");
  return match === null ? 0 : Number(match[1]);
}

function add(found: Set<string>, year: number, month: number, day: number) {
  if (month < 0 || month > 11 || day < 0 || day > 31) return;
  found.add(day > 0 ? dayToken(year, month, day) : monthToken(year, month));
}
