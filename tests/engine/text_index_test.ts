import { assertEquals, assertThrows } from "@std/assert";
import {
  idf,
  lengthScale,
  norm,
  quantisedLength,
  score,
} from "../../src/engine/search/bm25.ts";
import { StoreError } from "../../src/errors.ts";
import type { SearchIndex } from "../../src/engine/schema/catalog.ts";
import { TextIndex } from "../../src/engine/search/text_index.ts";
import { TopMatches } from "../../src/engine/search/top_matches.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import type { SyncStore } from "../../src/store/types.ts";
import { type Random, withSeed } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";

interface Text {
  filter: string;
  counts: Map<string, number>;
  length: number;
}

Deno.test("oracle: a text search that skips what cannot be among the best finds what one that scores everything does", () => {
  const seed = testSeed();
  console.log(`seed ${seed}`);
  for (let round = 0; round < Math.ceil(60 * testScale()); round++) {
    withSeed(seed + round, compare);
  }
});

function compare(random: Random): void {
  const store = openMemoryStore();
  const info = { prefix: "tabcd" } as SearchIndex;
  const index = new TextIndex(store, info, random.below(2 ** 30));
  const texts = new Map<string, Text>();
  const size = random.pick([30, 400, 3000, 12_000]);
  // What was written before the index was read, while it was, and after it.
  const slices = random.pick([1, 10, 1000]);
  const readFrom = random.below(size);
  for (let at = 0; at < size; at++) {
    // Some are put again, with a new number in the index.
    const id = `d${random.below(size)}`;
    const after = random.below(6) === 0 ? undefined : text(random);
    put(store, index, texts, id, after);
    if (at >= readFrom) index.load(Math.ceil(size / slices));
  }
  index.load(Infinity);
  for (let search = 0; search < 30; search++) {
    const wanted = random.pick([1, 10, 100, 1000]);
    const words = [
      ...new Set(
        Array.from({ length: 1 + random.below(6) }, () => word(random)),
      ),
    ];
    const filter = random.pick([undefined, "a", "b", "few"]);
    const excluded = new Set(
      Array.from({ length: random.below(4) }, () => `d${random.below(size)}`),
    );
    const { statistics } = index;
    const terms = words.map((term) => ({
      term,
      weight: random.pick([1, 0.5]),
      idf: idf(statistics, index.documentsWith(term)),
    })).sort((a, b) => b.weight * b.idf - a.weight * a.idf);
    const found = new TopMatches(wanted);
    index.search(
      terms,
      filter === undefined ? [] : [{ field: 0, value: filter }],
      statistics,
      excluded,
      found,
    );
    const expected = new TopMatches(wanted);
    const scale = lengthScale(statistics);
    for (const [id, { counts, length, filter: own }] of texts) {
      if (excluded.has(id) || own !== (filter ?? own)) continue;
      let sum = 0;
      for (const { term, weight, idf } of terms) {
        const count = counts.get(term);
        if (count === undefined) continue;
        sum += weight *
          score(idf, count, norm(scale, quantisedLength(length)));
      }
      if (sum > 0) expected.offer(id, Math.fround(sum));
    }
    assertEquals(found.sorted(), expected.sorted());
  }
}

/** Words of a byte, and such as share their first bytes, or bits of them. */
const SHORT = ["w", "1", "7", "é", "éa", "è", "日"];

Deno.test("oracle: an index read for some words only says the same of them as the whole one", () => {
  const seed = testSeed();
  console.log(`seed ${seed}`);
  for (let round = 0; round < Math.ceil(4 * testScale()); round++) {
    withSeed(seed + round, compareWanted);
  }
});

function compareWanted(random: Random): void {
  const store = openMemoryStore();
  const info = { prefix: "tabcd" } as SearchIndex;
  for (let at = 0; at < 200; at++) {
    const { filter, counts } = text(random);
    // Some have no text; some words begin like others, or have them in the middle.
    for (const word of [...counts.keys()]) {
      if (random.below(9) === 0) counts.set(`${word}w1`, random.below(300) + 1);
    }
    for (const word of SHORT) {
      if (random.below(4) === 0) counts.set(word, random.below(3) + 1);
    }
    if (random.below(20) === 0) counts.clear();
    const value = rowOf({ filter, counts, length: 0 });
    store.write([{ key: `tabcdd${at}`, value }]);
  }
  const whole = new TextIndex(store, info, random.below(2 ** 30));
  whole.load(Infinity);
  for (let search = 0; search < 30; search++) {
    const words = Array.from(
      { length: 1 + random.below(5) },
      () => random.pick([word(random), "w1w1", ...SHORT]),
    );
    const part = new TextIndex(store, info, random.below(2 ** 30), words);
    part.load(Infinity);
    assertEquals(part.statistics, whole.statistics);
    const told = [whole, part].map((index) => {
      const longer = [...index.termsWithPrefix(words.at(-1)!)];
      const terms = [...new Set([...words, ...longer])].map((term) => ({
        term,
        weight: words.includes(term) ? 1 : 0.5,
        idf: idf(index.statistics, index.documentsWith(term)),
      }));
      const matches = new TopMatches(20);
      const filters = [{ field: 0, value: "a" }];
      index.search(terms, filters, index.statistics, new Set(), matches);
      return { longer, terms, found: matches.sorted() };
    });
    assertEquals(told[1], told[0], words.join(" "));
  }
}

Deno.test("an index with an unreadable row names it at each search, and continues when it can be read", () => {
  const store = openMemoryStore();
  const write = (id: string, value: string) =>
    store.write([{ key: `tabcd${id}`, value }]);
  const good = '[["a"],"one two",[1,2]]';
  write("d1", good);
  write("d3", good);
  for (
    const bad of [
      '[["a"],"one two",[1,2]',
      '[["a\\x"],"one two",[1,2]]',
      '[["a"],"one\ttwo",[1,2]]',
      '[["a"],"one two",[01,2]]',
    ]
  ) {
    write("d2", bad);
    const index = new TextIndex(store, { prefix: "tabcd" } as SearchIndex, 1);
    for (let search = 0; search < 2; search++) {
      const error = assertThrows(
        () => index.load(Infinity),
        StoreError,
      ) as StoreError;
      assertEquals(error.code, "STORE_CORRUPT");
      assertEquals(error.data, { id: "d2" });
      assertEquals(index.documentsWith("two"), 1);
    }
    // The same in another form.
    write("d2", '[ ["\\u0061"], "one\\u0020thr\\u0065e", [1, 2] ]');
    assertEquals(index.load(Infinity), true);
    assertEquals(index.statistics, { documents: 3, words: 9 });
    assertEquals(index.documentsWith("one"), 3);
    assertEquals([...index.termsWithPrefix("t")], ["three", "two"]);
    const found = new TopMatches(9);
    index.search(
      [{ term: "one", weight: 1, idf: 1 }],
      [{ field: 0, value: "a" }],
      index.statistics,
      new Set(),
      found,
    );
    assertEquals(found.sorted().map(({ id }) => id), ["d3", "d2", "d1"]);
  }
});

Deno.test("a word that was read once only is found, written again and removed like any other", () => {
  const store = openMemoryStore();
  const index = new TextIndex(store, { prefix: "tabcd" } as SearchIndex, 1);
  const texts = new Map<string, Text>();
  const write = (id: string, words?: string[]) => {
    const counts = new Map(words?.map((word) => [word, 1]));
    const text = words && { filter: "a", counts, length: counts.size };
    put(store, index, texts, id, text);
  };
  const found = (term: string) => {
    const matches = new TopMatches(9);
    const terms = [{ term, weight: 1, idf: 1 }];
    index.search(terms, [], index.statistics, new Set(), matches);
    const ids = matches.sorted().map(({ id }) => id);
    assertEquals(index.documentsWith(term), ids.length);
    return ids.sort().join(" ");
  };
  write("d1", ["once", "again"]);
  write("d2", ["again", "alone"]);
  index.load(1);
  index.load(Infinity);
  write("d3", ["alone"]);
  write("d1");
  assertEquals(["once", "again", "alone"].map(found), ["", "d2", "d2 d3"]);
  assertEquals([...index.termsWithPrefix("o")], []);
  write("d2");
  write("d4", ["once"]);
  assertEquals(["once", "again", "alone"].map(found), ["d4", "", "d3"]);
  assertEquals([...index.termsWithPrefix("o")], ["once"]);
});

/** Few words are in nearly every text, most in few. */
function word(random: Random): string {
  return `w${Math.floor(300 ** (random.below(1000) / 1000)) - 1}`;
}

function text(random: Random): Text {
  const counts = new Map<string, number>();
  const length = 1 + random.below(60);
  for (let left = length; left > 0; left--) {
    const one = word(random);
    counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  const filter = random.below(20) === 0 ? "few" : random.pick(["a", "b"]);
  return { filter, counts, length };
}

function put(
  store: SyncStore,
  index: TextIndex,
  texts: Map<string, Text>,
  id: string,
  after: Text | undefined,
): void {
  const before = texts.get(id);
  const value = after && rowOf(after);
  store.write([{ key: `tabcd${id}`, value }]);
  index.apply(id, before && rowOf(before), value);
  if (after) texts.set(id, after);
  else texts.delete(id);
}

function rowOf({ filter, counts }: Text): string {
  return JSON.stringify([
    [filter],
    [...counts.keys()].join(" "),
    [...counts.values()],
  ]);
}
