/** Which files of a folder are modules, and which of them run on Node, as `npx convex` finds out. */
import { assertEquals, assertThrows } from "@std/assert";
import { isForNode, isModule } from "../../tools/serve/function_files.ts";

Deno.test("a module runs on Node by its directive, whatever stands around it, and not by such a text elsewhere", () => {
  const rest = `\nimport fs from "fs";`;
  for (
    const text of [
      `"use node";`,
      `'use node'`,
      `"use node"; // for its files`,
      `// One\r\n/* and **\n another */ "use strict"; "use node";`,
    ]
  ) assertEquals(isForNode("a.ts", text + rest), true, text);
  for (
    const text of [
      `/*\n"use node";\n*/`,
      'const text = `\n"use node";\n`;',
      `// "use node";`,
      `import a from "a";\n"use node";`,
    ]
  ) assertEquals(isForNode("a.ts", text + rest), false, text);
  assertThrows(
    () => isForNode("http.ts", `"use node";`),
    Error,
    `"use node" directive is not allowed for http.ts.`,
  );
});

Deno.test("a file in TypeScript that imports and exports nothing is no module", () => {
  const notes = `console.log("only a draft");`;
  assertEquals(isModule("notes.ts", notes), false);
  assertEquals(isModule("notes.js", notes), true);
  assertEquals(isModule("notes.tsx", `${notes}\nexport {};`), true);
});
