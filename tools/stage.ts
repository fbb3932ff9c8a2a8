/**
 * Copies what goes to JSR into a folder of its own. `deno task stage [--no-links] [--list]`
 *
 * What goes: every module that can be reached from an export of `deno.json`, found in the module graph, and the
 * documents. The local shims of `@std` are linked from outside the folder, since files below it would be published;
 * `--no-links` leaves the links away, for a publication from where JSR can be reached. `--list` prints the files.
 */
import denoConfig from "../deno.json" with { type: "json" };
import { pathOf } from "./command.ts";
import { generated } from "./gen.ts";
import { moduleGraph, reachable } from "./module_graph.ts";

const documents = ["README.md", "LICENSE", "CHANGELOG.md"];

/** Text of the licences of the packages that the generated modules contain. */
async function thirdPartyNotices(modules: string[]): Promise<string> {
  const entries = generated.filter(({ target }) => modules.includes(target))
    .map(({ entry }) => pathOf(entry));
  const { build, stop } = await import("esbuild");
  const { metafile } = await build({
    entryPoints: entries,
    bundle: true,
    outdir: pathOf("dist/unused"),
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "browser", "import"],
    metafile: true,
    write: false,
  }).finally(stop);
  const folders = new Map<string, string>();
  for (const input of Object.keys(metafile.inputs)) {
    const [, folder, name] =
      input.match(/^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//) ?? [];
    if (folder && name) folders.set(name, folder);
  }
  const notices = [...folders].sort().map(async ([name, folder]) => {
    const files = [...Deno.readDirSync(pathOf(folder))]
      .filter((file) => /^licen[cs]e/i.test(file.name));
    if (files.length === 0) throw new Error(`${name} carries no licence`);
    const text = await Deno.readTextFile(pathOf(`${folder}/${files[0]!.name}`));
    const { version, license } = JSON.parse(
      await Deno.readTextFile(pathOf(`${folder}/package.json`)),
    );
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return "The generated modules of this package contain code of these packages.\n\n" +
    (await Promise.all(notices)).join(`\n${"-".repeat(80)}\n\n`);
}

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
  const exported = Object.values(denoConfig.exports)
    .map((path) => path.replace("./", ""));
  const graph = await moduleGraph(exported);
  const modules = reachable(graph, exported)
    .filter((path) => /^(mod\.ts$|src\/)/.test(path));

  await Deno.remove(pathOf(folder), { recursive: true }).catch(() => {});
  const files = [...modules];
  for (const path of documents) {
    if (await Deno.stat(pathOf(path)).catch(() => undefined)) files.push(path);
  }
  for (const path of files) {
    const parent = target(path).replace(/\/[^/]*$/, "");
    await Deno.mkdir(parent, { recursive: true });
    await Deno.copyFile(pathOf(path), target(path));
  }
  if (modules.some((path) => path.endsWith(".gen.ts"))) {
    files.push("THIRD_PARTY_NOTICES");
    await Deno.writeTextFile(
      target("THIRD_PARTY_NOTICES"),
      await thirdPartyNotices(modules),
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
        imports,
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
