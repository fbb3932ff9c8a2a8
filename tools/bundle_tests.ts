/**
 * Bundles the contract cases for the hosts that cannot run the sources: Node 20, workerd, edge-runtime, browsers. Node
 * 22 runs the sources, but not the cases, which declare by `using`: its bundle holds the cases and imports the sources.
 *
 * Run by `deno task test` (Node only) and `deno task test:hosts` (all).
 */
import type { Plugin } from "esbuild";
import { pathOf, root } from "./command.ts";

const hosts = {
  node: { entry: "cli", format: "esm", extension: ".mjs" },
  node22: { entry: "cli", format: "esm", extension: ".mjs" },
  workerd: { entry: "workerd", format: "esm", extension: ".mjs" },
  browser: { entry: "browser", format: "esm", extension: ".mjs" },
  edge: { entry: "edge", format: "iife", extension: ".js" },
} as const;

/** A host that gets a bundle. */
export type BundledHost = keyof typeof hosts;

/** Leaves imports of `src` in place; its contract cases are no sources in this sense. */
const sourcesStayOutside: Plugin = {
  name: "sources stay outside",
  setup(build) {
    build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
      const file = new URL(path, `file://${resolveDir}/`).href
        .slice(root.href.length);
      return /^src\/(?!testing\/)/.test(file)
        ? { path: `../../${file}`, external: true }
        : undefined;
    });
  },
};

/** Where the bundle of a host is. */
export function bundlePath(host: BundledHost): string {
  return pathOf(`dist/test/${host}${hosts[host].extension}`);
}

/** Makes the bundles of the hosts named. */
export async function bundleTests(names: BundledHost[]): Promise<void> {
  const { build, stop } = await import("esbuild");
  try {
    for (const name of names) {
      await build({
        entryPoints: [pathOf(`tests/hosts/${hosts[name].entry}.ts`)],
        outfile: bundlePath(name),
        bundle: true,
        format: hosts[name].format,
        platform: "neutral",
        target: "es2022",
        charset: "utf8",
        mainFields: ["module", "main"],
        conditions: ["workerd", "worker", "browser", "import"],
        external: ["node:*"],
        logLevel: "error",
        ...(name === "node22"
          ? { packages: "external", plugins: [sourcesStayOutside] }
          : {}),
      });
    }
  } finally {
    await stop();
  }
}
