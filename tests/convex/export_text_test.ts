import { assertEquals } from "@std/assert";
import { type CsvCell, csvLine } from "../../src/convex/lib/export/csv.ts";
import { csvPart, jsonPart } from "../../src/convex/lib/export/exportText.ts";

/** A whole file. */
const toCsv = (...lines: CsvCell[][]) => lines.map(csvLine).join("\n");

Deno.test("CSV quotes what it must and defuses formulas, but not numbers", () => {
  assertEquals(
    toCsv(
      ["a", "b"],
      ['say "hi"', "x,y"],
      ["=1+1", -1],
      ["line\nbreak", undefined],
      ["@cmd", true],
      ["\tTAB", null],
      ["-5", "plain"],
    ),
    [
      "a,b",
      '"say ""hi""","x,y"',
      "'=1+1,-1",
      '"line\nbreak",',
      "'@cmd,true",
      "'\tTAB,",
      "'-5,plain",
    ].join("\n"),
  );
});

/** Every way to cut a list into three parts. */
function* cuts<Item>(items: readonly Item[]): Generator<Item[][]> {
  for (let i = 0; i <= items.length; i++) {
    for (let j = i; j <= items.length; j++) {
      yield [items.slice(0, i), items.slice(i, j), items.slice(j)];
    }
  }
}

Deno.test("parts of an export join to one text however they are cut", () => {
  for (const length of [0, 1, 3]) {
    const records = Array.from({ length }, (_, i) => ({ i, list: [1, {}] }));
    for (const parts of cuts(records)) {
      const place = (at: number) => ({
        isFirst: at === 0,
        hasRecords: parts.slice(0, at).some((part) => part.length > 0),
        isLast: at === parts.length - 1,
      });
      assertEquals(
        parts.map((part, at) => jsonPart(part, place(at))).join(""),
        JSON.stringify(records, null, 2),
      );
      assertEquals(
        parts.map((part, at) =>
          csvPart(["i"], part.map(({ i }) => [i]), place(at))
        ).join(""),
        toCsv(["i"], ...records.map(({ i }) => [i])),
      );
    }
  }
});
