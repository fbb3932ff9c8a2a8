/**
 * Relative dates in a text ("yesterday", "last week"), and dates without a year in a question ("in March", "on
 * Friday"), which mean the last ones before it is asked. In UTC; in English, and single days and months also in other
 * languages.
 *
 * @module
 */

import {
  DAY_MS,
  dayNumber,
  dayOf,
  MAX_DATES,
  MONTH_NUMBERS,
  monthOf,
  weekday,
  weekOf,
} from "./dates.ts";
import { DAYS_ABROAD, IN_ABROAD, MONTHS_ABROAD } from "./datesAbroad.ts";
import { isContentWord } from "./text.ts";

/** Dates, with the indexes of the words that express only these. */
export interface RelativeDates {
  /** Tokens as `dateTokens` makes them, each once, at most 16; none for an invalid time. */
  readonly tokens: readonly string[];
  /** Indexes of the words that are only about time: "two", "days" and "ago". */
  readonly spoken: ReadonlySet<number>;
}

const NUMBERS: ReadonlyMap<string, number> = new Map(
  "one two three four five six seven eight nine ten eleven twelve".split(" ")
    .map((name, at): [string, number] => [name, at + 1])
    .concat([["a", 1], ["an", 1], ["couple", 2]]),
);
const WEEKDAYS: ReadonlyMap<string, number> = new Map(
  "monday tuesday wednesday thursday friday saturday sunday".split(" ")
    .map((name, at) => [name, at]),
);
/** Words for a day, as days from today. */
const DAYS: ReadonlyMap<string, number> = new Map([
  ["today", 0],
  ["tonight", 0],
  ["yesterday", -1],
  ["tomorrow", 1],
]);
/** "The day before yesterday", "the day after tomorrow": one day further. */
const BEYOND: ReadonlyMap<string, string> = new Map([
  ["yesterday", "before"],
  ["tomorrow", "after"],
]);
const PARTS_OF_DAY: ReadonlySet<string> = new Set(
  "morning afternoon evening".split(" "),
);
const STEPS: ReadonlyMap<string, number> = new Map([
  ["last", -1],
  ["this", 0],
  ["next", 1],
]);
/** Words that show that the next word is a month and not a verb. */
const BEFORE_MONTH: ReadonlySet<string> = new Set(
  "by during early from in last late mid of since this until".split(" "),
);
/** Largest number in "… ago", by unit. */
const MOST: { readonly [unit: string]: number } = {
  day: 366,
  week: 104,
  month: 60,
};

/**
 * The relative dates in a text: today, yesterday, the day before that, tomorrow, "this morning", "last night", "two
 * days ago", "a couple of weeks ago", "last Friday", "last weekend", and last, this and next week or month.
 *
 * @param words The text's words, as `words` gives them.
 * @param timestamp When it was said, in milliseconds since the Unix epoch.
 */
export function relativeDates(
  words: readonly string[],
  timestamp: number,
): RelativeDates {
  const found = new Set<string>();
  const spoken = new Set<number>();
  for (const at of words.keys()) {
    const { tokens, first, last } = words[at + 1] === "ago"
      ? ago(words, at, timestamp)
      : named(words, at, timestamp);
    const known = tokens.filter((token) => token !== undefined);
    if (known.length === 0) continue;
    for (const token of known) found.add(token);
    for (let place = first; place <= last; place++) spoken.add(place);
  }
  return { tokens: [...found].slice(0, MAX_DATES), spoken };
}

/**
 * The dates without a year in a question: "in March", "on the 5th", "September 5", "on Friday". They mean the last ones
 * before the question, the day of asking included.
 *
 * @param words The question's words, as `words` gives them.
 * @param now When it is asked, in milliseconds since the Unix epoch.
 * @returns Tokens, each once, at most 16; none for an invalid time.
 */
export function lastDates(words: readonly string[], now: number): string[] {
  const found = new Set<string>();
  if (dayOf(now) === undefined) return [];
  for (const at of words.keys()) {
    const token = onWeekday(words, at, now) ?? inMonth(words, at, now) ??
      onDayOfMonth(words, at, now);
    if (token !== undefined) found.add(token);
  }
  return [...found].slice(0, MAX_DATES);
}

/** "On Friday". */
function onWeekday(
  words: readonly string[],
  at: number,
  now: number,
): string | undefined {
  const day = WEEKDAYS.get(words[at]!);
  if (day === undefined || words[at - 1] !== "on") return undefined;
  return dayOf(now - (weekday(now) - day + 7) % 7 * DAY_MS);
}

/** "In March", "September 5", "the 5th of September"; undefined where a year follows. */
function inMonth(
  words: readonly string[],
  at: number,
  now: number,
): string | undefined {
  const month = MONTH_NUMBERS.get(words[at]!);
  if (month === undefined) return inMonthAbroad(words, at, now);
  const [before, after] = [words[at - 1] ?? "", words[at + 1]];
  if (isYear(after) || isYear(words[at + 2])) return undefined;
  const day = [after, before, before === "of" ? words[at - 2] : undefined]
    .map(dayNumber).find((number) => number > 0);
  if (day !== undefined) return lastDay(now, month, day);
  return BEFORE_MONTH.has(before) ? lastMonth(now, month) : undefined;
}

/** "Im März", and in other languages. */
function inMonthAbroad(
  words: readonly string[],
  at: number,
  now: number,
): string | undefined {
  const month = MONTHS_ABROAD.get(words[at]!);
  const isNamed = month !== undefined && IN_ABROAD.has(words[at - 1] ?? "") &&
    !words.slice(at + 1, at + 3).some(isYear);
  return isNamed ? lastMonth(now, month) : undefined;
}

/** "On the 5th". */
function onDayOfMonth(
  words: readonly string[],
  at: number,
  now: number,
): string | undefined {
  const word = words[at]!;
  if (!isOrdinal(word)) return undefined;
  if (words[at - 1] !== "the" || words[at - 2] !== "on") return undefined;
  const after = words[at + 1];
  // "On the 5th floor" is a place, "on the 5th of May" has its month.
  if (after !== undefined && (after === "of" || isContentWord(after))) {
    return undefined;
  }
  return lastDay(now, undefined, dayNumber(word));
}

function isYear(word: string | undefined): boolean {
  return word !== undefined && /^[12]\d{3}$/.test(word);
}

function isOrdinal(word: string): boolean {
  return dayNumber(word) > 0 && /[a-z]$/.test(word);
}

type Tokens = readonly (string | undefined)[];

/** Dates, and the first and the last index of the words that express them. */
interface Spoken {
  tokens: Tokens;
  first: number;
  last: number;
}

/** "Two days ago", "a couple of days ago"; `at` is the index of the unit. */
function ago(words: readonly string[], at: number, timestamp: number): Spoken {
  const isCoupleOf = words[at - 1] === "of" && words[at - 2] === "couple";
  const first = isCoupleOf ? at - 2 : at - 1;
  const number = words[first] ?? "";
  const one = words[at]!.replace(/s$/, "");
  const count = NUMBERS.get(number) ?? Number(number);
  const isNamed = count >= 1 && count <= (MOST[one] ?? 0);
  const tokens = isNamed ? [timeAgo(one, count, timestamp)] : [];
  return { tokens, first, last: at + 1 };
}

function timeAgo(
  unit: string,
  count: number,
  timestamp: number,
): string | undefined {
  if (unit === "day") return dayOf(timestamp - count * DAY_MS);
  if (unit === "week") return weekOf(timestamp - count * 7 * DAY_MS);
  return monthOf(firstOfMonth(timestamp, -count));
}

/** Dates that a word expresses, alone or with the words before it. */
function named(
  words: readonly string[],
  at: number,
  timestamp: number,
): Spoken {
  const word = words[at]!;
  const before = words[at - 1] ?? "";
  const day = DAYS.get(word) ?? DAYS_ABROAD.get(word);
  if (day !== undefined) {
    const isNext = words[at - 2] === "day" && BEYOND.get(word) === before;
    const tokens = [dayOf(timestamp + (isNext ? 2 * day : day) * DAY_MS)];
    return { tokens, first: isNext ? at - 2 : at, last: at };
  }
  const step = STEPS.get(before);
  const tokens = step === undefined ? [] : stepped(word, step, timestamp);
  return { tokens, first: at - 1, last: at };
}

/** "Last week", "this morning", "next month". */
function stepped(word: string, step: number, timestamp: number): Tokens {
  const days = (...offsets: number[]) =>
    offsets.map((offset) => dayOf(timestamp + offset * DAY_MS));
  const today = weekday(timestamp);
  if (word === "week") {
    // "Last week" may mean the seven days before today, or the calendar week before this one.
    return step === -1
      ? [...days(-6, -5, -4, -3, -2, -1), weekOf(timestamp - 7 * DAY_MS)]
      : [weekOf(timestamp + step * 7 * DAY_MS)];
  }
  if (word === "month") return [monthOf(firstOfMonth(timestamp, step))];
  if (word === "night") return step === -1 ? days(-1, 0) : [];
  if (PARTS_OF_DAY.has(word)) return step === 0 ? days(0) : [];
  if (step !== -1) return [];
  if (word === "weekend") {
    const sunday = today === 6 ? -7 : -1 - today;
    return days(sunday - 1, sunday);
  }
  const week = WEEKDAYS.get(word);
  return week === undefined ? [] : days(-((today - week + 6) % 7 + 1));
}

function firstOfMonth(timestamp: number, offset: number): number {
  const date = new Date(timestamp);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset);
}

/** The last such day: of this month, of any month of a year, or of the named month. */
function lastDay(
  now: number,
  month: number | undefined,
  day: number,
): string | undefined {
  const date = new Date(now);
  const steps = month === undefined ? 1 : 12;
  const start = month === undefined
    ? date.getUTCMonth()
    : month <= date.getUTCMonth()
    ? month
    : month - 12;
  for (let back = 0; back <= 24; back += steps) {
    const time = Date.UTC(date.getUTCFullYear(), start - back, day);
    const isReal = new Date(time).getUTCDate() === day;
    if (isReal && time <= now) return dayOf(time);
  }
  return undefined;
}

function lastMonth(now: number, month: number): string | undefined {
  const date = new Date(now);
  const year = date.getUTCFullYear() - (month > date.getUTCMonth() ? 1 : 0);
  return monthOf(Date.UTC(year, month));
}
