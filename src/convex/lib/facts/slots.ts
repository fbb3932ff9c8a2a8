/**
 * Slots: the attributes of a subject that hold one value at a time (where someone lives) or many (what they like).
 *
 * @module
 */
import { normalisePredicate } from "./factKeys.ts";

/** How many values a slot holds at once. */
export type Cardinality = "one" | "many";

/** Classes of predicates: the name of each, with the phrases that belong to it. */
export type PredicateClasses = Readonly<Record<string, readonly string[]>>;

interface PredicateClass {
  readonly values: Cardinality;
  readonly patterns: readonly string[];
}

/** Predicate classes with the phrases that belong to them. */
const CLASSES: Readonly<Record<string, PredicateClass>> = {
  favorite_color: one(
    "favorite color|favourite color|favorite colour|favourite colour|preferred color|preferred colour|likes the color|likes the colour|color preference|colour preference",
  ),
  location: one(
    "lives in|lives at|lives near|resides in|resides at|based in|located in|current location|moved to|relocated to|home town is|hometown is",
  ),
  employment: one(
    "works at|works for|works as|employed by|employed at|job at|job is|occupation is|employer is|profession is",
  ),
  age: one("age is|is years old|years old|born in|born on|birthday is"),
  name: one("name is|full name is|called|named|goes by|known as|nickname is"),
  relationship_status: one(
    "married to|engaged to|dating|in a relationship with|relationship status|marital status",
  ),
  education: many(
    "studied at|studies at|graduated from|degree is|degree in|university is|majored in",
  ),
  language: many("speaks|native language|mother tongue|fluent in|language is"),
  contact_preference: one(
    "contact preference|prefers to be contacted|preferred contact|best reached by",
  ),
  food_preference: many(
    "favorite food|favourite food|dietary restriction|dietary preference|vegetarian|vegan|allergic to|likes to eat",
  ),
  music_preference: many(
    "favorite music|favourite music|favorite band|favourite band|listens to",
  ),
  hobby: many("hobby is|hobbies are|enjoys|interested in|pastime is"),
  pet: many(
    "has a pet|pet is|pet name is|has a dog|has a cat|owns a dog|owns a cat",
  ),
  addressing_preference: one(
    "prefers to be called|preferred name|likes to be called|pronouns are",
  ),
  timezone: one("timezone is|time zone is|timezone|time zone"),
};

/** A slot of a subject. */
export interface Slot {
  /** Class of the predicate, or the normalised predicate itself where it belongs to none. */
  readonly name: string;
  /** How many values it holds; predicates of no class hold many, so that nothing is replaced by guesswork. */
  readonly values: Cardinality;
}

/** The built-in classes, without their cardinality. */
export function defaultPredicateClasses(): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(CLASSES).map((
      [name, { patterns }],
    ) => [name, [...patterns]]),
  );
}

/**
 * The slot of a predicate, or undefined without a predicate. A class's name is one of its patterns. Patterns match
 * whole words, and the longest match wins; of equally long ones, a custom one, then the one declared first.
 *
 * @param custom Further classes, which hold one value; with the name of an existing class, its further patterns.
 */
export function slotOf(
  predicate: string | undefined,
  custom: PredicateClasses = {},
): Slot | undefined {
  const normalised = normalisePredicate(predicate);
  if (normalised === "") return undefined;
  const words = asWords(predicate);
  const text = ` ${words} `;
  let best: { slot: Slot; length: number } | undefined;
  const match = (name: string, values: Cardinality, pattern: string) => {
    // Most patterns are not in the text at all, which this finds without building a string.
    if (
      pattern.length > (best?.length ?? 0) && text.includes(pattern) &&
      text.includes(` ${pattern} `)
    ) {
      best = { slot: { name, values }, length: pattern.length };
    }
  };
  for (const [name, patterns] of Object.entries(custom)) {
    const values = Object.hasOwn(CLASSES, name) ? CLASSES[name]!.values : "one";
    for (const pattern of patterns) match(name, values, asWords(pattern));
    if (asWords(name) === words) match(name, values, words);
  }
  for (const [name, { values, patterns }] of Object.entries(CLASSES)) {
    for (const pattern of patterns) match(name, values, pattern);
  }
  const name = words.replaceAll(" ", "_");
  if (Object.hasOwn(CLASSES, name)) match(name, CLASSES[name]!.values, words);
  return best?.slot ?? { name: normalised, values: "many" };
}

/** Splits `livesIn` and `lives_in`, which models also write, into words. */
function asWords(predicate: string | undefined): string {
  const spaced = predicate?.replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2");
  return normalisePredicate(spaced?.replace(/[_-]+/g, " "));
}

function one(patterns: string): PredicateClass {
  return { values: "one", patterns: patterns.split("|") };
}

function many(patterns: string): PredicateClass {
  return { values: "many", patterns: patterns.split("|") };
}
