/**
 * Dates as the index knows them, and the dates that a text names: outright ("8 May 2023") or from where it stands
 * ("yesterday", "last week"). All of it in UTC and in English.
 *
 * @module
 */

import { stem } from "./text.ts";

const DAY_MS = 86_400_000;
/** A text names few dates; what goes beyond this is left out. */
const MAX_DATES = 16;

/** English month names in the order of the calendar, lower case. */
const MONTHS: readonly string[] =
  ("january february march april may june july august september october november december")
    .split(" ");
const MONTH_NUMBERS: ReadonlyMap<string, number> = new Map(
  MONTHS.flatMap((name, at): [string, number][] => [
    [name, at],
    [name.slice(0, 3), at],
  ]),
);
const NUMBERS: ReadonlyMap<string, number> = new Map(
  "a two three four five six seven".split(" ").map((
    name,
    at,
  ) => [name, at + 1]),
);

/**
 * The searchable forms of a date in UTC: day, month name (stemmed), year, the month of its year (`m202305`) and the day
 * of its month (`d20230508`). Empty for a number that is no date.
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
  ];
}

/**
 * The dates that a text names outright: `2023-05-08`, `8 May 2023`, `May 8th, 2023`, and `May 2023` as a month. A date
 * without a year is none.
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

/**
 * The dates that a text names from where it stands: today, tonight, yesterday, tomorrow, "two days ago", "last week",
 * "last month", "this month".
 *
 * @param words The text's words, as `words` gives them.
 * @param timestamp When it was said, in milliseconds since the Unix epoch.
 * @returns Day and month tokens, each once, at most 16; none when the timestamp is no date.
 */
export function relativeDates(
  words: readonly string[],
  timestamp: number,
): string[] {
  const found = new Set<string>();
  const addDays = (...offsets: number[]) => {
    for (const offset of offsets) {
      const token = dateTokens(timestamp + offset * DAY_MS)[4];
      if (token !== undefined) found.add(token);
    }
  };
  words.forEach((word, at) => {
    const before = words[at - 1];
    if (word === "today" || word === "tonight") addDays(0);
    else if (word === "yesterday") addDays(-1);
    else if (word === "tomorrow") addDays(1);
    else if ((word === "days" || word === "day") && words[at + 1] === "ago") {
      const count = NUMBERS.get(before ?? "") ?? Number(before);
      if (count >= 1 && count <= 31) addDays(-count);
    } else if (word === "week" && before === "last") {
      addDays(-7, -6, -5, -4, -3, -2, -1);
    } else if (word === "month" && (before === "last" || before === "this")) {
      const date = new Date(timestamp);
      const first = Date.UTC(
        date.getUTCFullYear(),
        date.getUTCMonth() - (before === "last" ? 1 : 0),
      );
      const token = dateTokens(first)[3];
      if (token !== undefined) found.add(token);
    }
  });
  return [...found].slice(0, MAX_DATES);
}

function dayNumber(word: string | undefined): number {
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

function two(value: number): string {
  return String(value).padStart(2, "0");
}
