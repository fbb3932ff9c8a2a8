/** Runs the contract cases in Node and Bun and prints what came out. */
import { runAll } from "../contracts/all.ts";
import { formatReport } from "./report.ts";

const { process } = globalThis as unknown as {
  process: { exitCode?: number };
};

const report = await runAll();
console.log(formatReport(report));
if (report.failed > 0 || report.passed === 0) process.exitCode = 1;
