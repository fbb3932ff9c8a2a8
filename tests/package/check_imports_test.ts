import { assertEquals } from "@std/assert";
import { importProblems } from "../../tools/check_imports.ts";
import type { ModuleGraph } from "../../tools/module_graph.ts";

/** Problems of a tree that is written as `file: names of what it imports`; a name from the root stands for a file. */
function problemsOf(tree: Record<string, string[]>): string[] {
  const graph: ModuleGraph = new Map();
  for (const [path, targets] of Object.entries(tree)) {
    graph.set(
      path,
      targets.map((target) => ({
        specifier: target.startsWith("src/") ? `./${target}` : target,
        target,
        line: 1,
      })),
    );
  }
  return importProblems(graph, Object.keys(tree), ["mod.ts"]);
}

Deno.test("importProblems() accepts imports downwards and composition roots", () => {
  assertEquals(
    problemsOf({
      "mod.ts": ["src/cortex/cortex.ts"],
      "src/cortex/cortex.ts": ["src/cortex/open_client.ts", "src/errors.ts"],
      "src/cortex/open_client.ts": ["src/engine/engine.ts"],
      "src/engine/engine.ts": ["src/store/types.ts", "@std/async/pool"],
      "src/store/types.ts": [],
      "src/errors.ts": [],
    }),
    [],
  );
});

Deno.test("importProblems() names file and line of an import upwards", () => {
  assertEquals(
    problemsOf({
      "src/store/a.ts": ["src/engine/engine.ts"],
      "src/engine/engine.ts": [],
      "src/errors.ts": ["src/values/b.ts"],
      "src/values/b.ts": [],
      "src/convex/memory.ts": ["convex/server", "src/errors.ts"],
    }),
    [
      "src/store/a.ts:1: may not import ./src/engine/engine.ts",
      "src/errors.ts:1: may not import ./src/values/b.ts",
      "src/convex/memory.ts:1: may not import ./src/errors.ts",
    ],
  );
});

Deno.test("importProblems() finds cycles, missing files and imports of generated modules", () => {
  assertEquals(
    problemsOf({
      "src/values/a.ts": ["src/values/b.ts"],
      "src/values/b.ts": ["src/values/a.ts", "src/values/gone.ts"],
      "src/embedded/backend_from_task_setup.gen.ts": ["src/errors.ts"],
      "src/errors.ts": [],
    }),
    [
      "src/values/b.ts:1: there is no ./src/values/gone.ts",
      "src/embedded/backend_from_task_setup.gen.ts:1: generated, but imports ./src/errors.ts",
      "src/values/a.ts:1: cycle src/values/a.ts -> src/values/b.ts -> src/values/a.ts",
    ],
  );
});

Deno.test("importProblems() finds folders of an area that import each other, the backend's library among them", () => {
  assertEquals(
    problemsOf({
      "src/values/a/one.ts": ["src/values/b/one.ts"],
      "src/values/b/one.ts": [],
      "src/values/b/two.ts": ["src/values/a/two.ts"],
      "src/values/a/two.ts": [],
      "src/convex/schema.ts": ["src/convex/lib/tables/one.ts"],
      "src/convex/lib/tables/one.ts": [],
      "src/convex/lib/facts/one.ts": [
        "src/convex/schema.ts",
        "src/convex/lib/tables/two.ts",
      ],
      "src/convex/lib/tables/two.ts": [],
    }),
    [
      "src/values/a/one.ts:1: folders form a cycle src/values/a/ -> src/values/b/ -> src/values/a/",
    ],
  );
});

Deno.test("importProblems() finds a package that can be reached from an export", () => {
  assertEquals(
    problemsOf({
      "mod.ts": ["src/embedded/entry.ts"],
      "src/embedded/entry.ts": ["src/convex/memory.ts"],
      "src/convex/memory.ts": ["convex/server"],
    }),
    ["src/convex/memory.ts:1: convex/server can be reached from an export"],
  );
});
