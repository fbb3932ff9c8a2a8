/**
 * Makes a clone ready: installs the npm packages of `package.json` and generates the bundles, each only when it is
 * missing or older than what it is made from. Every task that needs them runs this first.
 */
import { generated } from "./gen.ts";

const root = new URL("../", import.meta.url);
const stamp = new URL("node_modules/.cortex_setup", root);

/** Runs a command of the deno that runs this script, in the root of the clone. */
async function deno(...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) {
    console.error(`setup: \`deno ${args.join(" ")}\` failed`);
    Deno.exit(1);
  }
}

async function read(url: URL): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(url);
  } catch {
    return undefined;
  }
}

async function modifiedMs(url: URL): Promise<number> {
  try {
    return (await Deno.stat(url)).mtime?.getTime() ?? 0;
  } catch {
    return 0;
  }
}

/** Time of the last change below a folder, generated files left out. */
async function newestMs(folder: URL): Promise<number> {
  let newest = 0;
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name.endsWith(".gen.ts")) continue;
    const url = new URL(entry.name + (entry.isDirectory ? "/" : ""), folder);
    const ms = entry.isDirectory ? await newestMs(url) : await modifiedMs(url);
    newest = Math.max(newest, ms);
  }
  return newest;
}

const wanted = await read(new URL("package.json", root)) ?? "";
if (await read(stamp) !== wanted) {
  await deno("install", "--quiet");
  await Deno.writeTextFile(stamp, wanted);
}

const sourcesMs = Math.max(
  await newestMs(new URL("src/", root)),
  await modifiedMs(new URL("tools/gen.ts", root)),
  await modifiedMs(stamp),
);
const targets = await Promise.all(
  generated.map(({ target }) => modifiedMs(new URL(target, root))),
);
if (targets.some((ms) => ms < sourcesMs)) {
  await deno("run", "-A", "tools/gen.ts");
}
