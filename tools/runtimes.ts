/**
 * Installs the other runtimes that the tests run on into `.ci/rt`, from npm by `deno install`: the platform's own
 * packages, so that no install script has to run. A second call returns at once.
 *
 * Run as a program it installs them and Chromium, for who wants to have them before the tests.
 */
import packageConfig from "../package.json" with { type: "json" };
import { isFile, pathOf, run, which } from "./command.ts";
import { installPackages } from "./install_packages.ts";

const versions = {
  node20: "20.20.2",
  node22: "22.23.3",
  node24: "24.21.0",
  node26: "26.12.1",
  bun: "1.4.5",
  workerd: "1.20261117.1",
  "edge-runtime": "4.0.1",
  vitest: "5.1.2",
  // Later ones name a package that npm does not have.
  vite: "7.3.8",
  "@edge-runtime/vm": "5.0.0",
  "convex-test": packageConfig.devDependencies["convex-test"],
  convex: packageConfig.devDependencies.convex,
  "playwright-core": "1.65.1",
};

/** Suffixes of the platform's packages. */
const platforms: Record<
  string,
  { node: string; bun: string; workerd: string } | undefined
> = {
  "linux-x86_64": { node: "linux-x64", bun: "linux-x64", workerd: "linux-64" },
  "linux-aarch64": {
    node: "linux-arm64",
    bun: "linux-aarch64",
    workerd: "linux-arm64",
  },
  "darwin-x86_64": {
    node: "darwin-x64",
    bun: "darwin-x64",
    workerd: "darwin-64",
  },
  "darwin-aarch64": {
    node: "darwin-arm64",
    bun: "darwin-aarch64",
    workerd: "darwin-arm64",
  },
};

/** Programs of the installed runtimes. */
export interface Runtimes {
  /** Folder whose `node_modules` holds edge-runtime, playwright-core and Vitest with what its project imports. */
  folder: string;
  /** Path of a Node of a major version. */
  node(major: 20 | 22 | 24 | 26): string;
  /** Path of Bun. */
  bun: string;
  /** Path of workerd. */
  workerd: string;
}

/** Makes sure that the runtimes are there. */
export async function installRuntimes(): Promise<Runtimes> {
  const platform = platforms[`${Deno.build.os}-${Deno.build.arch}`];
  if (!platform) {
    throw new Error(`no runtimes for ${Deno.build.os}-${Deno.build.arch}`);
  }
  const folder = pathOf(".ci/rt");
  const dependencies: Record<string, string> = {};
  for (const [name, version] of Object.entries(versions)) {
    dependencies[name] = name.startsWith("node")
      ? `npm:node-${platform.node}@${version}`
      : name === "bun"
      ? `npm:@oven/bun-${platform.bun}@${version}`
      : name === "workerd"
      ? `npm:@cloudflare/workerd-${platform.workerd}@${version}`
      : version;
  }
  await installPackages(folder, dependencies);
  const modules = `${folder}/node_modules`;
  return {
    folder,
    node: (major) => `${modules}/node${major}/bin/node`,
    bun: `${modules}/bun/bin/bun`,
    workerd: `${modules}/workerd/bin/workerd`,
  };
}

const chromiums = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/**
 * Path of a Chromium: the one that the environment variable `CHROMIUM` names, an installed one, or Debian's, which
 * is installed where apt may be used (as root, in CI). Otherwise the reason why there is none.
 */
export async function findChromium(): Promise<
  { path: string } | { missing: string }
> {
  const named = Deno.env.get("CHROMIUM");
  if (named) {
    return await isFile(named)
      ? { path: named }
      : { missing: `CHROMIUM names no file: ${named}` };
  }
  const find = async () => {
    for (const path of chromiums) if (await isFile(path)) return path;
  };
  const found = await find();
  if (found) return { path: found };
  const apt = await which("apt-get");
  if (!apt || Deno.uid() !== 0) {
    return { missing: "no Chromium found, and apt-get cannot be used" };
  }
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run(apt, { args: ["update", "-qq"], env, quiet: true });
  const { code, stderr } = await run(apt, {
    args: ["install", "-y", "-qq", "--no-install-recommends", "chromium"],
    env,
    quiet: true,
  });
  const installed = await find();
  return installed
    ? { path: installed }
    : { missing: `apt-get could not install it (${code}): ${stderr.trim()}` };
}

if (import.meta.main) await Promise.all([installRuntimes(), findChromium()]);
