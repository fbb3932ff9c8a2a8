/**
 * Checks who imports whom, in `mod.ts` and `src`. `deno task check:imports`
 *
 * - An area imports itself and what `law` grants it; nothing imports upwards.
 * - Modules form no cycles, in `tools` neither; nor do the folders and files of an area.
 * - What can be reached from an export of `deno.json`, by static, dynamic or type import, names no package but
 *   `@std`'s, and, in `src/convex_test`, `convex`, and no file outside `mod.ts` and `src`.
 * - A generated module imports nothing.
 */
import {
  type Import,
  type ModuleGraph,
  moduleGraph,
  reachable,
  sourceFiles,
} from "./module_graph.ts";
import { exportedFiles } from "./exported_files.ts";

/** What every area may import but `src/convex`, which is deployed without the rest. */
const common = ["src/errors.ts", "src/unknown_option.ts", "src/at_once.ts"];

/** What each area may import beside itself and those: folders, files, or packages. */
const law: Record<string, string[]> = {
  "src/error_classes.ts": [],
  "src/errors.ts": ["src/error_classes.ts"],
  // A leaf, for what `src/at_once.ts` has, which cannot be imported there.
  "src/unknown_option.ts": ["src/values/shown.ts"],
  // Leaves of all areas, which load with the first import.
  "src/at_once.ts": ["src/"],
  "src/values/": [],
  "src/store/": ["src/values/"],
  "src/engine/": ["src/store/", "src/values/"],
  "src/server/": ["src/engine/", "src/store/", "src/values/"],
  // Bundled: see `tools/gen.ts`.
  "src/server/auth/jose_entry.ts": ["jose"],
  "src/server/transfer/zip_entry.ts": ["@zip.js/zip.js/lib/zip-core-custom.js"],
  "src/server/transfer/csv_entry.ts": ["deno-std/csv/parse.js"],
  "src/executor/": [],
  "src/client/": [
    "src/values/",
    // The executor's face; how it starts and feeds workers is its own affair.
    "src/executor/types.ts",
    "src/executor/executor.ts",
    "src/executor/serve.ts",
    "src/executor/wire/error_data.ts",
    "src/executor/hosts/detect.ts",
  ],
  "src/cortex/": [
    "src/client/types.ts",
    // For this area's modules that `src/at_once.ts` re-exports, and that cannot import from there.
    "src/values/kinds.ts",
    "src/values/shown.ts",
    // Codes and pure rules, for callers and backend; they import nothing but each other.
    "src/convex/lib/codes.ts",
    "src/convex/lib/moduleCodes.ts",
    "src/convex/lib/facts/conflictPrompts.ts",
    "src/convex/lib/facts/factDecision.ts",
    "src/convex/lib/facts/factKeys.ts",
    "src/convex/lib/facts/slots.ts",
    "src/convex/lib/text/normalise.ts",
  ],
  "src/convex/": ["convex/server", "convex/values", "stemmer"],
  // Contract cases see the ports and the modules that they are about.
  "src/testing/": ["src/", "@std/assert", "convex/server", "convex/values"],
  // Tests of Convex functions have `convex` installed anyway: its types are part of the API.
  "src/convex_test/": [
    "src/engine/",
    "src/store/",
    "src/values/",
    "src/embedded/host_clock.ts",
    "convex/server",
    "convex/values",
  ],
  // Composition roots: they put the parts together, so they see all of them.
  "src/embedded/": ["src/"],
  "src/client/sources/embedded_source.ts": ["src/"],
  "src/cortex/open_client.ts": ["src/"],
  "mod.ts": ["src/"],
};

/** The most specific entry of the law for a file. */
function areaOf(path: string): string | undefined {
  return Object.keys(law)
    .filter((area) =>
      path === area || (area.endsWith("/") && path.startsWith(area))
    )
    .sort((a, b) => b.length - a.length)[0];
}

function allowed(path: string, { specifier, target }: Import): boolean {
  const area = areaOf(path);
  if (!area) return false;
  const isFile = specifier.startsWith("./") || specifier.startsWith("../");
  if (!isFile) {
    // @std packages are the only ones that every published module may use.
    return law[area]!.includes(specifier) ||
      (area !== "src/convex/" && specifier.startsWith("@std/async"));
  }
  if (common.includes(target)) return area !== "src/convex/";
  // Its own area, in which a composition root is a file like the others.
  const home = /^src\/[^/]+\//.exec(path)?.[0] ?? path;
  return target.startsWith(home) ||
    law[area]!.some((grant) =>
      grant.endsWith("/") ? target.startsWith(grant) : target === grant
    );
}

/** One cycle through each module that closes one. */
function cycles(graph: ModuleGraph, files: string[]): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: string[]) => {
    const at = trail.indexOf(path);
    if (at >= 0) found.push([...trail.slice(at), path]);
    if (at >= 0 || done.has(path)) return;
    for (const { target } of graph.get(path) ?? []) {
      if (graph.has(target)) visit(target, [...trail, path]);
    }
    done.add(path);
  };
  for (const file of files) visit(file, []);
  return found;
}

/**
 * What is wrong with the imports of some files, each as `file:line: reason`.
 *
 * @param exported The files that `exports` of deno.json names.
 */
export function importProblems(
  graph: ModuleGraph,
  files: string[],
  exported: string[],
): string[] {
  return [
    ...files.flatMap((path) => lawProblems(graph, path)),
    ...cycleProblems(graph, files),
    ...folderProblems(graph, files),
    ...[...reachable(graph, exported)]
      .flatMap((path) => publicationProblems(graph, path)),
  ];
}

/** Cycles that some files are part of. */
function cycleProblems(graph: ModuleGraph, files: string[]): string[] {
  return cycles(graph, files).map((cycle) => {
    const { line } = graph.get(cycle[0]!)!
      .find(({ target }) => target === cycle[1])!;
    return `${cycle[0]}:${line}: cycle ${cycle.join(" -> ")}`;
  });
}

/** Cycles of the folders of an area, and of the files beside them: an order of the folders is one of reading, too. */
function folderProblems(graph: ModuleGraph, files: string[]): string[] {
  const folders: ModuleGraph = new Map();
  for (const path of files) {
    const from = folderOf(path);
    const entries = folders.get(from) ?? [];
    folders.set(from, entries);
    for (const { target, line } of graph.get(path) ?? []) {
      const to = folderOf(target);
      if (to === from || areaFolder(to) !== areaFolder(from)) continue;
      entries.push({ specifier: path, target: to, line });
    }
  }
  return cycles(folders, [...folders.keys()])
    // Of files alone, it is a cycle of modules.
    .filter((cycle) => cycle.some((place) => place.endsWith("/")))
    .map((cycle) => {
      const { specifier, line } = folders.get(cycle[0]!)!
        .find(({ target }) => target === cycle[1])!;
      return `${specifier}:${line}: folders form a cycle ${cycle.join(" -> ")}`;
    });
}

/** What is ordered among itself: an area; of the backend, whose schema must lie above its tables, the library. */
function areaFolder(path: string): string | undefined {
  return /^src\/(convex\/lib|(?!convex\/)[^/]+)\//.exec(path)?.[0];
}

/** The part of its area that a file belongs to: a folder, or the file itself beside the folders. */
function folderOf(path: string): string {
  const area = areaFolder(path);
  const end = area === undefined ? -1 : path.indexOf("/", area.length);
  return end < 0 ? path : path.slice(0, end + 1);
}

/** Imports of a file that the law does not grant it. */
function lawProblems(graph: ModuleGraph, path: string): string[] {
  const problems = areaOf(path)
    ? []
    : [`${path}:1: belongs to no area of the law`];
  for (const entry of graph.get(path) ?? []) {
    const { specifier, target, line } = entry;
    const problem = target.startsWith("src/") && !graph.has(target)
      ? `there is no ${specifier}`
      : path.endsWith(".gen.ts")
      ? `generated, but imports ${specifier}`
      : !allowed(path, entry)
      ? `may not import ${specifier}`
      : undefined;
    if (problem) problems.push(`${path}:${line}: ${problem}`);
  }
  return problems;
}

/** Imports of a published file that its users would have to download. */
function publicationProblems(graph: ModuleGraph, path: string): string[] {
  // Where the local shims of @std go from here is not published.
  if (path.startsWith("tools/") || path.includes(":")) return [];
  // Users who test Convex functions have the package that these types and values come from.
  const own = path.startsWith("src/convex_test/")
    ? ["@std/", "convex/"]
    : ["@std/"];
  return (graph.get(path) ?? [])
    .filter(({ specifier, target }) =>
      !own.some((name) => specifier.startsWith(name)) &&
      !/^(mod\.ts$|src\/)/.test(target)
    )
    .map(({ specifier, line }) =>
      `${path}:${line}: ${specifier} can be reached from an export`
    );
}

if (import.meta.main) {
  const files = ["mod.ts", ...await sourceFiles("src")];
  const tools = await sourceFiles("tools");
  const graph = await moduleGraph([...files, ...tools]);
  const problems = [
    ...importProblems(graph, files, exportedFiles),
    ...cycleProblems(graph, tools),
  ];
  for (const problem of problems) console.error(problem);
  console.log(
    `check_imports: ${files.length} files, ${tools.length} tools, ${problems.length} problems`,
  );
  Deno.exit(problems.length > 0 ? 1 : 0);
}
