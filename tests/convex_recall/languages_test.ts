import { assert } from "@std/assert";
import { pathOf } from "../../tools/command.ts";
import { ask, CONTENDERS } from "../bench/languages/ask.ts";
import { readSets } from "../bench/languages/sets.ts";

const MIN_SHARE = 0.8;
const MIN_MEAN = 0.97;

Deno.test("recall finds in many languages and kinds of text, among the first five", async () => {
  const all: number[] = [];
  for (const set of readSets(pathOf("tests/bench/languages/sets"))) {
    const [shares] = await ask(set, [CONTENDERS["recall"]!]);
    const share = mean(shares!);
    assert(share >= MIN_SHARE, `${set.name}: ${share}`);
    all.push(...shares!);
  }
  assert(mean(all) >= MIN_MEAN, `all: ${mean(all)}`);
});

function mean(shares: readonly number[]): number {
  return shares.reduce((sum, one) => sum + one, 0) / shares.length;
}
