import { assertEquals } from "@std/assert";

/** The facade and the backend functions: what they say is in one place. */
const folders = ["src/cortex", "src/convex"];
const CODE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/;
/** Shorter texts with a blank are as often parts of sentences. */
const MIN_MESSAGE = 12;
const MAX_LINES = 400;

interface Source {
  path: string;
  text: string;
}

async function sources(folder: string): Promise<Source[]> {
  const root = new URL("../../", import.meta.url);
  const found: Source[] = [];
  for await (const entry of Deno.readDir(new URL(folder, root))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...await sources(path));
    else if (/\.ts$/.test(path)) {
      found.push({ path, text: await Deno.readTextFile(new URL(path, root)) });
    }
  }
  return found;
}

/** String literals of a formatted source: codes of errors, and texts that say something. */
function literalsOf(text: string): Set<string> {
  const literals = new Set<string>();
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "");
  for (const line of code.split("\n")) {
    if (/^\s*\/\//.test(line) || /\bfrom "/.test(line)) continue;
    for (
      const [, double, template] of line.matchAll(
        /"((?:[^"\\]|\\.)*)"|`([^`]*)`/g,
      )
    ) {
      const literal = double ?? template!;
      const words = literal.replace(/\$\{[^}]*\}/g, "");
      const isMessage = words.length >= MIN_MESSAGE &&
        /[a-z] [a-z]/.test(words);
      if (CODE.test(literal) || isMessage) literals.add(literal);
    }
  }
  return literals;
}

/** Literals that stand in several of the files, each with the files. */
function repeated(files: readonly Source[]): string[] {
  const places = new Map<string, string[]>();
  for (const { path, text } of files) {
    for (const literal of literalsOf(text)) {
      places.set(literal, [...places.get(literal) ?? [], path]);
    }
  }
  return [...places].filter(([, paths]) => paths.length > 1)
    .map(([literal, paths]) => `${literal}: ${paths.sort().join(", ")}`).sort();
}

Deno.test("literalsOf() finds codes and messages, not comments, names or imports", () => {
  const text = [
    'import { a } from "./not a message at all.ts";',
    '/** fail("IN_COMMENT") */',
    '// "ANOTHER_COMMENT"',
    'fail("SOME_CODE", `it is ${number} too many`, "name", "two words");',
    'x = "cannot be negative";',
  ].join("\n");
  assertEquals([...literalsOf(text)], [
    "SOME_CODE",
    "it is ${number} too many",
    "cannot be negative",
  ]);
});

Deno.test("facade and backend write no error code and no message in two files", async () => {
  const files = (await Promise.all(folders.map(sources))).flat();
  assertEquals(repeated(files), []);
});

for (const folder of folders) {
  Deno.test(`${folder} has no file over ${MAX_LINES} lines`, async () => {
    const long = (await sources(folder))
      .filter(({ text }) => text.split("\n").length - 1 > MAX_LINES)
      .map(({ path }) => path);
    assertEquals(long, []);
  });
}
