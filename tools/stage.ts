/**
 * Copies what goes to JSR into a folder of its own. `deno task stage [--no-links] [--list]`
 *
 * What goes: every module that can be reached from an export of `deno.json`, found in the module graph, and the
 * documents. The local shims of `@std` are linked from outside the folder, since files below it would be published;
 * `--no-links` leaves the links away, for a publication from where JSR can be reached. `--list` prints the files.
 */
import denoConfig from "../deno.json" with { type: "json" };
import packageConfig from "../package.json" with { type: "json" };
import { pathOf } from "./command.ts";
import { copyDocuments } from "./documents.ts";
import { exportedFiles } from "./exported_files.ts";
import { moduleGraph, reachable } from "./module_graph.ts";
import { bundledFiles, thirdPartyNotices } from "./notices.ts";

/**
 * Fills a folder below the root, emptied first, with what is published.
 *
 * @returns The files in it, sorted.
 */
export async function stage(
  folder: string,
  { links = true }: { links?: boolean } = {},
): Promise<string[]> {
  const target = (path: string) => `${pathOf(folder)}/${path}`;
  const graph = await moduleGraph(exportedFiles);
  const modules = reachable(graph, exportedFiles)
    .filter((path) => /^(mod\.ts$|src\/)/.test(path));

  await Deno.remove(pathOf(folder), { recursive: true }).catch(() => {});
  for (const path of modules) {
    const parent = target(path).replace(/\/[^/]*$/, "");
    await Deno.mkdir(parent, { recursive: true });
    await Deno.copyFile(pathOf(path), target(path));
  }
  const files = [...modules, ...await copyDocuments(folder)];
  if (modules.some((path) => path.endsWith(".gen.ts"))) {
    files.push("THIRD_PARTY_NOTICES");
    await Deno.writeTextFile(
      target("THIRD_PARTY_NOTICES"),
      await thirdPartyNotices(await bundledFiles(modules)),
    );
  }
  const up = "../".repeat(folder.split("/").length);
  const { name, version, license, exports, imports, compilerOptions } =
    denoConfig;
  files.push("deno.json");
  await Deno.writeTextFile(
    target("deno.json"),
    JSON.stringify(
      {
        name,
        version,
        license,
        exports,
        imports: {
          ...imports,
          // For its types, in `./testing` and `./testing/compat` only.
          convex: `npm:convex@^${packageConfig.devDependencies.convex}`,
        },
        links: links
          ? denoConfig.links.map((link) => up + link.replace("./", ""))
          : undefined,
        // The generated modules are ignored by git, and published.
        publish: { exclude: ["!src"] },
        lock: false,
        nodeModulesDir: "manual",
        compilerOptions,
      },
      null,
      2,
    ) + "\n",
  );
  return files.sort();
}

if (import.meta.main) {
  const files = await stage("dist/jsr", {
    links: !Deno.args.includes("--no-links"),
  });
  console.log(
    Deno.args.includes("--list")
      ? files.join("\n")
      : `staged ${files.length} files in dist/jsr`,
  );
}
