/** What a program costs that an edge host loads: bundled, split and minified by esbuild, each chunk by gzip. */
import { build, type Metafile } from "esbuild";
import { pathOf } from "../../../tools/command.ts";

/** One chunk of a program. */
interface Chunk {
  /** Its size by gzip -9, in bytes. */
  bytes: number;
  /** Chunks that load with it. */
  withIt: string[];
  /** Chunks that it may load later. */
  later: string[];
  /** The source that is loaded by it, where a dynamic import names one. */
  source: string | undefined;
}

/** A program's chunks by name; the program itself is `entry`. */
export interface Program {
  entry: string;
  chunks: ReadonlyMap<string, Chunk>;
}

/** Bundles a program's text, whose imports are resolved from `folder`. */
export async function bundle(
  contents: string,
  folder = pathOf("."),
): Promise<Program> {
  const outdir = pathOf("dist/size");
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: folder, loader: "ts", sourcefile: "main" },
    absWorkingDir: pathOf("."),
    outdir,
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    metafile: true,
    legalComments: "none",
    format: "esm",
    platform: "neutral",
    target: "es2022",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "browser", "import"],
    external: ["node:*", "bun:*"],
  });
  const chunks = new Map<string, Chunk>();
  const stable = stableNames(metafile.outputs);
  let entry = "";
  for (const { path, text } of outputFiles) {
    const name = Object.keys(metafile.outputs).find((name) =>
      path.endsWith(name)
    )!;
    const output = metafile.outputs[name]!;
    if (/(^|\/)main$/.test(output.entryPoint ?? "")) entry = name;
    chunks.set(name, {
      bytes: await gzipSize(text.replace(HASH, stable)),
      withIt: imports(output, "import-statement"),
      later: imports(output, "dynamic-import"),
      source: output.entryPoint,
    });
  }
  return { entry, chunks };
}

/** What esbuild appends to the name of a chunk. */
const HASH = /(?<=-)[A-Z0-9]{8}(?=\.js)/g;

/**
 * Gives each chunk's hash as one of its source's name: those of esbuild change with every byte of what the chunks load,
 * and the sizes by some bytes with them, up or down.
 */
function stableNames(
  outputs: Metafile["outputs"],
): (hash: string) => string {
  const stable = new Map<string, string>();
  for (const [name, { entryPoint, inputs }] of Object.entries(outputs)) {
    const [hash] = name.match(HASH) ?? [];
    const source = entryPoint ?? Object.keys(inputs)[0] ?? "";
    if (hash !== undefined) stable.set(hash, hashOf(source));
  }
  return (hash) => stable.get(hash) ?? hash;
}

/** Eight characters that compress as badly as esbuild's. */
function hashOf(text: string): string {
  let state = 0x811c9dc5;
  const step = (unit: number) => state = Math.imul(state ^ unit, 0x01000193);
  for (const char of text) step(char.codePointAt(0)!);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return Array.from({ length: 8 }, (_, at) => {
    step(at);
    return alphabet[state >>> 27];
  }).join("");
}

/** Bytes that load at once with the program, or with one of the sources that it loads later. */
export function loaded(
  { entry, chunks }: Program,
  sources: readonly string[] = [],
): number {
  const found = new Set<string>();
  const visit = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    chunks.get(name)!.withIt.forEach(visit);
  };
  visit(entry);
  for (const source of sources) {
    const [name] = [...chunks].find(([, chunk]) => chunk.source === source) ??
      [];
    if (name === undefined) throw new Error(`${source} is no chunk`);
    visit(name);
  }
  return [...found].reduce((sum, name) => sum + chunks.get(name)!.bytes, 0);
}

/** Bytes of everything that the program may ever load, but for some sources and what only they load. */
export function loadable(
  { entry, chunks }: Program,
  without: RegExp,
): number {
  const found = new Set<string>();
  const visit = (name: string) => {
    const { withIt, later, source } = chunks.get(name)!;
    if (found.has(name) || without.test(source ?? "")) return;
    found.add(name);
    [...withIt, ...later].forEach(visit);
  };
  visit(entry);
  return [...found].reduce((sum, name) => sum + chunks.get(name)!.bytes, 0);
}

function imports(
  { imports }: Metafile["outputs"][string],
  wanted: string,
): string[] {
  return imports.filter(({ kind, external }) => kind === wanted && !external)
    .map(({ path }) => path);
}

async function gzipSize(contents: string): Promise<number> {
  const { gzipSync } = await import("node:zlib");
  return gzipSync(contents, { level: 9 }).length;
}
