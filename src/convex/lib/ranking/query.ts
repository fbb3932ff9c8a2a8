/**
 * What a question asks for: its stems, the dates that it names, and the few terms worth sending to the search index.
 *
 * @module
 */

import { cutText } from "../text/cutText.ts";
import { namedDates } from "../text/dates.ts";
import { functionWords } from "../text/functionWords.ts";
import { kindsNamedBy } from "../text/kinds.ts";
import { lastDates, relativeDates } from "../text/relativeDates.ts";
import { contentOf } from "../text/searchText.ts";
import { isTelling, stem, tellingOf, words } from "../text/text.ts";

/** Convex's text search reads the first 16 tokens of a query and drops the rest silently. */
export const MAX_SEARCH_TERMS = 16;
/** Most different stems of a question that are ranked by; a pasted page is cut to its most telling words. */
export const MAX_QUERY_STEMS = 64;

/** A question, taken apart. */
export interface ParsedQuery {
  /** Its different stems without stop words, in the order of the text; at most {@link MAX_QUERY_STEMS}. */
  readonly stems: readonly string[];
  /** Those of them that are function words of the language, other than English, that it is in. */
  readonly light: ReadonlySet<string>;
  /** For each stem that another one follows in the question: those that do. */
  readonly followers: ReadonlyMap<string, ReadonlySet<string>>;
  /** For each stem that names kinds of things: their tokens, which rows about such things hold. */
  readonly kinds: ReadonlyMap<string, readonly string[]>;
  /** Whether it asks for a time. */
  readonly asksWhen: boolean;
  /** Day, week and month tokens of the dates that it names, as `dateTokens` makes them; a day is more than its month. */
  readonly dates: readonly string[];
  /** Its different words where all are stop words, which the index holds of few texts; otherwise none. */
  readonly plain: readonly string[];
  /** Whether it asks about the speaker and nothing else: "Who am I?", "What did I tell you?" */
  readonly isOfSelf: boolean;
  /**
   * What to search the index for: at most {@link MAX_SEARCH_TERMS} stems divided by blanks; `""` when there is nothing.
   */
  readonly search: string;
}

const MAX_QUERY_CHARACTERS = 16_384;
/** Fewer characters begin too many words. */
const MIN_PREFIX_LENGTH = 3;
/** Dates leave room for words among the search terms. */
const MAX_DATES = 8;
const SELF: ReadonlySet<string> = new Set(
  "i me mine my myself our ourselves us we".split(" "),
);
/** Words about remembering itself, which say nothing of what is remembered; people say their name without the word. */
const TALK: ReadonlySet<string> = new Set(
  ("anything chat chatted chatting conversation conversations discuss discussed earlier everything know known last " +
    "memories memory mention mentioned message messages name recall recap remember remembered remind said say something sum " +
    "summarise summarize summary talk talked talking tell thing things told")
    .split(" "),
);
/** What a question of a time asks for, where it asks for nothing else. */
const EVENTS: ReadonlySet<string> = new Set(
  "event events happen happened happening happens new news".split(" "),
);
const TIMES: ReadonlySet<string> = new Set(
  "date day month time week year".split(" "),
);

/**
 * Takes a question apart.
 *
 * @param text Any text; what lies after 16,384 characters is not read.
 * @param now When it is asked, in milliseconds since the Unix epoch: what "yesterday" means. Default: unknown.
 */
export function parseQuery(text: string, now?: number): ParsedQuery {
  const cut = cutText(text, MAX_QUERY_CHARACTERS);
  const all = words(cut);
  const { dates, spoken } = datesIn(cut, all, now);
  const sequence = stemsOf(all, spoken, dates.length > 0);
  const unique = [...new Set(sequence)];
  const light = lightStems(all);
  const ranked = unique.toSorted((a, b) =>
    Number(light.has(a)) - Number(light.has(b)) || weight(b) - weight(a)
  );
  const kept = unique.length <= MAX_QUERY_STEMS
    ? unique
    : keepOrder(unique, new Set(ranked.slice(0, MAX_QUERY_STEMS)));
  const kinds = new Map(
    kept.map((stem) => [stem, kindsNamedBy(stem)] as const)
      .filter(([, tokens]) => tokens.length > 0),
  );
  return {
    stems: kept,
    light,
    followers: followersIn(sequence),
    kinds,
    asksWhen: asksWhen(all),
    dates,
    plain: all.some(isTelling)
      ? []
      : [...new Set(all)].slice(0, MAX_QUERY_STEMS),
    isOfSelf: all.some((word) => SELF.has(word)) &&
      all.every((word) => TALK.has(word) || !isTelling(word)),
    search: searchTerms(ranked, dates, [...kinds.values()].flat()),
  };
}

/** The dates that a question names, and the places of the words that say nothing else. */
function datesIn(
  text: string,
  all: readonly string[],
  now: number | undefined,
): { dates: string[]; spoken: ReadonlySet<number> } {
  const outright = namedDates(text, all);
  if (now === undefined) return { dates: outright, spoken: new Set() };
  const { tokens, spoken } = relativeDates(all, now);
  const dates = new Set([...outright, ...tokens, ...lastDates(all, now)]);
  return { dates: [...dates].slice(0, MAX_DATES), spoken };
}

/**
 * The stems that rows are looked for by: none where a question asks what was said or happened at a time, whatever it
 * was.
 */
function stemsOf(
  all: readonly string[],
  spoken: ReadonlySet<number>,
  isDated: boolean,
): string[] {
  const asksForAll = isDated &&
    all.every((word, at) =>
      spoken.has(at) || TALK.has(word) || EVENTS.has(word) || !isTelling(word)
    );
  // A date alone is looked for as words, too.
  if (asksForAll && spoken.size < all.length) return [];
  return tellingOf(all).map(stem);
}

/** Stems of the function words of another language, where a question has words beside them. */
function lightStems(all: readonly string[]): ReadonlySet<string> {
  const telling = all.filter(isTelling);
  const empty = functionWords(all, all.length - telling.length);
  const isLight = telling.map((word) => empty.has(word));
  if (isLight.every((light) => light)) return new Set();
  return new Set(telling.filter((_, at) => isLight[at]).map(stem));
}

/**
 * Whether a word begins with the question, where that is one word alone, as it is while somebody types: the index takes
 * its last term for a prefix.
 */
export function isBegun(query: ParsedQuery, stems: readonly string[]): boolean {
  const [only, more] = query.stems;
  return only !== undefined && more === undefined &&
    only.length >= MIN_PREFIX_LENGTH &&
    stems.some((stem) => stem.startsWith(only));
}

/** Whether a ranked row has something of the question, if only a word that begins with it. */
export function answers(
  query: ParsedQuery,
  { score, candidate }: { score: number; candidate: { searchText: string } },
): boolean {
  return score > 0 ||
    query.stems.length === 1 && isBegun(query, contentOf(candidate.searchText));
}

/** "When …", "How long …", "What year …". */
function asksWhen([first, second]: readonly string[]): boolean {
  return first === "when" || (first === "how" && second === "long") ||
    ((first === "what" || first === "which") && TIMES.has(second ?? ""));
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
 * The terms for the index: dates first, then what is most telling, then kinds of things while there is room. The last
 * term of a Convex search is a prefix, so the longest stem stands there, where few other words begin with it.
 */
function searchTerms(
  ranked: readonly string[],
  dates: readonly string[],
  kinds: readonly string[],
): string {
  const terms = [...new Set([...dates, ...ranked, ...kinds])]
    .slice(0, MAX_SEARCH_TERMS);
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
