/**
 * The randomised cases at full size on Node 20, Node 24 and Bun, each in a process of its own:
 * `deno task test:hosts:long [chaos] [faults] [--hosts=node20,node24,bun] [--count=10000] [--seeds=1,2,3]`
 */
import { build, stop } from "esbuild";
import { pathOf, run } from "../../tools/command.ts";
import { installRuntimes } from "../../tools/runtimes.ts";
import { option } from "../support/option.ts";

/** Programs that take a count and a seed. */
const PROGRAMS: { [name: string]: { entry: string; count: string } } = {
  chaos: { entry: "tests/executor/chaos_process.ts", count: "100000" },
  faults: { entry: "tests/client/fault_process.ts", count: "10000" },
};

const runtimes = await installRuntimes();
const hosts: { [host: string]: string[] } = {
  node20: [runtimes.node(20), "--expose-gc"],
  node24: [runtimes.node(24), "--expose-gc"],
  bun: [runtimes.bun],
};
const names = Object.keys(PROGRAMS);
const chosen = names.filter((name) => Deno.args.includes(name));
for (const name of chosen.length > 0 ? chosen : names) {
  const { entry, count } = PROGRAMS[name]!;
  const outfile = pathOf(`dist/test/${name}.mjs`);
  await build({
    entryPoints: [pathOf(entry)],
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    mainFields: ["module", "main"],
    external: ["node:*"],
    logLevel: "error",
  });
  for (const seed of option("seeds", "1,2,3").split(",")) {
    for (const host of option("hosts", Object.keys(hosts).join()).split(",")) {
      const startMs = performance.now();
      const [program, ...args] = hosts[host]!;
      const { code, stdout, stderr } = await run(program!, {
        args: [...args, outfile, option("count", count), seed],
        quiet: true,
      });
      const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
      console.log(
        `${name}, ${host}, seed ${seed}: ${code === 0 ? "ok" : "FAILED"}`,
        [
          `${seconds} s`,
          stdout.trim(),
          ...code === 0 ? [] : [`code ${code}`, stderr.slice(0, 2000)],
        ].join(", "),
      );
      if (code !== 0) Deno.exitCode = 1;
    }
  }
}
await stop();
