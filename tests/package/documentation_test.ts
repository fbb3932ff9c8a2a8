import { assertEquals } from "@std/assert";
import {
  examplesOf,
  importedInside,
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

Deno.test("testsOf() makes a test of each example", () => {
  assertEquals(
    testsOf([{ place: "a.ts:1", code: "a();" }]),
    'Deno.test("a.ts:1", async () => {\na();\n});\n',
  );
});
