/**
 * The chaos of `chaos_test.ts` on other hosts: `deno task setup && deno run -A tests/executor/chaos_hosts.ts
 * [--hosts=node20,node24,bun] [--tasks=100000] [--seeds=1,2,3]`
 */
import { pathOf, run } from "../../tools/command.ts";
import { installRuntimes } from "../../tools/runtimes.ts";

function option(name: string, otherwise: string): string {
  const found = Deno.args.find((text) => text.startsWith(`--${name}=`));
  return found?.split("=")[1] ?? otherwise;
}

const entry = pathOf("dist/test/chaos.mjs");
const { build, stop } = await import("esbuild");
await build({
  entryPoints: [pathOf("tests/executor/chaos_process.ts")],
  outfile: entry,
  bundle: true,
  format: "esm",
  platform: "neutral",
  target: "es2022",
  mainFields: ["module", "main"],
  external: ["node:*"],
  logLevel: "error",
}).finally(stop);
const runtimes = await installRuntimes();
const programs: { [host: string]: string } = {
  node20: runtimes.node(20),
  node24: runtimes.node(24),
  bun: runtimes.bun,
};
for (const seed of option("seeds", "1,2,3").split(",")) {
  for (const host of option("hosts", Object.keys(programs).join()).split(",")) {
    const startMs = performance.now();
    const { code, stdout, stderr } = await run(programs[host]!, {
      args: [entry, option("tasks", "100000"), seed],
      timeoutMs: 600_000,
      quiet: true,
    });
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    console.log(
      `${host}, seed ${seed}: ${code === 0 ? "ok" : "FAILED"}`,
      [
        `${seconds} s`,
        stdout.trim(),
        ...code === 0 ? [] : [`code ${code}`, stderr.slice(0, 2000)],
      ].join(", "),
    );
    if (code !== 0) Deno.exitCode = 1;
  }
}
