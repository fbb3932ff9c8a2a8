/**
 * What `recall` and `memory.search` find in many languages and kinds of text, without vectors: the share of the
 * answering messages among the first five, beside SQLite's full-text index over words and over trigrams.
 * `deno task bench:languages [NAME ...]`, by default all.
 *
 * The rules of languages were made with `sets` in view. `held_out` was only asked afterwards.
 */
import { pathOf } from "../../../tools/command.ts";
import { ask, CONTENDERS } from "./ask.ts";
import { readSets, type TextSet } from "./sets.ts";

function row(name: string, shares: readonly (readonly number[])[]): string {
  const percent = (own: readonly number[]) =>
    (100 * own.reduce((sum, one) => sum + one, 0) / own.length).toFixed(0);
  return `| ${name} | ${shares[0]!.length} | ${
    shares.map(percent).join(" | ")
  } |`;
}

async function table(title: string, sets: readonly TextSet[]): Promise<void> {
  console.log(
    `| ${title} | questions | ${Object.keys(CONTENDERS).join(", % | ")}, % |`,
  );
  console.log(`| --- | ${"---: | ".repeat(5)}`);
  const all: number[][] = Object.keys(CONTENDERS).map(() => []);
  for (const set of sets) {
    const shares = await ask(set);
    console.log(row(set.name, shares));
    shares.forEach((own, at) => all[at]!.push(...own));
  }
  console.log(row("all", all) + "\n");
}

const wanted = (set: TextSet) =>
  Deno.args.length === 0 || Deno.args.includes(set.name);
for (
  const [title, folder] of [
    ["language or kind of text", "sets"],
    ["held out", "held_out"],
  ] as const
) {
  const sets = readSets(pathOf(`tests/bench/languages/${folder}`))
    .filter(wanted);
  if (sets.length > 0) await table(title, sets);
}
