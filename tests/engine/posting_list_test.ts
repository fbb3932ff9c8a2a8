import { assertEquals } from "@std/assert";
import {
  COUNT_BITS,
  MAX_COUNT,
  PostingList,
} from "../../src/engine/search/posting_list.ts";
import { withSeed } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";

Deno.test("oracle: postings that are added, changed and removed are those of a map, in the list and by document", () => {
  const seed = testSeed();
  console.log(`seed ${seed}`);
  for (let round = 0; round < Math.ceil(40 * testScale()); round++) {
    withSeed(seed + round, (random) => {
      const postings = new PostingList();
      const counts = new Map<number, number>();
      let last = -1;
      const step = random.pick([1, 4, 40]);
      for (let at = 0; at < 600; at++) {
        const count = 1 + random.below(MAX_COUNT);
        last += 1 + random.below(step);
        postings.add(last, count);
        counts.set(last, count);
        if (random.below(20) === 0) last = addAll(postings, counts, last);
        if (random.below(3) > 0) continue;
        const number = Math.max(0, last + random.below(3) - random.below(40));
        const changed = random.below(3) === 0 ? 0 : 1 + random.below(MAX_COUNT);
        postings.change(number, changed);
        if (changed === 0) counts.delete(number);
        else counts.set(number, changed);
        last = Math.max(last, number);
      }
      function addAll(
        postings: PostingList,
        counts: Map<number, number>,
        last: number,
      ): number {
        const many = random.below(300);
        const entries = new Uint32Array(many + 2);
        for (let at = 1; at <= many; at++) {
          last += 1 + random.below(step);
          counts.set(last, 1 + at % MAX_COUNT);
          entries[at] = last << COUNT_BITS | counts.get(last)!;
        }
        if (many > 0) postings.addAll(entries, 1, 1 + many);
        return last;
      }

      // Documents without the term come, and one of them gets it.
      postings.change(2 * last, 7);
      counts.set(2 * last, 7);
      const sorted = [...counts].sort(([a], [b]) => a - b);
      const { items, size, bytes } = postings;
      assertEquals(
        [...items.subarray(0, size)],
        sorted.map(([number, count]) => number * 2 ** COUNT_BITS + count),
      );
      if (bytes === undefined) return;
      bytes.forEach((count, number) =>
        assertEquals(count, counts.get(number) ?? 0)
      );
      for (const number of counts.keys()) {
        assertEquals(number < bytes.length, true);
      }
    });
  }
});

Deno.test("the greatest rate is found at once, also if a document has the term half a million times", () => {
  const postings = new PostingList();
  const counts = [2, 3, 300, 500_000];
  counts.forEach((count, number) => {
    postings.add(number, count);
    postings.noteLength(count, 10 * count);
  });
  const rate = (count: number, length: number) => count / (count + length);
  const most = Math.max(...counts.map((count) => rate(count, 10 * count)));
  const start = performance.now();
  for (let round = 0; round < 200; round++) {
    assertEquals(postings.greatest(rate) >= most, true);
  }
  // Seconds if the time grows with the count.
  assertEquals(performance.now() - start < 1000, true);
});
