/**
 * Runs everything on Deno, then the contract cases on the Node that is on PATH. `deno task test [--long] [filter]`
 *
 * `CORTEX_TEST_SCALE` is the size of the randomised cases (default 0.05; 1 with `--long`), `CORTEX_TEST_SEED` the
 * seed they start from (default: a new one, printed, so that a failure can be replayed). `--long` runs on Deno only.
 * With `CI=true` what failed runs once more, alone.
 */
import { startLiveServer } from "../tests/support/live_server.ts";
import { bundlePath, bundleTests } from "./bundle_tests.ts";
import { type CommandResult, deno, findNode, pathOf, run } from "./command.ts";
import { failedFiles } from "./failed_files.ts";
import { groupTests, testFiles } from "./test_groups.ts";

const long = Deno.args.includes("--long");
const filter = Deno.args.find((arg) => !arg.startsWith("--"));
const env = {
  CORTEX_TEST_SCALE: Deno.env.get("CORTEX_TEST_SCALE") ?? (long ? "1" : "0.05"),
  CORTEX_TEST_SEED: Deno.env.get("CORTEX_TEST_SEED") ??
    String(crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1),
};

const filterArgs = filter ? ["--filter", filter] : [];
const counts: string[] = [];
const startMs = performance.now();
/** Runs what failed once more. */
let failed: (() => Promise<void>)[] = [];

/** Keeps the outcome of a runner, and how to run it again, for the end. */
function report(
  runner: string,
  { code, stdout }: CommandResult,
  again: () => Promise<void>,
): void {
  const [, passed, failures] = stdout.match(
    // Deno's summary ("ok | 3 passed (2 steps) | 0 failed") or that of the contract runner.
    /^(?:(?:ok|FAILED) \| )?(\d+) passed(?: \(\d+ steps?\))?(?: \||,) (\d+) failed/m,
  ) ?? [];
  const line = `${passed} passed, ${failures} failed`;
  if (passed === undefined) console.log(`${runner}: exit code ${code}`);
  else if (!stdout.includes(line)) console.log(line);
  if (code !== 0 || passed === undefined) failed.push(again);
  const seconds = ((performance.now() - startMs) / 1000).toFixed();
  counts.push(
    `${runner}: ${passed ?? 0} passed, ${failures ?? "?"} failed` +
      ` (done after ${seconds} s)`,
  );
}

console.log(
  `seed ${env.CORTEX_TEST_SEED}, scale ${env.CORTEX_TEST_SCALE}: ` +
    `CORTEX_TEST_SEED=${env.CORTEX_TEST_SEED} CORTEX_TEST_SCALE=${env.CORTEX_TEST_SCALE} replays it`,
);

/** Runs a runner whose output is shown when it is done, for it runs beside another. */
async function beside(
  title: string,
  work: () => Promise<CommandResult>,
  runner: string,
  again: () => Promise<void>,
): Promise<void> {
  const result = await work();
  console.log(`== ${title}\n${result.stdout}${result.stderr}`);
  report(runner, result, again);
}

/** Test files that set variables of their process: those beside them in it would see them. */
async function filesWithVariables(): Promise<string[]> {
  const files: string[] = [];
  for (const file of Object.values(await testFiles()).flat()) {
    const text = await Deno.readTextFile(pathOf(file));
    if (text.includes('support/variables.ts"')) files.push(file);
  }
  return files.sort();
}

async function testsWithVariables(files: string[]): Promise<void> {
  await beside(
    "deno, tests that set variables",
    () =>
      deno(["test", "-A", "--quiet", "--no-check", ...filterArgs, ...files], {
        env,
        quiet: true,
      }),
    "deno, with variables",
    () => testsWithVariables(files),
  );
}

async function nodeContracts(): Promise<void> {
  const node = await findNode();
  if ("missing" in node) {
    console.log(`== node, contract cases\nskipped: ${node.missing}`);
    counts.push(`node: skipped, ${node.missing}`);
    return;
  }
  await bundleTests(["node"]);
  await using live = startLiveServer();
  await beside(
    "node, contract cases",
    () =>
      run(node.path, {
        args: [bundlePath("node")],
        env: { CORTEX_LIVE_URL: live.url },
        quiet: true,
      }),
    `node ${node.version}`,
    nodeContracts,
  );
}

/** One more than there are processors: tests wait for timers, programs that they start, and connections. */
const jobs = navigator.hardwareConcurrency + 1;

async function everythingElse(modules: string[]): Promise<void> {
  console.log("== deno");
  const result = await deno([
    "test",
    "-A",
    "--quiet",
    "--no-check",
    "--parallel",
    ...filterArgs,
    ...modules,
  ], { env: { DENO_JOBS: String(jobs), ...env }, timeoutMs: 3_600_000 });
  const again = failedFiles(result.stdout) ?? modules;
  report("deno", result, () => everythingElse(again));
}

/** What goes one after the other, beside the tests that fill the cores only most of the time. */
async function oneByOne(alone: string[]): Promise<void> {
  await testsWithVariables(alone);
  if (long || filter) return;
  await nodeContracts();
}

// Types are checked by `deno task check`.
const alone = await filesWithVariables();
await using groups = await groupTests((file) => alone.includes(file));
await Promise.all([everythingElse(groups.modules), oneByOne(alone)]);

if (Deno.env.get("CI") === "true") {
  // Some cases measure times, and CI's machines are shared; both outcomes are in the counts.
  const again = failed;
  failed = [];
  for (const runAgain of again) await runAgain();
}

console.log(`\n${counts.join("\n")}`);
Deno.exitCode = failed.length > 0 ? 1 : 0;
