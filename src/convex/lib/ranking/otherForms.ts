/** Other forms and spellings of a question's words, for the text index and the ranking. */

import { otherHan } from "../text/hanVariants.ts";
import { beginningsOf, coreOf, endOf, isEnglish } from "../text/roots.ts";
import { compoundsIn, spellingsIn } from "../text/spellings.ts";

type Forms = ReadonlyMap<string, readonly string[]>;

/** What may stand for the words of a question. */
export interface OtherForms {
  /** How other forms of a stem begin, the longest beginning first. None if the question is in English. */
  readonly beginnings: Forms;
  /** By stems: what longer words of which they are a part end in. None if the question is in English. */
  readonly cores: ReadonlyMap<string, string>;
  /** The stems of a word's other spellings, and of words that it is a part of. */
  readonly spellings: Forms;
  /** The stems in the other form of Chinese characters, simplified or traditional, if they have one. */
  readonly inOtherHan: readonly string[];
  /** Terms for the index by which these are found, the most telling first. */
  readonly terms: readonly string[];
  /** Further terms, for when there is room. */
  readonly lastTerms: readonly string[];
}

/**
 * What may stand for the words of a question.
 *
 * @param all Its words, as `words` gives them.
 * @param stems The stems that are searched for.
 * @param light Those of them that are function words.
 */
export function otherForms(
  text: string,
  all: readonly string[],
  stems: readonly string[],
  light: ReadonlySet<string>,
): OtherForms {
  const heavy = stems.filter((stem) => !light.has(stem));
  const inflected = isEnglish(all) ? [] : heavy;
  const beginnings = inflected.map(beginningsOf);
  const cores = new Map(
    inflected.flatMap((stem): [string, string][] => {
      const core = coreOf(stem);
      return core === undefined ? [] : [[stem, core]];
    }),
  );
  const spelt = spellingsIn(text, all);
  const compounds = compoundsIn(all);
  const spellings = heavy.map((stem) => spelt.get(stem) ?? []);
  const inOtherHan = heavy.map(otherHan);
  const wholes = heavy.map((stem) => compounds.get(stem) ?? []);
  return {
    beginnings: filled(inflected, beginnings),
    cores,
    spellings: filled(
      heavy,
      spellings.map((others, at) => [
        ...others,
        ...wholes[at]!,
        ...(inOtherHan[at] === heavy[at] ? [] : [inOtherHan[at]!]),
      ]),
    ),
    inOtherHan: inOtherHan.some((stem, at) => stem !== heavy[at])
      ? inOtherHan
      : [],
    terms: [...spellings.flat(), ...firstOfEach(beginnings)],
    lastTerms: [...wholes.flat(), ...[...cores.keys()].map(endOf)],
  };
}

/** A map without the stems that have nothing. */
function filled(
  stems: readonly string[],
  lists: readonly (readonly string[])[],
): Forms {
  return new Map(
    stems.flatMap((stem, at): [string, readonly string[]][] => {
      const list = lists[at] ?? [];
      return list.length > 0 ? [[stem, list]] : [];
    }),
  );
}

/** The first of each list, then the second of each, and so on. */
function firstOfEach(lists: readonly (readonly string[])[]): string[] {
  const longest = lists.reduce((most, { length }) => Math.max(most, length), 0);
  return Array.from(
    { length: longest },
    (_, at) => lists.flatMap((list) => list.slice(at, at + 1)),
  ).flat();
}
