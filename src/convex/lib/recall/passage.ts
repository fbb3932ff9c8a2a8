/**
 * Finds the passage of a long text that answers a question.
 *
 * @module
 */

import { bestPassage, type Place } from "../ranking/bestPassage.ts";
import { nearWords } from "../ranking/nearWords.ts";
import type { ParsedQuery } from "../ranking/query.ts";
import { WEIGHTS } from "../ranking/rank.ts";
import { NEAR_WEIGHT } from "../ranking/rankText.ts";
import { placeOf } from "../ranking/wholeWords.ts";
import { MAX_CONTENT_STEMS } from "../text/searchText.ts";
import { isContentWord, stem, words } from "../text/text.ts";

/** Shorter texts are a single passage. */
const MIN_LENGTH = 800;
/** Approximate number of stems in a passage. */
const STEMS_PER_PASSAGE = 40;
/** Characters before the passage to include: they name what it is about. */
const LEAD = 250;
/** Matches a sentence, or a part of a long one that ends between words; in a text without blanks, any part. */
const PARTS =
  /[^]{1,160}?(?:[.!?。！？\n]+\s*|$)|[^]{1,160}(?:\s+|$)|[^]{1,160}/gu;

/**
 * Where to start quoting a text, in UTF-16 code units: the start of a sentence up to 250 characters before the passage
 * that best matches the question, where rarer words of the text count more.
 *
 * @param searchText As `buildSearchText` made it of the content.
 * @returns Undefined for a text of under 800 characters or without a word of the question. Cost: a search of the text
 * for each word of the question, and a walk through the content up to the passage.
 */
export function passageStart(
  query: ParsedQuery,
  content: string,
  searchText: string,
): number | undefined {
  if (content.length < MIN_LENGTH) return undefined;
  const stems = searchText.split("\n", 1)[0]!;
  const [first] = bestPassage(placesIn(query, stems));
  if (first === undefined) return undefined;
  const before = stems.slice(0, first.at).split(" ").length - 1;
  const [target] = stems.slice(first.at).split(" ", 1);
  return partWith(content, before, target!);
}

function placesIn(query: ParsedQuery, stems: string): Place[] {
  const near = nearWords(query, [stems]);
  const count = stems.split(" ").length;
  return query.stems.flatMap((stem, word) => {
    const found = placesOf(stems, stem);
    const all = found.length > 0
      ? found
      : (near.get(stem) ?? []).flatMap((form) => placesOf(stems, form));
    const share = (query.light.has(stem) ? WEIGHTS.light : 1) *
      (found.length > 0 ? 1 : NEAR_WEIGHT);
    const rarity = Math.log(1 + count / STEMS_PER_PASSAGE / all.length);
    return all.map((at) => ({ at, word, weight: share * rarity }));
  }).sort((a, b) => a.at - b.at);
}

function placesOf(stems: string, stem: string): number[] {
  const places: number[] = [];
  let at = placeOf(stems, stem, 0);
  for (; at >= 0; at = placeOf(stems, stem, at + stem.length)) places.push(at);
  return places;
}

/** Where the lead of the part begins that contains a stem; `before` is the number of stems in front of that stem. */
function partWith(
  content: string,
  before: number,
  target: string,
): number | undefined {
  let count = 0;
  const starts: number[] = [];
  for (const { 0: part, index } of content.matchAll(PARTS)) {
    const inPart = words(part).filter(isContentWord);
    // After the first `MAX_CONTENT_STEMS`, each stem is kept only once, so they cannot be counted.
    const isReached = before < MAX_CONTENT_STEMS
      ? count + inPart.length > before
      : count + inPart.length > MAX_CONTENT_STEMS &&
        inPart.some((word) => word[0] === target[0] && stem(word) === target);
    starts.push(index);
    if (isReached) return starts.find((start) => start >= index - LEAD);
    count += inPart.length;
  }
  return undefined;
}
