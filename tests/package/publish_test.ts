import { assert, assertEquals } from "@std/assert";
import { deno, pathOf } from "../../tools/command.ts";
import { moduleGraph } from "../../tools/module_graph.ts";
import { stage } from "../../tools/stage.ts";
import { published } from "./published.ts";

const folder = "dist/test/publish";
const expectedList = "tests/package/published_files.txt";

Deno.test("deno publish sends exactly the listed files, with jsr: specifiers, and npm: for the types of tests", async (t) => {
  const staged = await stage(folder);
  const files = await published(folder);

  await t.step("the list of files is the asserted one", async () => {
    assertEquals([...files.keys()].sort(), staged, "staged, but not published");
    const expected = await Deno.readTextFile(pathOf(expectedList));
    assertEquals(
      [...files.keys()].sort(),
      expected.trim().split("\n"),
      `if the change is meant: deno run -A tools/stage.ts --list > ${expectedList}`,
    );
  });

  await t.step("specifiers name jsr: packages and files only", async () => {
    const graph = await moduleGraph(
      staged.filter((file) => file.endsWith(".ts"))
        .map((file) => `${folder}/${file}`),
    );
    for (const file of staged) {
      for (const { specifier } of graph.get(`${folder}/${file}`) ?? []) {
        if (specifier.startsWith(".")) continue;
        if (
          file.startsWith("src/convex_test/") && specifier === "convex/server"
        ) {
          const sent = files.get(file)!;
          assert(
            /import type \{[^}]+\} from "npm:\/?convex@\^1/.test(sent),
            file,
          );
          continue;
        }
        if (file === "src/convex_test/commit_ts.ts") {
          // Asked for by tests, which have the package, and only once they run.
          assert(
            /import\("npm:\/?convex@\^1[^"]*\/values"\)/.test(files.get(file)!),
          );
          continue;
        }
        assert(specifier.startsWith("@std/"), `${file} imports ${specifier}`);
        const name = specifier.split("/").slice(0, 2).join("/");
        const sent = files.get(file)!;
        assert(sent.includes(`"jsr:${name}@^`), `${file}: ${name} is bare`);
        assert(!sent.includes(`"${specifier}"`), `${file}: ${name} is bare`);
      }
    }
    for (const [name, target] of Object.entries(config().imports)) {
      const from = name === "convex" ? "npm" : "jsr";
      assert(target.startsWith(`${from}:${name}@^`), `${name} is ${target}`);
    }
  });

  await t.step("a bundle travels with the licences of what is in it", () => {
    const bundles = staged.filter((file) => file.endsWith(".gen.ts"));
    assert(
      bundles.includes("src/embedded/backend_from_task_setup.gen.ts"),
      `${bundles}`,
    );
    // In a fresh clone, the error of a failed import shows who runs it nothing but the name.
    assert(
      bundles.every((file) => file.endsWith("_from_task_setup.gen.ts")),
      `${bundles}`,
    );
    const notices = files.get("THIRD_PARTY_NOTICES")!;
    for (const part of ["convex 1.", "Apache License", "stemmer 2.", "MIT"]) {
      assert(notices.includes(part), `the notices lack ${part}`);
    }
  });

  await t.step(
    "the embedded engine's own functions do not warn a page of themselves",
    () => {
      const bundle = files.get(
        "src/embedded/backend_from_task_setup.gen.ts",
      )!;
      assert(bundle.includes("invokeMutation"));
      assert(!bundle.includes("should not be imported in the browser"));
    },
  );

  function config(): { imports: Record<string, string> } {
    return JSON.parse(files.get("deno.json")!);
  }
});

Deno.test("another project links a clone as CONTRIBUTING.md says, before anything is published", async () => {
  const contributing = await Deno.readTextFile(pathOf("CONTRIBUTING.md"));
  const [, links] = contributing.match(/`"links": (\[[^\]]+\])`/) ?? [];
  assert(links, "CONTRIBUTING.md names the links");
  const [, specifier] = contributing.match(/`(jsr:@cortex\/memory@[^`]+)`/) ??
    [];
  const project = await Deno.makeTempDir();
  try {
    await Deno.symlink(pathOf("."), `${project}/cortex`);
    await Deno.mkdir(`${project}/app`);
    await Deno.writeTextFile(
      `${project}/app/deno.json`,
      `{ "links": ${links}, "imports": { "@cortex/memory": "${specifier}" } }`,
    );
    await Deno.writeTextFile(
      `${project}/app/main.ts`,
      `import { AsyncConvexClient, Cortex, isCortexError } from "@cortex/memory";
      await using cortex = new Cortex();
      await cortex.mutable.set("stock", "pens", 12);
      console.log(await cortex.mutable.get("stock", "pens"));
      await using client = new AsyncConvexClient("http://127.0.0.1:9", { timeoutMs: 500 });
      // Nothing listens there, but what calls over HTTP is loaded.
      await client.query("a:b").catch((error) => console.log(isCortexError(error)));`,
    );
    const { code, stdout, stderr } = await deno(["run", "-A", "main.ts"], {
      cwd: `${project}/app`,
      quiet: true,
    });
    assertEquals(code, 0, stderr);
    assertEquals(stdout, "12\ntrue\n", stderr);
  } finally {
    await Deno.remove(project, { recursive: true });
  }
});
