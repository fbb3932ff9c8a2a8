/**
 * The randomised cases at full size on Node 20, Node 24 and Bun, each in a process of its own, and a file larger than
 * the memory of the process that reads it:
 * `deno task test:hosts:long [chaos] [faults] [paged] [--hosts=node20,node24,bun] [--count=10000] [--seeds=1,2,3]`
 */
import { build, stop } from "esbuild";
import { pathOf, run } from "../../tools/command.ts";
import { installRuntimes } from "../../tools/runtimes.ts";
import { option } from "../support/option.ts";

interface Program {
  entry: string;
  count: string;
  /** Of its randomness. Default 1, 2 and 3. */
  seeds?: string;
  /** On which it runs. Default all. */
  hosts?: string;
  /** Further arguments of Node. */
  flags?: string[];
}

/** Programs that take a count and a seed. */
const PROGRAMS: { [name: string]: Program } = {
  chaos: { entry: "tests/executor/chaos_process.ts", count: "100000" },
  faults: { entry: "tests/client/fault_process.ts", count: "10000" },
  // The count is in MiB, four times the heap. Nothing is random, and Node 20 has no SQLite.
  paged: {
    entry: "tests/engine/paged_process.ts",
    count: "256",
    seeds: "1",
    hosts: "node24,bun",
    flags: [
      "--max-old-space-size=64",
      "--single-threaded-gc",
      "--no-incremental-marking",
    ],
  },
};

const runtimes = await installRuntimes();
const executables: { [host: string]: string } = {
  node20: runtimes.node(20),
  node24: runtimes.node(24),
  bun: runtimes.bun,
};
const names = Object.keys(PROGRAMS);
const chosen = names.filter((name) => Deno.args.includes(name));
for (const name of chosen.length > 0 ? chosen : names) {
  const { entry, count, ...only } = PROGRAMS[name]!;
  const { seeds = "1,2,3", hosts = Object.keys(executables).join() } = only;
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
  for (const seed of option("seeds", seeds).split(",")) {
    for (const host of option("hosts", hosts).split(",")) {
      const startMs = performance.now();
      const flags = host === "bun" ? [] : ["--expose-gc", ...only.flags ?? []];
      const { code, stdout, stderr } = await run(executables[host]!, {
        args: [...flags, outfile, option("count", count), seed],
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
