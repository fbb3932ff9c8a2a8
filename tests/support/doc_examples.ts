/**
 * Makes one module of tests of the examples in the documentation: one process loads the module once, where `deno test
 * --doc` would load it for every example.
 */
import { pathOf } from "../../tools/command.ts";

/** An example: where it is, and what it says. */
interface Example {
  /** File and line. */
  place: string;
  code: string;
}

/** Examples in the doc comments of a source, but those marked `ignore`. */
export function examplesOf(path: string, source: string): Example[] {
  const examples: Example[] = [];
  let open: { place: string; lines: string[]; ignored: boolean } | undefined;
  for (const [index, line] of source.split("\n").entries()) {
    const text = line.match(/^\s*\* ?(.*)$/)?.[1];
    const fence = text?.match(/^\s*```(.*)$/)?.[1];
    if (fence !== undefined && !open) {
      const ignored = !/^ts\b/.test(fence) || /\bignore\b/.test(fence);
      open = { place: `${path}:${index + 1}`, lines: [], ignored };
    } else if (fence !== undefined) {
      const { place, lines, ignored } = open!;
      if (!ignored) examples.push({ place, code: lines.join("\n") });
      open = undefined;
    } else open?.lines.push(text ?? "");
  }
  return examples;
}

/** Code whose imports are made where it runs, for code inside of a function. */
export function importedInside(code: string): string {
  return code
    .replace(/^import type [^;]*;$/gm, "")
    .replace(
      /^import (\w+, )?\{([^}]*)\} from ("[^"]+");$/gm,
      (_, byDefault: string | undefined, names: string, from: string) => {
        const taken = names.split(",").map((name) => name.trim())
          .filter((name) => name && !name.startsWith("type "))
          .map((name) => name.replace(" as ", ": "));
        if (byDefault) taken.unshift(`default: ${byDefault.slice(0, -2)}`);
        return `const { ${taken.join(", ")} } = await import(${from});`;
      },
    );
}

/** An embedded `Cortex` as an example opens it, and as it opens one on this thread. */
const OPEN = "new Cortex()";
const OPEN_HERE = 'new Cortex({ executorKinds: ["inline"] })';

/**
 * The same examples of a file, but that only the first that opens a `Cortex` starts a worker for it, as it does for who
 * copies it: each worker takes a quarter of a second of the processor's time, and the engine here some milliseconds.
 */
export function sparingWorkers(examples: Example[]): Example[] {
  const first = examples.find(({ code }) => code.includes(OPEN));
  return examples.map((example) =>
    example === first
      ? example
      : { ...example, code: example.code.replaceAll(OPEN, OPEN_HERE) }
  );
}

/** Text of the module, a test for each example, which fails if it is not done within a time. */
export function testsOf(examples: Example[], timeoutMs = 60_000): string {
  return [
    'import { deadline } from "@std/async/deadline";\n',
    ...examples.map(({ place, code }) =>
      `Deno.test(${JSON.stringify(place)}, () => deadline((async () => {\n` +
      `${importedInside(code)}\n})(), ${timeoutMs}));\n`
    ),
  ].join("\n");
}

async function* sourcesIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(pathOf(folder))) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* sourcesIn(path);
    else if (/(?<!\.gen)\.ts$/.test(name)) yield path;
  }
}

/** Writes the module, and returns its URL. */
export async function writeExamples(): Promise<string> {
  const paths = ["mod.ts", ...await Array.fromAsync(sourcesIn("src"))].sort();
  const examples: Example[] = [];
  for (const path of paths) {
    const source = await Deno.readTextFile(pathOf(path));
    examples.push(...sparingWorkers(examplesOf(path, source)));
  }
  const target = pathOf("dist/test/documentation.ts");
  await Deno.mkdir(pathOf("dist/test"), { recursive: true });
  await Deno.writeTextFile(target, testsOf(examples));
  return new URL(`file://${target}`).href;
}
