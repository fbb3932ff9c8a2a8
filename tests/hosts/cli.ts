/**
 * Runs the contract cases in Node and Bun and prints what came out. `CORTEX_LIVE_URL` is the server for those of live
 * queries. With `CI=true` a case that fails runs once more.
 */
import { runAll } from "../contracts/all.ts";
import { formatReport } from "./report.ts";

interface Process {
  env: { CI?: string; CORTEX_LIVE_URL?: string };
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

// Node 20 has no WebSocket of its own, so the client is given one.
const ws = "ws";
const WebSocket = "WebSocket" in globalThis
  ? undefined
  : (await import(ws)).WebSocket;
const { CORTEX_LIVE_URL: url } = process.env;
const report = await runAll(
  url === undefined ? undefined : { url, WebSocket },
  {
    // Cases of the facade share nothing and wait most of their time, for workers, files and connections.
    sideBySide: { facade: 3 },
    twice: process.env.CI === "true",
  },
);
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
