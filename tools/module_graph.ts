/** The module graph of the sources, as Deno's own parser sees it: static, dynamic and type imports. */
import { deno, pathOf, root } from "./command.ts";

/** One import of a module. */
export interface Import {
  /** The name as written. */
  specifier: string;
  /** What it resolves to: a path relative to the root, or the URL of something else. */
  target: string;
  /** Line, from 1. */
  line: number;
}

/** Imports of each module, by path relative to the root. */
export type ModuleGraph = Map<string, Import[]>;

interface Resolved {
  specifier?: string;
  error?: string;
  span: { start: { line: number } };
}
interface Info {
  modules: {
    specifier: string;
    error?: string;
    dependencies?: {
      specifier: string;
      code?: Resolved;
      type?: Resolved;
    }[];
  }[];
}

/** Every `.ts` file below a folder, as paths relative to the root, sorted. */
export async function sourceFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(pathOf(folder))) {
    const path = `${folder}/${entry.name}`;
    // What `npx convex deploy` writes beside the functions.
    if (entry.name === "_generated") continue;
    if (entry.isDirectory) files.push(...await sourceFiles(path));
    else if (path.endsWith(".ts")) files.push(path);
  }
  return files.sort();
}

/** Reads the graph below some files of the clone. */
export async function moduleGraph(files: string[]): Promise<ModuleGraph> {
  await Deno.mkdir(pathOf("dist"), { recursive: true });
  const roots = `dist/roots_${crypto.randomUUID()}.ts`;
  const entry = pathOf(roots);
  await Deno.writeTextFile(
    entry,
    files.map((file) => `import ${JSON.stringify(`../${file}`)};\n`).join(""),
  );
  const { code, stdout, stderr } = await deno(["info", "--json", entry], {
    quiet: true,
  }).finally(() => Deno.remove(entry));
  if (code !== 0) throw new Error(`deno info failed: ${stderr}`);
  const info: Info = JSON.parse(stdout);
  const short = (url: string) =>
    url.startsWith(root.href) ? url.slice(root.href.length) : url;
  const graph: ModuleGraph = new Map();
  for (const { specifier, dependencies = [], error } of info.modules) {
    const path = short(specifier);
    if (path === roots) continue;
    // A module that does not exist is not in the graph; its importers show where it is named.
    if (error) continue;
    graph.set(
      path,
      dependencies.map(({ specifier, code, type }) => {
        const resolved = (code ?? type)!;
        return {
          specifier,
          target: short(resolved.specifier ?? specifier),
          line: resolved.span.start.line + 1,
        };
      }),
    );
  }
  return graph;
}

/** Every module that can be reached from some files, those included. */
export function reachable(graph: ModuleGraph, from: string[]): string[] {
  const seen = new Set(from);
  for (const path of seen) {
    for (const { target } of graph.get(path) ?? []) seen.add(target);
  }
  return [...seen];
}
