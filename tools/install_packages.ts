import { deno } from "./command.ts";

/**
 * Installs npm packages into a folder of their own, where no `deno.json` of the clone applies. Does nothing where the
 * same versions are installed already. Throws if they cannot be had.
 */
export async function installPackages(
  folder: string,
  dependencies: Record<string, string>,
): Promise<void> {
  const wanted = JSON.stringify({
    private: true,
    type: "module",
    dependencies,
  });
  const stamp = `${folder}/installed.json`;
  if (await Deno.readTextFile(stamp).catch(() => "") === wanted) return;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/package.json`, wanted);
  await Deno.writeTextFile(
    `${folder}/deno.json`,
    JSON.stringify({ lock: false, nodeModulesDir: "manual" }),
  );
  const { code } = await deno(["install", "--quiet"], { cwd: folder });
  if (code !== 0) throw new Error(`${wanted} could not be installed`);
  await Deno.writeTextFile(stamp, wanted);
}
