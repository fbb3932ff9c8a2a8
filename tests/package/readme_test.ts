import { assert, assertEquals } from "@std/assert";
import { deno, pathOf } from "../../tools/command.ts";
import { asPublished, documents } from "../../tools/documents.ts";
import { stage } from "../../tools/stage.ts";

const readme = await Deno.readTextFile(pathOf("README.md"));
const blocks = [...readme.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
  .map(([, language, text]) => ({ language: language!, text: text! }));

Deno.test("README's first program prints what the README says, offline, without permissions", async () => {
  const at = blocks.findIndex(({ language }) => language === "ts");
  const program = blocks[at]?.text ?? "";
  const output = blocks.slice(at + 1)
    .find(({ language }) => language === "" || language === "text")?.text;
  assert(program.includes('from "jsr:@cortex/memory"'), "no program");
  assert(output?.trim(), "no output");
  const lines = program.trimEnd().split("\n").length;
  assert(lines <= 12, `the program has ${lines} lines`);

  const folder = "dist/test/readme";
  await stage(`${folder}/package`);
  const config = JSON.parse(
    await Deno.readTextFile(pathOf(`${folder}/package/deno.json`)),
  );
  // The program's folder is the user's: its only mapping is that of the specifier, beside what JSR would resolve.
  await Deno.writeTextFile(
    pathOf(`${folder}/deno.json`),
    JSON.stringify({
      imports: {
        ...config.imports,
        "jsr:@cortex/memory": "./package/mod.ts",
      },
      links: config.links.map((link: string) => link.replace("../", "")),
      lock: false,
      nodeModulesDir: "manual",
    }),
  );
  await Deno.writeTextFile(pathOf(`${folder}/program.ts`), program);
  const { code, stdout, stderr } = await deno(
    ["run", "--no-prompt", "--deny-net", "--cached-only", "program.ts"],
    { cwd: pathOf(folder), quiet: true, timeoutMs: 60_000 },
  );
  assertEquals({ code, stdout }, { code: 0, stdout: output! }, stderr);
});

Deno.test("README's commands are tasks of deno.json", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(pathOf("deno.json")));
  const named = [...readme.matchAll(/deno(?:@[\d.]+)? task ([\w:]+)/g)]
    .map(([, task]) => task!);
  for (const wanted of ["demo", "test"]) {
    assert(
      readme.includes(`npx -y deno@2.9.5 task ${wanted}`),
      `the README does not say how to run ${wanted} with Node only`,
    );
  }
  for (const task of named) assert(tasks[task], `there is no task ${task}`);
});

Deno.test("README's links lead to its headings, to pages that are published with it, and to examples", async () => {
  const headings = [...readme.matchAll(/^#+ (.*)$/gm)]
    .map(([, heading]) => heading!.toLowerCase().replaceAll(" ", "-"));
  const links = [...readme.matchAll(/\]\(([^)]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !link.startsWith("https:"));
  for (const link of links) {
    if (link.startsWith("#")) assert(headings.includes(link.slice(1)), link);
    else if (link.startsWith("examples")) await Deno.stat(pathOf(link));
    else assert(documents.includes(link), link);
  }
  assert(links.length >= 10, `${links}`);
});

Deno.test("a published document links to published documents only: of others it says the path", () => {
  const paths = [...asPublished("README.md", readme).matchAll(/\]\(([^)]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^(#|https:)/.test(link));
  assertEquals(paths.filter((path) => !documents.includes(path)), []);
  assert(paths.length > 0 && /\]\(examples\//.test(readme), `${paths}`);

  const text = (first: string, second: string) =>
    `See ${first} and ${second}, [above](#a), [there](https://a.example/b).\n` +
    "```ts\nrun[name](args);\n```\n";
  assertEquals(
    asPublished(
      "src/engine/README.md",
      text("[the front page](../../README.md)", "[a\nfile](run/a_file.ts)"),
    ),
    text("[the front page](../../README.md)", "`run/a_file.ts`"),
  );
});
