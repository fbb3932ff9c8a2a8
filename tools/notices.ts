/** The licences of packages whose code is part of what is published. */
import { pathOf } from "./command.ts";
import { generated } from "./gen.ts";

/** Files that the bundles among some modules were made of. */
export async function bundledFiles(modules: string[]): Promise<string[]> {
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
  return Object.keys(metafile.inputs);
}

/** The licence in a package's folder, or the copyright that one of its files states. Throws when there is neither. */
async function licenceText(folder: string, file: string): Promise<string> {
  const licence = [...Deno.readDirSync(pathOf(folder))]
    .find(({ name }) => /^licen[cs]e/i.test(name));
  if (licence) {
    return await Deno.readTextFile(pathOf(`${folder}/${licence.name}`));
  }
  const [, copyright] = /^\/\/ (Copyright .*)$/m
    .exec(await Deno.readTextFile(pathOf(file))) ?? [];
  if (!copyright) throw new Error(`${folder} carries no licence`);
  return copyright;
}

/** Text of the licences of the packages that some files come from. Throws when one carries none. */
export async function thirdPartyNotices(files: string[]): Promise<string> {
  const packages = new Map<string, { folder: string; file: string }>();
  for (const file of files) {
    const [, folder, name] =
      file.match(/^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//) ?? [];
    if (folder && name) packages.set(name, { folder, file });
  }
  const notices = [...packages].sort().map(async ([name, { folder, file }]) => {
    const text = await licenceText(folder, file);
    const { version, license } = JSON.parse(
      await Deno.readTextFile(pathOf(`${folder}/package.json`)),
    );
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return "This package contains code of these packages.\n\n" +
    (await Promise.all(notices)).join(`\n${"-".repeat(80)}\n\n`);
}
