/** Runs the contract cases in Node and Bun and prints what came out. */
import { runAll } from "../contracts/all.ts";
import { formatReport } from "./report.ts";

interface Process {
  exitCode?: number;
  exit(code: number): never;
  on(event: "unhandledRejection", listener: (error: unknown) => void): void;
  getActiveResourcesInfo?(): string[];
}
const { process } = globalThis as unknown as { process: Process };

const unhandled: string[] = [];
process.on("unhandledRejection", (error) => {
  const text = error instanceof Error ? error.stack : String(error);
  unhandled.push(`unhandled rejection\n${text}`);
});

const report = await runAll();
report.failed += unhandled.length;
report.failures.push(...unhandled);
console.log(formatReport(report));
process.exitCode = report.failed > 0 || report.passed === 0 ? 1 : 0;

/** Time in which the process must end by itself, in ms: an idle executor does not hold it, a closed one neither. */
const graceMs = 10_000;
const timer = setTimeout(() => {
  console.log(
    `FAILED the process does not end: ${process.getActiveResourcesInfo?.()}`,
  );
  process.exit(1);
}, graceMs) as unknown as { unref(): void };
timer.unref();
