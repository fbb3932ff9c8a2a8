import { assert, assertEquals } from "@std/assert";
import { pathOf } from "../../tools/command.ts";
import { sourceFiles } from "../../tools/module_graph.ts";

const types = await Deno.readTextFile(pathOf("src/executor/types.ts"));
const page = await Deno.readTextFile(pathOf("src/executor/README.md"));

/** Names of the optional members of an interface. */
function optionsOf(name: string): string[] {
  const text = types.split(`export interface ${name} `)[1]!.split("\n}\n")[0]!;
  return [...text.matchAll(/^ {2}(\w+)\?:/gm)].map(([, option]) => option!);
}

Deno.test("the documentation lists every option, and no others", () => {
  const told = [...page.matchAll(/^\| `(\w+)` ?\*? *\|/gm)]
    .map(([, option]) => option!)
    .filter((option) => !/^[A-Z_]+$/.test(option));
  const there = [
    "TaskDefaults",
    "ExecutorOptions",
    "RunOptions",
    "StreamOptions",
  ]
    .flatMap(optionsOf);
  assert(there.length > 25, `${there}`);
  assertEquals([...new Set(told)].sort(), [...new Set(there)].sort());
});

Deno.test("the page tells of every code that the pool rejects with", async () => {
  const codes = new Set<string>();
  for (const path of await sourceFiles("src/executor")) {
    if (path.endsWith(".gen.ts")) continue;
    const text = await Deno.readTextFile(pathOf(path));
    for (const [, code] of text.matchAll(/Error\(\s*"([A-Z]+_[A-Z_]+)"/g)) {
      codes.add(code!);
    }
  }
  const missing = [...codes].filter((code) => !page.includes(`\`${code}\``));
  assertEquals([missing, codes.size > 7], [[], true]);
});
