/**
 * Checks the rules of the house that no linter knows. `deno task check:house`
 *
 * - A file of TypeScript has at most 400 lines.
 * - `console` is named in the facade's default logger only; no module holds `let` or `var`.
 * - Nothing but contract cases is declared by `using`: Node 22, which runs the sources unbuilt, does not know it.
 * - No exported declaration has `any` in its type.
 * - Each exported function, and each method that callers call, is shown in an example that runs.
 * - Nothing is unfinished or switched off.
 * - No file names a registry's host or a path of the machine it was written on.
 * - The top level holds what CONTRIBUTING.md names, nothing else.
 */
import { deno, pathOf, root, run } from "./command.ts";
import { exportedFiles } from "./exported_files.ts";
import { lackingExamples } from "./lacking_examples.ts";

const maxLines = 400;
const logger = "src/cortex/logger.ts";
const topLevel = [
  "deno.json",
  "mod.ts",
  "src",
  "tests",
  "examples",
  "README.md",
  "LICENSE",
  "THIRD_PARTY_NOTICES",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  ".ci",
  ".editorconfig",
  ".gitignore",
  ".npmrc",
  "package.json",
  "tools",
];

// In pieces, so that this file does not name what it looks for.
const machinePaths = ["work", "root", "home", "tmp", "farm"]
  .map((folder) => `(?<![\\w.*/:-])/${folder}/`).join("|");
const forbidden = new RegExp(
  `${machinePaths}|\\b${"registry"}\\.[a-z]+js|\\b${"npm"}\\.jsr\\.io`,
);
const unfinished = new RegExp(
  ["TO" + "DO", "FIX" + "ME", "\\bX" + "XX\\b", "un" + "implemented"].join(
    "|",
  ) +
    "|not " + "implemented|Deno\\.test\\.(ignore|only)|\\b(ignore|only): true",
);

/** What is wrong with one text file of the clone, each as `file:line: reason`. */
export function textProblems(path: string, text: string): string[] {
  const lines = text.split("\n");
  const problems: string[] = [];
  const inSource = path === "mod.ts" || /^src\/.*\.ts$/.test(path);
  if (path.endsWith(".ts") && lines.length - 1 > maxLines) {
    problems.push(
      `${path}:${maxLines}: has ${lines.length - 1} lines, at most ${maxLines}`,
    );
  }
  lines.forEach((line, index) => {
    const add = (reason: string) =>
      problems.push(`${path}:${index + 1}: ${reason}`);
    const found = forbidden.exec(line);
    if (found) add(`names ${found[0]}`);
    if (/\.(ts|md)$/.test(path) && unfinished.test(line)) add("is unfinished");
    // Node 22 runs the sources as they are, and does not know the syntax yet.
    const asIs = inSource && !path.startsWith("src/testing/");
    if (asIs && /^\s*(await )?using \w+ =/.test(line)) add("declares by using");
    if (!inSource) return;
    // Formatted code has nothing but declarations of the module at the first column.
    if (/^(export )?(let|var) /.test(line)) add("holds state in a module");
    const isComment = /^\s*(\/\/|\/?\*)/.test(line);
    if (!isComment && path !== logger && /\bconsole\s*\./.test(line)) {
      add(`uses console; only ${logger} may`);
    }
  });
  return problems;
}

/** Names of exported declarations whose types hold `any`, in the JSON of `deno doc`. */
export function anyInDocs(node: unknown, name = ""): string[] {
  if (Array.isArray(node)) return node.flatMap((item) => anyInDocs(item, name));
  if (typeof node !== "object" || node === null) return [];
  const record = node as Record<string, unknown>;
  if (record.kind === "keyword" && record.value === "any") return [name];
  const here = typeof record.name === "string" && record.name !== ""
    ? [name, record.name].filter(Boolean).join(".")
    : name;
  return Object.values(record).flatMap((value) => anyInDocs(value, here));
}

/** Tracked files, and new ones that git does not ignore. */
async function houseFiles(): Promise<string[]> {
  const { code, stdout, stderr } = await run("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    quiet: true,
  });
  if (code !== 0) throw new Error(`git ls-files failed: ${stderr}`);
  return [...new Set(stdout.split("\0").filter(Boolean))].sort();
}

async function main(): Promise<void> {
  const problems: string[] = [];
  const files = await houseFiles();
  for (const path of files) {
    const text = await Deno.readTextFile(new URL(path, root)).catch(() => "");
    problems.push(...textProblems(path, text));
  }
  for (const name of new Set(files.map((path) => path.split("/")[0]!))) {
    if (!topLevel.includes(name)) {
      problems.push(`${name}:1: is not a known name of the top level`);
    }
  }
  const { code, stdout, stderr } = await deno(
    ["doc", "--json", ...exportedFiles.map(pathOf)],
    { quiet: true },
  );
  if (code !== 0) throw new Error(`deno doc failed: ${stderr}`);
  const docs = JSON.parse(stdout);
  for (const name of new Set(anyInDocs(docs))) {
    problems.push(`mod.ts:1: the exported type of ${name} holds any`);
  }
  for (const name of lackingExamples(docs)) {
    problems.push(`mod.ts:1: no example that runs shows ${name}`);
  }
  for (const problem of problems) console.error(problem);
  console.log(
    `check_house: ${files.length} files, ${problems.length} problems`,
  );
  if (problems.length > 0) Deno.exit(1);
}

if (import.meta.main) await main();
