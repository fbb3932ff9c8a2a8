import { assertEquals } from "@std/assert";
import { dateTokens, namedDates } from "../../src/convex/lib/text/dates.ts";
import {
  lastDates,
  relativeDates,
} from "../../src/convex/lib/text/relativeDates.ts";
import { words } from "../../src/convex/lib/text/text.ts";

const NOW = Date.UTC(2024, 2, 1, 9);

Deno.test("dateTokens() uses UTC and is empty for what is no date", () => {
  assertEquals(dateTokens(Date.UTC(2023, 4, 8)), [
    "8",
    "mai",
    "2023",
    "m202305",
    "d20230508",
    "w20230508",
  ]);
  assertEquals(dateTokens(Date.UTC(2023, 0, 1)).at(-1), "w20221226");
  assertEquals(dateTokens(NaN), []);
  assertEquals(dateTokens(9e15), []);
  assertEquals(dateTokens(-1e14), []);
});

Deno.test("namedDates() needs a year and takes the usual spellings", () => {
  const cases: [string, string[]][] = [
    ["on 8 May 2023", ["d20230508"]],
    ["the 8th of May", []],
    ["May 8th, 2023?", ["d20230508"]],
    ["in Feb 2024", ["m202402"]],
    ["Sept. 5, 2023", ["d20230905"]],
    ["2024-02-09 and 2024-03", ["d20240209", "m202403"]],
    ["2024-13-01, 0001-01-01", []],
    ["31 August, 1999", ["d19990831"]],
    ["8 May 2023, that is 2023-05-08", ["d20230508"]],
    ["the 8th of May 2023", ["d20230508"]],
    ["2023/5/8, 2023.5.9", ["d20230508", "d20230509"]],
    ["am 8.5.2023", ["d20230508"]],
    ["on 25/12/2023 or 12/25/2023", ["d20231225"]],
    ["05/08/2023", ["d20230805", "d20230508"]],
    ["1.2.2023.4, 10.0.19041", []],
    ["2023年5月8日 and 2023년 6월", ["d20230508", "m202306"]],
    ["8. Mai 2023, le 9 août 2023", ["d20230508", "d20230809"]],
    ["el 8 de mayo de 2023", ["d20230508"]],
    ["8 мая 2023 года, 9 września 2023", ["d20230508", "d20230909"]],
    ["Marco, Julio and Maja", []],
  ];
  for (const [text, dates] of cases) {
    assertEquals(namedDates(text, words(text)), dates, text);
  }
});

// NOW is a Friday.
Deno.test("relativeDates() counts from when it was said", () => {
  const cases: [string, string[]][] = [
    ["today", ["d20240301"]],
    ["tonight or tomorrow", ["d20240301", "d20240302"]],
    ["yesterday's dinner", ["d20240229"]],
    ["two days ago", ["d20240228"]],
    ["a couple of days ago, a couple of them ago", ["d20240228"]],
    ["a couple weeks ago", ["w20240212"]],
    ["the day before yesterday", ["d20240228"]],
    ["the day after tomorrow", ["d20240303"]],
    ["a day ago, 31 days ago", ["d20240229", "d20240130"]],
    ["400 days ago, some days ago, days", []],
    ["this morning, this car", ["d20240301"]],
    ["last night", ["d20240229", "d20240301"]],
    ["last weekend", ["d20240224", "d20240225"]],
    ["last Friday and last Thursday", ["d20240223", "d20240229"]],
    ["this week", ["w20240226"]],
    ["next week", ["w20240304"]],
    ["a week ago", ["w20240219"]],
    ["two weeks ago", ["w20240212"]],
    ["last month", ["m202402"]],
    ["gestern und vorgestern", ["d20240229", "d20240228"]],
    ["¿Qué hicimos ayer?", ["d20240229"]],
    ["вчера и сегодня", ["d20240229", "d20240301"]],
    ["我们昨天去了", ["d20240229"]],
    ["어제 뭐 했어?", ["d20240229"]],
    ["Guten Morgen, ich bin hier", []],
    ["this month", ["m202403"]],
    ["next month", ["m202404"]],
    ["three months ago", ["m202312"]],
    ["one week, last year, next morning, on Friday", []],
  ];
  for (const [text, dates] of cases) {
    assertEquals(relativeDates(words(text), NOW).tokens, dates, text);
  }
  const sunday = Date.UTC(2024, 2, 3);
  assertEquals(relativeDates(["last", "weekend"], sunday).tokens, [
    "d20240224",
    "d20240225",
  ]);
});

Deno.test("relativeDates() of last week are seven days and the week before this one", () => {
  const { tokens } = relativeDates(["last", "week"], NOW);
  assertEquals(tokens.at(-1), "w20240219");
  assertEquals([tokens[0], tokens.length], ["d20240224", 7]);
});

Deno.test("relativeDates() crosses the year and bears times that are none", () => {
  const of = (text: string, time: number) =>
    relativeDates(words(text), time).tokens;
  assertEquals(of("last month", Date.UTC(2024, 0, 31)), ["m202312"]);
  assertEquals(of("last month, yesterday", NaN), []);
  assertEquals(of("today, this month, a week ago", 9e15), []);
});

Deno.test("relativeDates() says which words are about time only", () => {
  const { spoken } = relativeDates(
    words("We met two days ago, not last week"),
    NOW,
  );
  assertEquals([...spoken], [2, 3, 4, 6, 7]);
});

Deno.test("lastDates() takes what has no year for the last one before", () => {
  const cases: [string, string[]][] = [
    ["on Friday", ["d20240301"]],
    ["on Saturday, Monday", ["d20240224"]],
    ["in March, in April", ["m202403", "m202304"]],
    ["im März, en abril", ["m202403", "m202304"]],
    ["в апреле 2022 года, mars", []],
    ["may I march? It may be.", []],
    ["on March 1, on 2 March", ["d20240301", "d20230302"]],
    ["on the 5th of September", ["d20230905"]],
    ["on the 1st, what was it on the 31st?", ["d20240301", "d20240131"]],
    ["on the 5th floor, the 5th", []],
    ["on February 29th, on 30 February", ["d20240229"]],
    ["8 May 2023, in May 2023", []],
  ];
  for (const [text, dates] of cases) {
    assertEquals(lastDates(words(text), NOW), dates, text);
  }
  assertEquals(lastDates(words("in March on Friday"), NaN), []);
});
