/**
 * Parses a question: its stems, the dates that it names, and the few terms to search the index for.
 *
 * @module
 */

import { cutText } from "../text/cutText.ts";
import { namedDates } from "../text/dates.ts";
import { functionWords } from "../text/functionWords.ts";
import { kindsNamedBy } from "../text/kinds.ts";
import { lastDates, relativeDates } from "../text/relativeDates.ts";
import { contentOf } from "../text/searchText.ts";
import { isContentWord, stem, withoutStopWords, words } from "../text/text.ts";
import { type OtherForms, otherForms } from "./otherForms.ts";

/** Convex's text search reads the first 16 tokens of a query and drops the rest silently. */
export const MAX_SEARCH_TERMS = 16;
/** Most distinct stems of a question that ranking uses; of a pasted page, the rarest words. */
export const MAX_QUERY_STEMS = 64;

/** A parsed question. */
export interface ParsedQuery {
  /** Its distinct stems without stop words, in the order of the text; at most {@link MAX_QUERY_STEMS}. */
  readonly stems: readonly string[];
  /** Those stems that are function words, if the question is in a language other than English. */
  readonly light: ReadonlySet<string>;
  /** For each stem, the stems that follow it directly in the question. */
  readonly followers: ReadonlyMap<string, ReadonlySet<string>>;
  /** For each stem that names kinds of things: the tokens of these kinds, which rows about such things contain. */
  readonly kinds: ReadonlyMap<string, readonly string[]>;
  /** For stems that may have other forms, because the question is not in English: how these begin, longest first. */
  readonly beginnings: OtherForms["beginnings"];
  /** For such stems: what longer words of which they are a part end in. */
  readonly cores: OtherForms["cores"];
  /** For stems that may be spelt in other ways, or be a part of a word: the stems of those. */
  readonly spellings: OtherForms["spellings"];
  /** Whether it asks for a time. */
  readonly asksWhen: boolean;
  /** Day, week and month tokens of the dates that it names, as `dateTokens` makes them; a day is more than its month. */
  readonly dates: readonly string[];
  /** Its distinct words if all are stop words, which the index contains for few texts; otherwise none. */
  readonly plain: readonly string[];
  /** Whether it asks about the speaker and nothing else: "Who am I?", "What did I tell you?" */
  readonly isOfSelf: boolean;
  /** The query for the index: at most {@link MAX_SEARCH_TERMS} stems separated by blanks; `""` if there are none. */
  readonly search: string;
  /** The same for texts in the other form of Chinese characters; `""` if the question has no characters of two forms. */
  readonly searchInOtherHan: string;
}

const MAX_QUERY_CHARACTERS = 16_384;
/** Shorter prefixes match too many words. */
const MIN_PREFIX_LENGTH = 3;
/** Most dates among the search terms, to leave room for words. */
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
/** Words of questions that ask what happened at a time, whatever it was. */
const EVENTS: ReadonlySet<string> = new Set(
  "event events happen happened happening happens new news".split(" "),
);
const TIMES: ReadonlySet<string> = new Set(
  "date day month time week year".split(" "),
);

/**
 * Parses a question.
 *
 * @param text Any text; only its first 16,384 characters are read.
 * @param now When it is asked, in milliseconds since the Unix epoch; needed for "yesterday". Default: unknown.
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
  const { terms, lastTerms, inOtherHan, ...others } = otherForms(
    cut,
    all,
    kept,
    light,
  );
  return {
    stems: kept,
    light,
    ...others,
    followers: followersIn(sequence),
    kinds,
    asksWhen: asksWhen(all),
    dates,
    plain: all.some(isContentWord)
      ? []
      : [...new Set(all)].slice(0, MAX_QUERY_STEMS),
    isOfSelf: all.some((word) => SELF.has(word)) &&
      all.every((word) => TALK.has(word) || !isContentWord(word)),
    search: searchTerms([
      ...dates,
      ...ranked,
      ...terms,
      ...[...kinds.values()].flat(),
      ...lastTerms,
    ]),
    // Longest first, as the terms of the search itself: a pair of characters says more than one.
    searchInOtherHan: searchTerms(
      inOtherHan.toSorted((a, b) => weight(b) - weight(a)),
    ),
  };
}

/** The dates that a question names, and the indexes of the words that express only these. */
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

/** The stems to search for: none if a question asks what was said or happened at a time, whatever it was. */
function stemsOf(
  all: readonly string[],
  spoken: ReadonlySet<number>,
  isDated: boolean,
): string[] {
  const asksForAll = isDated &&
    all.every((word, at) =>
      spoken.has(at) || TALK.has(word) || EVENTS.has(word) ||
      !isContentWord(word)
    );
  // A question that is only a date is searched for as words, too.
  if (asksForAll && spoken.size < all.length) return [];
  return withoutStopWords(all).map(stem);
}

/** Stems of the function words of another language, if the question also has other words. */
function lightStems(all: readonly string[]): ReadonlySet<string> {
  const content = all.filter(isContentWord);
  const empty = functionWords(all);
  const isLight = content.map((word) => empty.has(word));
  if (isLight.every((light) => light)) return new Set();
  return new Set(content.filter((_, at) => isLight[at]).map(stem));
}

/**
 * Whether a word starts with the question, if the question is a single word, as while somebody types: the index treats
 * its last term as a prefix.
 */
export function isPrefixMatch(
  query: ParsedQuery,
  stems: readonly string[],
): boolean {
  const [only, more] = query.stems;
  return only !== undefined && more === undefined &&
    only.length >= MIN_PREFIX_LENGTH &&
    stems.some((stem) => stem.startsWith(only));
}

/** Whether a ranked row matches the question at all, if only by a word that starts with it. */
export function isMatch(
  query: ParsedQuery,
  { score, candidate }: { score: number; candidate: { searchText: string } },
): boolean {
  return score > 0 ||
    query.stems.length === 1 &&
      isPrefixMatch(query, contentOf(candidate.searchText));
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
 * The terms for the index, given by rank: dates, the rarest words, then their other forms and kinds of things while
 * there is room. Convex treats the last term as a prefix, so the longest stem comes last, because few other words start
 * with it.
 */
function searchTerms(ranked: readonly string[]): string {
  const terms = [...new Set(ranked)].slice(0, MAX_SEARCH_TERMS);
  const last = terms.reduce(
    (longest, term) => term.length > longest.length ? term : longest,
    "",
  );
  return [...terms.filter((term) => term !== last), last].join(" ");
}

/**
 * Estimates how rare a word is, without statistics of the corpus: long words and numbers are rarer than short words.
 */
function weight(word: string): number {
  return /\p{N}/u.test(word) ? 6 + word.length : word.length;
}

function keepOrder(all: readonly string[], kept: Set<string>): string[] {
  return all.filter((word) => kept.has(word));
}
