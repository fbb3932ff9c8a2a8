/**
 * Runs the contract cases on every host but Deno. `deno task test:hosts [host ...] [--but=host]`
 *
 * Each host prints its failures and, alone on a line, `N passed, N failed`. A host that is not to be had is reported
 * as skipped with the reason; with `CI=true` in the environment that is a failure.
 */
import { startLiveServer } from "../tests/support/live_server.ts";
import { type BundledHost, bundlePath, bundleTests } from "./bundle_tests.ts";
import { type CommandResult, deno, pathOf, run } from "./command.ts";
import { findChromium, installRuntimes, type Runtimes } from "./runtimes.ts";

interface Host {
  name: string;
  bundle?: BundledHost;
  /** Runs the cases; those of live queries talk to the server at `live`. */
  run(
    runtimes: Runtimes,
    live: string,
  ): Promise<CommandResult | { missing: string }>;
}

/** Shown when the host is done, for another runs beside it. */
const kept = { timeoutMs: 600_000, quiet: true };
const cli = pathOf("tests/hosts/cli.ts");
const cliEnv = (live: string) => ({ CORTEX_LIVE_URL: live });

function nodeOnSources(major: 24 | 26): Host {
  return {
    name: `node ${major}`,
    run: (runtimes, live) =>
      run(runtimes.node(major), {
        args: ["--no-warnings", cli],
        env: cliEnv(live),
        ...kept,
      }),
  };
}

/** Those that take longest come first, so that at the end none of them runs alone. */
const hosts: Host[] = [
  {
    name: "node 20",
    bundle: "node",
    run: (runtimes, live) =>
      run(runtimes.node(20), {
        args: [bundlePath("node")],
        env: cliEnv(live),
        ...kept,
      }),
  },
  {
    name: "node 22",
    bundle: "node22",
    run: (runtimes, live) =>
      run(runtimes.node(22), {
        args: ["--no-warnings", bundlePath("node22")],
        env: cliEnv(live),
        ...kept,
      }),
  },
  nodeOnSources(24),
  nodeOnSources(26),
  {
    name: "bun",
    run: (runtimes, live) =>
      run(runtimes.bun, { args: [cli], env: cliEnv(live), ...kept }),
  },
  {
    name: "chromium",
    bundle: "browser",
    run: async (runtimes, live) => {
      const chromium = await findChromium();
      if ("missing" in chromium) return chromium;
      return await run(runtimes.node(24), {
        args: [
          pathOf("tests/hosts/run_chromium.ts"),
          runtimes.folder,
          bundlePath("browser"),
          chromium.path,
          live,
        ],
        ...kept,
      });
    },
  },
  {
    name: "workerd",
    bundle: "workerd",
    run: (runtimes, live) =>
      deno([
        "run",
        "-A",
        "tests/hosts/run_workerd.ts",
        runtimes.workerd,
        "2026-11-01",
        live,
      ], kept),
  },
  {
    name: "edge-runtime",
    bundle: "edge",
    run: (runtimes) =>
      run(runtimes.node(24), {
        args: [
          pathOf("tests/hosts/run_edge.ts"),
          runtimes.folder,
          bundlePath("edge"),
        ],
        ...kept,
      }),
  },
  {
    name: "vitest",
    run: (runtimes) =>
      run(runtimes.node(24), {
        args: [pathOf("tests/hosts/run_vitest.ts"), runtimes.folder],
        ...kept,
      }),
  },
];

const BUT = "--but=";
const leftOut = Deno.args.filter((arg) => arg.startsWith(BUT))
  .map((arg) => arg.slice(BUT.length));
const asked = Deno.args.filter((arg) => !arg.startsWith(BUT));
const chosen = hosts.filter(({ name }) =>
  (asked.length === 0 || asked.includes(name)) && !leftOut.includes(name)
);
const known = [...asked, ...leftOut]
  .every((arg) => hosts.some(({ name }) => name === arg));
if (!known || chosen.length === 0) {
  console.error(`hosts are: ${hosts.map(({ name }) => name).join(", ")}`);
  Deno.exit(2);
}

const inCi = Deno.env.get("CI") === "true";
const runtimes = await installRuntimes();
await bundleTests(chosen.flatMap(({ bundle }) => bundle ?? []));

const summary: string[] = [];

/** Runs a host and prints what it printed; false if a case failed. */
async function runHost(host: Host): Promise<boolean> {
  const startMs = performance.now();
  await using live = startLiveServer();
  const result = await host.run(runtimes, live.url);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(`== ${host.name}`);
  if ("missing" in result) {
    console.log(`skipped: ${result.missing}`);
    summary.push(`${host.name}: skipped, ${result.missing}`);
    return !inCi;
  }
  console.log(`${result.stdout}${result.stderr}`);
  const count = result.stdout.match(/^\d+ passed, \d+ failed$/m)?.[0];
  summary.push(
    `${host.name}: ${
      count ?? `no result, exit code ${result.code}`
    } (${seconds} s)`,
  );
  return result.code === 0 && count !== undefined;
}

/**
 * Three for each processor: a host's cases wait for a third of their time, for timers and connections, and none that
 * starts late is left to run alone at the end.
 */
const atOnce = 3 * navigator.hardwareConcurrency;

/** Runs `hosts` side by side; returns those that failed. */
async function runHosts(hosts: Host[]): Promise<Host[]> {
  const left = hosts.values();
  const failed: Host[] = [];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (const host of left) if (!await runHost(host)) failed.push(host);
  }));
  return failed;
}

let failed = await runHosts(chosen);
if (inCi) {
  // The cases measure times and CI's machines are shared: once more, alone; both runs are in the summary.
  const again = failed;
  failed = [];
  for (const host of again) if (!await runHost(host)) failed.push(host);
}
console.log(`\n${summary.join("\n")}`);
Deno.exit(failed.length > 0 ? 1 : 0);
