/**
 * Bundles the contract cases for the hosts that cannot run the sources: Node 20, workerd, edge-runtime, browsers.
 *
 * Run by `deno task test` (Node only) and `deno task test:hosts` (all).
 */
import { pathOf } from "./command.ts";

const hosts = {
  node: { entry: "cli", format: "esm", extension: ".mjs" },
  workerd: { entry: "workerd", format: "esm", extension: ".mjs" },
  browser: { entry: "browser", format: "esm", extension: ".mjs" },
  edge: { entry: "edge", format: "iife", extension: ".js" },
} as const;

/** A host that gets a bundle. */
export type BundledHost = keyof typeof hosts;

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
      });
    }
  } finally {
    await stop();
  }
}
