import { assertEquals, assertMatch } from "@std/assert";
import { deno, pathOf } from "../../tools/command.ts";
import {
  examplesOf,
  importedInside,
  sparingWorkers,
  testsOf,
  writeExamples,
} from "../support/doc_examples.ts";

// Each example of the documentation, as a test of its own. `deno task check` checks their types.
await import(await writeExamples());

const fence = "```";
const source = `/**
 * Adds.
 *
 * @example
 * ${fence}ts
 * import { add } from "add";
 *
 * add(1, 2);
 * ${fence}
 *
 * ${fence}ts ignore -- it would listen
 * serve();
 * ${fence}
 * ${fence}sh
 * ls
 * ${fence}
 */
export function add() {}
`;

Deno.test("examplesOf() finds the examples that are to run, and their lines", () => {
  assertEquals(examplesOf("add.ts", source), [{
    place: "add.ts:5",
    code: 'import { add } from "add";\n\nadd(1, 2);',
  }]);
});

Deno.test("importedInside() takes imports where the code runs, types left out", () => {
  assertEquals(
    importedInside(
      'import { a, type T, b as c } from "x";\nimport type { U } from "y";\n' +
        'import d, { e } from "z";\nimport {\n  f,\n} from "f";\na(c);',
    ),
    'const { a, b: c } = await import("x");\n\n' +
      'const { default: d, e } = await import("z");\n' +
      'const { f } = await import("f");\na(c);',
  );
});

Deno.test("sparingWorkers() leaves the first example of a file as it is", () => {
  const opened = { place: "a.ts:2", code: "await using c = new Cortex();" };
  const examples = [{ place: "a.ts:1", code: "f();" }, opened, { ...opened }];
  const [other, first, second] = sparingWorkers(examples);
  assertEquals([other, first], [examples[0], opened]);
  assertEquals(
    second?.code,
    'await using c = new Cortex({ executorKinds: ["inline"] });',
  );
});

Deno.test("testsOf() makes a test of each example, and names the one that never settles", async () => {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/examples.ts`;
  const never = "setInterval(() => {}, 10);\nawait new Promise(() => {});";
  const examples = [
    { place: "a.ts:1", code: "await 1;" },
    { place: "b.ts:2", code: never },
  ];
  try {
    await Deno.writeTextFile(file, testsOf(examples, 50));
    const { code, stdout } = await deno(
      ["test", "--no-check", `--config=${pathOf("deno.json")}`, file],
      { quiet: true, timeoutMs: 60_000 },
    );
    assertEquals(code, 1);
    assertMatch(stdout, /^a\.ts:1 \.\.\. ok/m);
    assertMatch(stdout, /^b\.ts:2 => /m);
    assertMatch(stdout, /1 passed \| 1 failed/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
