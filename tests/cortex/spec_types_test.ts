/**
 * Where the specification lies beside the clone: its types are compiled beside the exported ones of the same name.
 * Callers may pass all that the specification lets them pass, and get all that it promises.
 */
import { assert, assertEquals } from "@std/assert";
import { EXPORTED_TYPES } from "../../src/testing/facade/surface/exports.ts";
import { deno, pathOf } from "../../tools/command.ts";

const spec = pathOf("../shared/spec");
const hasSpec = await Deno.stat(spec).then(() => true, () => false);

const PAGES = (
  "conversations immutable mutable vector facts memory memory-spaces users agents"
).split(" ");
const EXPORTED = new Set(Object.values(EXPORTED_TYPES).flat());
/** What callers pass; the rest is what they get. */
const PASSED =
  /(Input|Params|Options?|Filters?|Updates|Registration|Config|Candidate|Ref|Entry|Type|Status|Fn|Fact|Operation|Metadata)$/;

if (hasSpec) {
  Deno.test("callers may pass and get what the specification's types say", async () => {
    const folder = await Deno.makeTempDir();
    try {
      let compared = 0;
      for (const page of PAGES) {
        const text = await Deno.readTextFile(`${spec}/${page}.md`);
        const { source, names } = typesOf(text);
        await Deno.writeTextFile(`${folder}/${page}.ts`, source);
        await Deno.writeTextFile(
          `${folder}/${page}_check.ts`,
          comparison(page, names),
        );
        compared += names.length;
      }
      assert(compared > 120, `${compared} types are compared`);
      const { code, stderr } = await deno([
        "check",
        "--quiet",
        "--config",
        pathOf("deno.json"),
        ...PAGES.map((page) => `${folder}/${page}_check.ts`),
      ], { quiet: true });
      assertEquals(code, 0, stderr);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** The types of a page's blocks of code as a module, and the names of those that the root exports, too. */
function typesOf(page: string): { source: string; names: string[] } {
  // Streaming comes with the second half.
  const [text] = page.split("## 7. rememberStream");
  const blocks = [...text!.matchAll(/```ts\n([^]*?)```/g)].map(([, code]) =>
    code!
  );
  const code = blocks.join("\n")
    .replaceAll(
      /^(class|const|function|type RememberStream|interface RememberStream).*$/gm,
      "",
    );
  const declared = new Set(
    [...code.matchAll(/\b(?:interface|type) ([A-Z]\w+)\b/g)]
      .map(([, name]) => name!),
  );
  const used = new Set(code.match(/\b[A-Z]\w+\b/g) ?? []);
  const taken = [...used].filter((name) =>
    EXPORTED.has(name) && !declared.has(name)
  );
  const source = `import type { ${taken.join(", ")} } from "${root()}";\n` +
    code.replaceAll(
      /\b(interface|type) ([A-Z]\w+)(?=[^;]*[={])/g,
      "export $1 $2",
    );
  return { source, names: [...declared].filter((name) => EXPORTED.has(name)) };
}

/** A module that compiles if the exported types have all members of a page's, and fit them. */
function comparison(page: string, names: readonly string[]): string {
  const lines = names.map((name) => {
    const [from, to] = PASSED.test(name) ? ["Spec", "Ours"] : ["Ours", "Spec"];
    const lacking = `Exclude<Keys<Spec.${name}>, Keys<Ours.${name}>>`;
    return `{ const lacking: [${lacking}] extends [never] ? true : ${lacking} = true;\n` +
      `const fits: ${to}.${name} = null! as ${from}.${name}; void lacking; void fits; }`;
  });
  return [
    `import type * as Spec from "./${page}.ts";`,
    `import type * as Ours from "${root()}";`,
    "type Keys<T> = T extends unknown ? keyof T : never;",
    ...lines,
  ].join("\n");
}

function root(): string {
  return new URL("../../mod.ts", import.meta.url).href;
}
