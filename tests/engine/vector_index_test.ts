import { assert, assertEquals } from "@std/assert";
import type { VectorIndexInfo } from "../../src/engine/schema/catalog.ts";
import { TopMatches } from "../../src/engine/search/top_matches.ts";
import { VectorBytes } from "../../src/engine/search/vector_bytes.ts";
import { VectorIndex } from "../../src/engine/search/vector_index.ts";
import { vectorRow } from "../../src/engine/search/vector_row.ts";
import { openVectorRows } from "../../src/engine/search/vector_rows.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { type Random, withSeed } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";

Deno.test("oracle: a vector search that looks at rough vectors first finds exactly what one that compares all does", () => {
  const seed = testSeed();
  console.log(`seed ${seed}`);
  for (let round = 0; round < Math.ceil(4 * testScale()); round++) {
    withSeed(seed + round, compare);
  }
});

Deno.test("rough vectors leave few in question", () => {
  withSeed(testSeed(), (random) => {
    const bytes = VectorBytes.open(256);
    assert(bytes, "this host compiles WebAssembly");
    const element = () => random.below(2001) - 1000;
    const one = () => normalized(Array.from({ length: 256 }, element));
    for (let row = 0; row < 5000; row++) assert(bytes.put(row, one()));
    const near = bytes.nearest(
      one(),
      Uint32Array.from({ length: 5000 }, (_, at) => at),
      10,
    );
    assert(near.length >= 10 && near.length < 2000, `${near.length}`);
  });
});

function compare(random: Random): void {
  const dimensions = random.pick([2, 31, 32, 100]);
  const clusters = random.pick([1, 5, 1000]);
  const info = {
    prefix: "vabcd",
    dimensions,
    path: ["vector"],
    filterPaths: [["label"]],
  } as unknown as VectorIndexInfo;
  const index = new VectorIndex(openMemoryStore(), info);
  index.load(Infinity);
  const rows = openVectorRows(dimensions);
  const held = new Map<string, { label: string; row: number; text: string }>();
  for (let at = 0; at < 4000; at++) {
    const id = `d${random.below(3600)}`;
    const before = held.get(id);
    const label = random.pick(["a", "a", "a", "b"]);
    const numbers = vector(random, dimensions, clusters);
    const document = { _id: id, _creationTime: 1, label, vector: numbers };
    const text = random.below(20) === 0 ? undefined : vectorRow(info, document);
    index.apply(id, before?.text, text);
    held.delete(id);
    if (text === undefined) continue;
    held.set(id, { label, row: at, text });
    assert(rows.put(at, normalized(numbers)));
  }
  for (let search = 0; search < 20; search++) {
    const query = vector(random, dimensions, clusters);
    const wanted = random.pick([1, 10, 100]);
    const label = random.pick([undefined, "a"]);
    const found = new TopMatches(wanted);
    const filters = label && [{ field: 0, value: keyOf(info, label) }];
    index.search(query, filters || undefined, found);
    const expected = new TopMatches(wanted);
    for (const [id, { row, label: own }] of held) {
      if (own !== (label ?? own)) continue;
      const [product] = rows.products(normalized(query), Uint32Array.of(row));
      expected.offer(id, Math.max(-1, Math.min(1, product!)));
    }
    assertEquals(found.sorted(), expected.sorted());
  }
}

/** A label as the index has it. */
function keyOf(info: VectorIndexInfo, label: string): string {
  const vector = new Array(info.dimensions).fill(1);
  const text = vectorRow(info, { _id: "", _creationTime: 1, label, vector })!;
  return (JSON.parse(text.slice(text.indexOf("["))) as string[])[0]!;
}

/** A vector around one of a few centres; some vectors are equal, and some have one large element. */
function vector(
  random: Random,
  dimensions: number,
  clusters: number,
): number[] {
  const centre = random.below(clusters);
  const isSame = random.below(10) === 0;
  return Array.from({ length: dimensions }, (_, at) => {
    const noise = isSame ? 0 : (random.below(2001) - 1000) / 4000;
    const spike = !isSame && random.below(4 * dimensions) === 0 ? 20 : 0;
    return Math.sin(centre * 37 + at * (centre + 1)) + noise + spike;
  });
}

function normalized(numbers: readonly number[]): Float32Array {
  const out = new Float32Array(numbers);
  let square = 0;
  for (const element of out) square += element * element;
  const length = Math.sqrt(square);
  return out.map((element) => element / length);
}
