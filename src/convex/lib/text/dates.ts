/**
 * Date tokens of the index, and the dates that a text names explicitly ("8 May 2023"). In UTC.
 *
 * @module
 */

import { MONTHS_ABROAD } from "./datesAbroad.ts";
import { stem } from "./text.ts";

/** Milliseconds of a day in UTC. */
export const DAY_MS = 86_400_000;
/** Most dates of a text; further ones are ignored. */
export const MAX_DATES = 16;

/** English month names in the order of the calendar, lower case. */
const MONTHS: readonly string[] =
  ("january february march april may june july august september october november december")
    .split(" ");
/** Months by name and by its first three letters, and "sept", January as 0. */
export const MONTH_NUMBERS: ReadonlyMap<string, number> = new Map([
  ...MONTHS.flatMap((name, at): [string, number][] => [
    [name, at],
    [name.slice(0, 3), at],
  ]),
  ["sept", 8],
]);
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

/** Year, month and perhaps day: 2023-05-08, 2023/5/8, 2023.5.8, 2023年5月8日, 2023년 5월 8일. */
const YEAR_FIRST =
  /(?<![\d./-])(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?(?!\d)|[/.](\d{1,2})[/.](\d{1,2})(?!\d)|[年년]\s*(\d{1,2})[月월](?:\s*(\d{1,2})[日일])?)/g;
/** Day, month and year: 8.5.2023, 08/05/2023, 8-5-2023. */
const YEAR_LAST = /(?<![\d./-])(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d|\.\d)/g;
/** Words between the day, the month and the year: "the 8th of May", "8 de mayo de 2023". */
const BETWEEN: ReadonlySet<string> = new Set("of de del di do".split(" "));

/**
 * The dates that a text names explicitly: `2023-05-08`, `2023/5/8`, `8.5.2023`, `8 May 2023`, `May 8th, 2023`,
 * `8 de mayo de 2023`, `2023年5月8日`, and `May 2023` as a month. `05/08/2023` may be two days. Dates without a year are
 * ignored.
 *
 * @param text The text.
 * @param words Its words, as `words` gives them.
 * @returns Day and month tokens, each once, at most 16.
 */
export function namedDates(text: string, words: readonly string[]): string[] {
  const found = new Set<string>();
  for (const [, year, ...parts] of text.matchAll(YEAR_FIRST)) {
    const [month, day = 0] = parts.filter((part) => part !== undefined);
    add(found, Number(year), Number(month) - 1, Number(day));
  }
  for (const [, first, sign, second, year] of text.matchAll(YEAR_LAST)) {
    addNumeric(found, Number(first), sign!, Number(second), Number(year));
  }
  words.forEach((word, at) => {
    const month = MONTH_NUMBERS.get(word) ?? MONTHS_ABROAD.get(word);
    if (month === undefined) return;
    const near = words.slice(at + 1, at + 3);
    const year = near.find((part) => /^[12]\d{3}$/.test(part));
    if (year === undefined) return;
    const before = words[at - 1] ?? "";
    const day = [BETWEEN.has(before) ? words[at - 2] : before, near[0]]
      .map(dayNumber).find((part) => part > 0);
    add(found, Number(year), month, day ?? 0);
  });
  return [...found].slice(0, MAX_DATES);
}

/** Adds a date whose day and month are numbers: with slashes, Americans write the month first. */
function addNumeric(
  found: Set<string>,
  first: number,
  sign: string,
  second: number,
  year: number,
): void {
  if (second <= 12 && first > 0) add(found, year, second - 1, first);
  if (sign === "/" && first <= 12 && second > 0 && first !== second) {
    add(found, year, first - 1, second);
  }
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
