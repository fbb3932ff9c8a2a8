import { assertEquals } from "@std/assert";
import { deno, run } from "../../tools/command.ts";
import { anyInDocs, textProblems } from "../../tools/check_house.ts";
import { type Docs, lackingExamples } from "../../tools/lacking_examples.ts";

Deno.test("textProblems() accepts ordinary source", () => {
  const text = [
    "/** Writes to `console.log` of the host. */",
    "export const limit = 4;",
    "function count() {",
    "  let n = 0;",
    "  return n++;",
    "}",
    `const url = "https://example.com/${"work"}/1";`,
  ].join("\n");
  assertEquals(textProblems("src/values/a.ts", text), []);
});

Deno.test("textProblems() names file, line and reason", () => {
  const text = ["let n = 0;", "  console.log(n);", `// ${"TO"}DO`].join("\n");
  assertEquals(textProblems("src/values/a.ts", text), [
    "src/values/a.ts:1: holds state in a module",
    "src/values/a.ts:2: uses console; only src/cortex/logger.ts may",
    "src/values/a.ts:3: is unfinished",
  ]);
  for (const path of ["src/a.ts", "tests/a.ts"]) {
    assertEquals(textProblems(path, "\n".repeat(401)), [
      `${path}:400: has 401 lines, at most 400`,
    ]);
  }
  assertEquals(textProblems("README.md", "\n".repeat(401)), []);
});

Deno.test("textProblems() finds paths of the machine and hosts of registries", () => {
  const host = ["registry", "npmjs", "org"].join(".");
  for (
    const bad of [`https://${host}/x`, `"/${"root"}/.cache"`, `/${"tmp"}/x`]
  ) {
    assertEquals(textProblems("README.md", bad).length, 1, bad);
  }
});

Deno.test("anyInDocs() finds any inside an exported type", async () => {
  const module = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      module,
      "export function good(x: unknown): void { x; }\n" +
        "export function bad(x: { y: any[] }): void { x; }\n",
    );
    const { stdout } = await deno(["doc", "--json", module], { quiet: true });
    assertEquals(anyInDocs(JSON.parse(stdout)), ["bad.x.y"]);
  } finally {
    await Deno.remove(module);
  }
});

Deno.test("lackingExamples() names functions and methods that no example shows", () => {
  const fence = "```";
  const example = (code: string, language = "ts") => ({
    jsDoc: {
      tags: [{
        kind: "example",
        doc: `${fence}${language}\n${code}\n${fence}`,
      }],
    },
  });
  const internal = { jsDoc: { tags: [{ kind: "internal" }] } };
  const declare = (name: string, kind: string, rest: object) => ({
    name,
    declarations: [{ name, kind, declarationKind: "export", ...rest }],
  });
  const methods = [
    { name: "close" },
    { name: "open", ...example("door.open();") },
    { name: "lock", ...example("door.lock();", "ts ignore") },
    { name: "paint" },
    { name: "hinge", ...internal },
    { name: "[Symbol.dispose]" },
  ];
  const docs = {
    nodes: {
      "mod.ts": {
        symbols: [
          declare("add", "function", example("add(1, 2);")),
          declare("subtract", "function", {}),
          declare("Door", "class", {
            ...example("door.close();"),
            def: { methods },
          }),
        ],
      },
    },
  } satisfies Docs;
  assertEquals(lackingExamples(docs), ["Door.lock", "Door.paint", "subtract"]);
});

Deno.test("what `npx convex deploy` writes into a clone is not part of it", async () => {
  const written = [
    "convex.json",
    ".env.local",
    "src/convex/_generated/api.d.ts",
  ];
  const { stdout } = await run("git", {
    args: ["check-ignore", ...written],
    quiet: true,
  });
  assertEquals(stdout.trim().split("\n"), written);
});
