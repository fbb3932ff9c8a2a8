import { assertEquals } from "@std/assert";
import {
  dateTokens,
  namedDates,
  relativeDates,
} from "../../src/convex/lib/text/dates.ts";
import { words } from "../../src/convex/lib/text/text.ts";

const NOW = Date.UTC(2024, 2, 1, 9);

Deno.test("dateTokens() uses UTC and is empty for what is no date", () => {
  assertEquals(dateTokens(Date.UTC(2023, 4, 8)), [
    "8",
    "mai",
    "2023",
    "m202305",
    "d20230508",
  ]);
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
    ["2024-02-09 and 2024-03", ["d20240209", "m202403"]],
    ["2024-13-01, 0001-01-01", []],
    ["31 August, 1999", ["d19990831"]],
    ["8 May 2023, that is 2023-05-08", ["d20230508"]],
  ];
  for (const [text, dates] of cases) {
    assertEquals(namedDates(text, words(text)), dates, text);
  }
});

Deno.test("relativeDates() counts from when it was said", () => {
  const cases: [string, string[]][] = [
    ["today", ["d20240301"]],
    ["tonight or tomorrow", ["d20240301", "d20240302"]],
    ["yesterday's dinner", ["d20240229"]],
    ["two days ago", ["d20240228"]],
    ["a day ago, 31 days ago", ["d20240229", "d20240130"]],
    ["40 days ago, some days ago", []],
    ["last month", ["m202402"]],
    ["this month", ["m202403"]],
    ["next month, one week, last year", []],
  ];
  for (const [text, dates] of cases) {
    assertEquals(relativeDates(words(text), NOW), dates, text);
  }
  assertEquals(relativeDates(["last", "week"], NOW).length, 7);
});

Deno.test("relativeDates() crosses the year and bears times that are none", () => {
  assertEquals(relativeDates(["last", "month"], Date.UTC(2024, 0, 31)), [
    "m202312",
  ]);
  assertEquals(relativeDates(["last", "month", "yesterday"], NaN), []);
  assertEquals(relativeDates(["today", "this", "month"], 9e15), []);
});
