/**
 * Where in a long text the passage is that answers a question.
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
import { isTelling, stem, words } from "../text/text.ts";

/** A shorter text is one passage. */
const MIN_LENGTH = 800;
/** About this many stems fill a passage. */
const STEMS_PER_PASSAGE = 40;
/** Characters before the passage that belong to it: what it speaks of is named there. */
const LEAD = 250;
/** A sentence, or a part of a long one that ends between words; without blanks, any part. */
const PARTS =
  /[^]{1,160}?(?:[.!?。！？\n]+\s*|$)|[^]{1,160}(?:\s+|$)|[^]{1,160}/gu;

/**
 * Where the sentence begins from which to quote a content: up to 250 characters before the passage that has most of the
 * question, rarer words of the text counting more; in UTF-16 code units.
 *
 * @param searchText As `buildSearchText` made it of the content.
 * @returns Nothing for a text of under 800 characters, and for one that has no word of the question. Cost: a search of
 * the text for each word of the question, and a walk through the content up to the passage.
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

/** Where the part of the content begins that leads to the one with the stem, which so many others stand before. */
function partWith(
  content: string,
  before: number,
  target: string,
): number | undefined {
  let count = 0;
  const starts: number[] = [];
  for (const { 0: part, index } of content.matchAll(PARTS)) {
    const telling = words(part).filter(isTelling);
    // Behind the first ones, the stems hold each word once: they cannot be counted.
    const isReached = before < MAX_CONTENT_STEMS
      ? count + telling.length > before
      : count + telling.length > MAX_CONTENT_STEMS &&
        telling.some((word) => word[0] === target[0] && stem(word) === target);
    starts.push(index);
    if (isReached) return starts.find((start) => start >= index - LEAD);
    count += telling.length;
  }
  return undefined;
}
