/**
 * Date tokens of the index, and the dates that a text names explicitly ("8 May 2023"). In UTC and English only.
 *
 * @module
 */

import { stem } from "./text.ts";

/** Milliseconds of a day in UTC. */
export const DAY_MS = 86_400_000;
/** Most dates of a text; further ones are ignored. */
export const MAX_DATES = 16;

/** English month names in the order of the calendar, lower case. */
const MONTHS: readonly string[] =
  ("january february march april may june july august september october november december")
    .split(" ");
/** Months by name and by its first three letters, January as 0. */
export const MONTH_NUMBERS: ReadonlyMap<string, number> = new Map(
  MONTHS.flatMap((name, at): [string, number][] => [
    [name, at],
    [name.slice(0, 3), at],
  ]),
);
/**
 * The searchable tokens of a date in UTC: day, month name (stemmed), year, month with year (`m202305`), full date
 * (`d20230508`) and week, by its Monday (`w20230508`). Empty for a number outside the range of `Date`.
 *
 * @param timestamp Milliseconds since the Unix epoch.
 */
export function dateTokens(timestamp: number): string[] {
  const date = new Date(timestamp);
  const year = date.getUTCFullYear();
  if (!(year >= 1000 && year <= 9999)) return [];
  const month = date.getUTCMonth();
  const day = date.getUTCDate();
  return [
    String(day),
    stem(MONTHS[month]!),
    String(year),
    monthToken(year, month),
    dayToken(year, month, day),
    weekToken(timestamp),
  ];
}

/** The token of a day, as {@link dateTokens} makes it; undefined for an invalid time. */
export function dayOf(timestamp: number): string | undefined {
  return dateTokens(timestamp)[4];
}

/** The token of a month, as {@link dateTokens} makes it; undefined for an invalid time. */
export function monthOf(timestamp: number): string | undefined {
  return dateTokens(timestamp)[3];
}

/** The token of a week, as {@link dateTokens} makes it; undefined for an invalid time. */
export function weekOf(timestamp: number): string | undefined {
  return dateTokens(timestamp)[5];
}

/** The day of the week in UTC, Monday as 0. */
export function weekday(timestamp: number): number {
  return (new Date(timestamp).getUTCDay() + 6) % 7;
}

/**
 * The dates that a text names explicitly: `2023-05-08`, `8 May 2023`, `May 8th, 2023`, and `May 2023` as a month. Dates
 * without a year are ignored.
 *
 * @param text The text.
 * @param words Its words, as `words` gives them.
 * @returns Day and month tokens, each once, at most 16.
 */
export function namedDates(text: string, words: readonly string[]): string[] {
  const found = new Set<string>();
  for (const match of text.matchAll(/\b(\d{4})-(\d{1,2})(?:-(\d{1,2}))?\b/g)) {
    add(found, Number(match[1]), Number(match[2]) - 1, Number(match[3] ?? 0));
  }
  words.forEach((word, at) => {
    const month = MONTH_NUMBERS.get(word);
    if (month === undefined) return;
    const near = words.slice(at + 1, at + 3);
    const year = near.find((part) => /^[12]\d{3}$/.test(part));
    if (year === undefined) return;
    const day = [words[at - 1], near[0]].map(dayNumber)
      .find((part) => part > 0);
    add(found, Number(year), month, day ?? 0);
  });
  return [...found].slice(0, MAX_DATES);
}

/** The number of a day of the month, as "8" or "8th" names it; 0 for other words. */
export function dayNumber(word: string | undefined): number {
  const match = /^(\d{1,2})(?:st|nd|rd|th)?$/.exec(word ?? "");
  return match === null ? 0 : Number(match[1]);
}

function add(found: Set<string>, year: number, month: number, day: number) {
  if (year < 1000 || month < 0 || month > 11 || day < 0 || day > 31) return;
  found.add(day > 0 ? dayToken(year, month, day) : monthToken(year, month));
}

function monthToken(year: number, month: number): string {
  return `m${year}${two(month + 1)}`;
}

function dayToken(year: number, month: number, day: number): string {
  return `d${year}${two(month + 1)}${two(day)}`;
}

function weekToken(timestamp: number): string {
  const monday = new Date(timestamp - weekday(timestamp) * DAY_MS);
  const [year, month] = [monday.getUTCFullYear(), monday.getUTCMonth()];
  return `w${dayToken(year, month, monday.getUTCDate()).slice(1)}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
