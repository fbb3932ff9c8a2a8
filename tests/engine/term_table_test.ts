import { assertEquals } from "@std/assert";
import { SLACK_BYTES, TermTable } from "../../src/engine/search/term_table.ts";
import { withSeed } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";

Deno.test("oracle: strings of bytes have the numbers in a table that they have in a map", () => {
  const seed = testSeed();
  console.log(`seed ${seed}`);
  withSeed(seed, (random) => {
    // Many strings that differ little, and many that differ in their ends or lengths only.
    const letters = ["\u0000", "a", "b", "\u00ff"];
    const stems = ["", "four", "begins", "eight888", "eight888nine"];
    const table = new TermTable(random.below(2 ** 32));
    const numbers = new Map<string, number>();
    for (let at = 0; at < Math.ceil(30_000 * testScale()); at++) {
      let text = random.pick(stems);
      for (let left = random.below(9); left > 0; left--) {
        text += random.pick(letters);
      }
      const before = "x".repeat(random.below(5));
      const all = before + text + random.pick(letters).repeat(SLACK_BYTES);
      const { buffer } = Uint8Array.from(all, (one) => one.charCodeAt(0));
      const bytes = new DataView(buffer);
      const from = before.length;
      const to = from + text.length;
      assertEquals(table.find(bytes, from, to), numbers.get(text) ?? -1);
      if (numbers.has(text)) continue;
      numbers.set(text, numbers.size);
      assertEquals(table.add(bytes, from, to), numbers.get(text));
      assertEquals(table.size, numbers.size);
    }
  });
});
