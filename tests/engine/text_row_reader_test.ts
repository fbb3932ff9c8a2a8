import { assert, assertEquals } from "@std/assert";
import type { SearchIndex } from "../../src/engine/schema/catalog.ts";
import { DocumentGroups } from "../../src/engine/search/document_groups.ts";
import { TermTable } from "../../src/engine/search/term_table.ts";
import { TextBytes, viewOf } from "../../src/engine/search/text_bytes.ts";
import { readTextRow, textRow } from "../../src/engine/search/text_row.ts";
import { TextRowReader } from "../../src/engine/search/text_row_reader.ts";
import { type Random, withSeed } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";

const INDEX = {
  path: ["text"],
  filterPaths: [["one"], ["two"]],
} as unknown as SearchIndex;

/** Words and filter values: of any script, and with what JSON writes in a special way. */
const PARTS = [
  ..."a b z 0 9 é ß Σ ж 語 𝔘 𐐀".split(" "),
  ...' " \\ [ ] , \n \u0000 \u007f \ud800 \u2028'.split(" "),
];

Deno.test("oracle: rows of a text index that are read byte by byte hold what they do as JSON", () => {
  const seed = testSeed();
  console.log(`seed ${seed}`);
  withSeed(seed, (random) => {
    const terms = new Terms();
    for (let round = 0; round < Math.ceil(3000 * testScale()); round++) {
      const row = rowOf(random);
      assert(tell(row, terms) !== undefined, row);
    }
  });
});

Deno.test("oracle: what is not exactly a row of a text index is not read as one byte by byte", () => {
  const seed = testSeed();
  console.log(`seed ${seed}`);
  withSeed(seed, (random) => {
    let read = 0;
    for (let round = 0; round < Math.ceil(20_000 * testScale()); round++) {
      const row = rowOf(random);
      const at = random.below(row.length + 1);
      const put = random.pick(["", "0", "1", " ", ",", ...PARTS]);
      const changed = row.slice(0, at) + put +
        row.slice(at + random.below(3));
      if (tell(changed, new Terms()) !== undefined) read++;
    }
    assert(read > 0);
  });
});

/** Numbers for terms, by which they are found again. */
class Terms {
  readonly table = new TermTable(1);
  readonly terms: string[] = [];
  readonly #text = new TextBytes();
  numberOf(bytes: DataView, from: number, to: number): number {
    const found = this.table.find(bytes, from, to);
    if (found >= 0) return found;
    this.terms.push(this.#text.textOf(bytes, from, to));
    return this.table.add(bytes, from, to);
  }
}

/** Reads a row both ways, with the same result; undefined when it is not read byte by byte. */
function tell(row: string, terms: Terms): unknown {
  // In the middle of other bytes.
  const around = new TextEncoder().encode(`]${row}]`);
  const bytes = viewOf(around);
  const reader = new TextRowReader();
  if (!reader.read(bytes, 1, around.length - 1, terms)) return undefined;
  const groups = new DocumentGroups(2, new TextBytes());
  try {
    assertEquals(groups.groupFor(bytes, 2, reader.filtersEnd), 1);
    assertEquals(groups.groupFor(bytes, 2, reader.filtersEnd), 1);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const told = {
    terms: [...reader.terms.subarray(0, reader.size)]
      .map((number) => terms.terms[number]),
    counts: [...reader.counts.subarray(0, reader.size)],
  };
  const { filters, ...expected } = readTextRow("", row.toWellFormed());
  assertEquals(told, expected);
  assertEquals(reader.length, told.counts.reduce((sum, one) => sum + one, 0));
  for (const [field, value] of filters.entries()) {
    assertEquals(groups.canPass([{ field, value }]), true);
  }
  return told;
}

function rowOf(random: Random): string {
  const some = (most: number) =>
    Array.from({ length: random.below(most) }, () => random.pick(PARTS))
      .join("");
  const words = Array.from({ length: random.below(90) }, () => some(7));
  if (random.below(9) === 0) words.push(...new Array(300).fill("often"));
  return textRow(INDEX, {
    _id: "",
    _creationTime: 0,
    text: words.join(" "),
    one: some(5),
    two: random.pick([undefined, null, 5n, "a],", [some(5)]]),
  })!;
}
