/**
 * Runs the project of `tests/fixtures/vitest_project` with Vitest, on the Node that runs this, and prints the count.
 *
 * Usage: `node tests/hosts/run_vitest.ts <folder with vitest and convex-test installed>`
 */
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";

const [folder = ""] = process.argv.slice(2);
// Beside the packages, where a project's own tests lie.
const project = resolve(folder, "vitest_project");
rmSync(project, { recursive: true, force: true });
cpSync(new URL("../fixtures/vitest_project", import.meta.url), project, {
  recursive: true,
});

const report = resolve(project, "report.json");
const { status } = spawnSync(process.execPath, [
  resolve(folder, "node_modules/vitest/vitest.mjs"),
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile=${report}`,
], {
  cwd: project,
  env: {
    ...process.env,
    CORTEX_SOURCES: new URL("../../src/", import.meta.url).href,
  },
  stdio: "inherit",
});
const { numPassedTests, numFailedTests } = JSON.parse(
  readFileSync(report, "utf8"),
) as { numPassedTests: number; numFailedTests: number };
console.log(`${numPassedTests} passed, ${numFailedTests} failed`);
process.exit(status ?? 1);
