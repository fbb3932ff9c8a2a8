/**
 * Our executor and the worker pools of npm, side by side: each in a process of its own, interleaved, the order reversed
 * every other round, on Node 20, Node 24, Deno and Bun. `deno task bench:executor [--rounds=7] [--scale=1]
 * [--hosts=node20,node24,deno,bun] [--only=ours,raw,piscina] [--load=TEXT] [--hog]`
 *
 * `--load` runs only the loads whose name contains the text; with `--load=none`, only the cold start is measured.
 * `--only=ours,comlink,floor` adds what the cold start would be if our pool were only loaded, and its work cost nothing.
 * `--hog` lets another process keep a processor busy meanwhile. The packages are installed from npm into `dist/bench`.
 */
import { pathOf, run } from "../../../tools/command.ts";
import { installRuntimes } from "../../../tools/runtimes.ts";
import { installPackages } from "../../../tools/install_packages.ts";
import { option } from "../../support/option.ts";
import type { Measured } from "./contender.ts";
import { contendersOf, workerFiles } from "./contenders.ts";

const packages = {
  piscina: "5.3.2",
  tinypool: "2.2.0",
  workerpool: "10.0.3",
  poolifier: "5.3.2",
  "poolifier-web-worker": "0.5.15",
  comlink: "4.4.2",
};
/** Contenders without a pool, and ours. */
const noPeers = ["ours", "raw", "floor"];
/** A round in which raw messages go back and forth in less is one on a busy machine, in µs. */
const QUIET_US = 50;
/** Longest time of a contender's process, in ms: some hang. */
const PROCESS_MS = 60_000;

/** Bars: the most that ours may take, as a share of the best peer. Where messages decide, the peer is raw messages. */
const bars: {
  [measurement: string]: { ratio: number; busy?: number; raw?: boolean };
} = {
  // Looking out for one another needs a processor that is free for it.
  "no-op alone": { ratio: 0.2, busy: 1.2 },
  "1000 no-ops in flight": { ratio: 0.1 },
  "100 objects in flight": { ratio: 0.8 },
  "1 MiB string": { ratio: 1.15, raw: true },
  "8 MiB floats copied": { ratio: 1.15, raw: true },
};
/** The bar of every other measurement. */
const otherBar = 1.15;

type Results = { [measurement: string]: Measured };

async function prepare(folder: string): Promise<string> {
  await installPackages(folder, packages);
  for (const [name, text] of Object.entries(workerFiles())) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
  const { build, stop } = await import("esbuild");
  await build({
    // Ours as it is in the npm package, and loaded when it is wanted as the others are: that is part of the cold start.
    entryPoints: {
      contender: pathOf("tests/bench/executor/contender.ts"),
      ours: pathOf("src/executor/mod.ts"),
    },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    external: ["node:*"],
    logLevel: "error",
  }).finally(stop);
  return `${folder}/contender.mjs`;
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

async function runOne(
  command: string[],
  contender: string,
  folder: string,
  scale: string,
  load: string,
): Promise<Results | undefined> {
  const [program, ...args] = command;
  const { code, stdout, stderr } = await run(program!, {
    args: [...args, contender, folder, scale, load],
    cwd: folder,
    timeoutMs: PROCESS_MS,
    quiet: true,
  });
  const line = stdout.trim().split("\n").at(-1) ?? "";
  if (code === 0 && line.startsWith("{")) return JSON.parse(line);
  const reason = code === 124 ? "hangs" : stderr.trim().slice(0, 300);
  console.error(`${contender}: ${reason}`);
  return undefined;
}

/** The table of one host, and whether each bar was held. */
function table(
  host: string,
  all: Map<string, Results[]>,
  quietRounds: number,
  rounds: number,
): string {
  const names = [...all.keys()];
  const peers = names.filter((name) => !noPeers.includes(name));
  const of = (name: string, measurement: string, key: keyof Measured) =>
    median(
      (all.get(name) ?? []).map((results) => results[measurement]![key] ?? NaN),
    );
  const lines = [
    `\n${host}: ${rounds} rounds, ${quietRounds} of them quiet; µs a task, median\n`,
    `| | ${names.join(" | ")} | ours / best peer | bar |`,
    `| --- |${" ---: |".repeat(names.length + 2)}`,
  ];
  const measurements = Object.keys([...all.values()].flat()[0] ?? {});
  const isQuiet = quietRounds * 2 > rounds;
  for (const measurement of measurements) {
    const bar = bars[measurement] ?? { ratio: otherBar };
    const { raw } = bar;
    const ratio = isQuiet ? bar.ratio : bar.busy ?? bar.ratio;
    const values = names.map((name) => of(name, measurement, "value"));
    const rivals = (raw ? ["raw"] : peers)
      .map((name) => of(name, measurement, "value"))
      .filter((value) => value > 0);
    const share = of("ours", measurement, "value") / Math.min(...rivals);
    lines.push(
      `| ${measurement} | ${values.map(show).join(" | ")} | ${
        share.toFixed(2)
      } | ${ratio} ${share <= ratio ? "held" : "missed"} |`,
    );
  }
  lines.push(
    "",
    "What the event loop lets those wait who arrive at any moment, p50 / p99 / longest block, ms:",
    "",
  );
  lines.push(
    `| | ${names.join(" | ")} | p99: ours / best peer | its own doing |`,
    `| --- |${" ---: |".repeat(names.length + 2)}`,
  );
  for (const measurement of measurements.slice(1)) {
    const cells = names.map((name) =>
      (["p50Ms", "p99Ms", "maxMs"] as const)
        .map((key) => of(name, measurement, key).toFixed(1)).join(" / ")
    );
    for (const key of ["p99Ms", "ownP99Ms"] as const) {
      const best = Math.min(
        ...peers.map((name) => of(name, measurement, key))
          .filter((ms) => ms >= 0),
      );
      const ours = of("ours", measurement, key);
      // Below a millisecond it is the lateness of timers themselves.
      const isHeld = ours <= Math.max(best, 1);
      cells.push(
        `${ours.toFixed(1)} / ${best.toFixed(1)} ${isHeld ? "held" : "missed"}`,
      );
    }
    lines.push(`| ${measurement} | ${cells.join(" | ")} |`);
  }
  return lines.join("\n");
}

function show(value: number): string {
  if (!(value >= 0)) return "–";
  return value < 10 ? value.toFixed(2) : value.toFixed(0);
}

const rounds = Number(option("rounds", "7"));
const scale = option("scale", "1");
const folder = pathOf("dist/bench");
const entry = await prepare(folder);
const runtimes = await installRuntimes();
const hosts: { [name: string]: string[] } = {
  node20: [runtimes.node(20), entry],
  node24: [runtimes.node(24), entry],
  deno: [Deno.execPath(), "run", "-A", "--quiet", entry],
  bun: [runtimes.bun, entry],
};
const hog = Deno.args.includes("--hog")
  ? new Deno.Command(Deno.execPath(), { args: ["eval", "for (;;);"] }).spawn()
  : undefined;
try {
  for (const host of option("hosts", Object.keys(hosts).join()).split(",")) {
    const only = option("only", "").split(",").filter(Boolean);
    const names = contendersOf(host)
      .filter((name) =>
        only.length === 0 ? name !== "floor" : only.includes(name)
      );
    const all = new Map<string, Results[]>(names.map((name) => [name, []]));
    const failures = new Map<string, number>();
    let quietRounds = 0;
    for (let round = 0; round < rounds; round++) {
      const order = round % 2 === 0 ? names : names.toReversed();
      for (const name of order) {
        // What hung twice would hang again.
        if ((failures.get(name) ?? 0) > 1) continue;
        const results = await runOne(
          hosts[host]!,
          name,
          folder,
          scale,
          option("load", ""),
        );
        if (results) all.get(name)!.push(results);
        else failures.set(name, (failures.get(name) ?? 0) + 1);
        const pingUs = results?.["no-op alone"]?.value ?? 0;
        if (name === "raw" && pingUs >= QUIET_US) quietRounds++;
      }
    }
    console.log(table(host, all, quietRounds, rounds));
  }
} finally {
  hog?.kill();
}
