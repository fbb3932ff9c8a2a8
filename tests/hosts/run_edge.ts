/**
 * Runs the edge bundle in edge-runtime and prints the report. For Node 22 or newer.
 *
 * Usage: `node tests/hosts/run_edge.ts <folder with edge-runtime installed> <bundle>`
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import process from "node:process";
import { formatReport } from "./report.ts";

interface EdgeRuntimeModule {
  EdgeRuntime: new (options: { initialCode: string }) => {
    dispatchFetch(url: string): Promise<Response>;
  };
}

const [folder = "", bundle = ""] = process.argv.slice(2);
const { EdgeRuntime }: EdgeRuntimeModule = createRequire(
  resolve(folder, "package.json"),
)("edge-runtime");

const unhandled: string[] = [];
process.on("unhandledRejection", (error) => {
  const text = error instanceof Error ? error.stack : String(error);
  unhandled.push(`unhandled rejection\n${text}`);
});

const runtime = new EdgeRuntime({ initialCode: readFileSync(bundle, "utf8") });
const response = await runtime.dispatchFetch("http://localhost/");
const text = await response.text();
if (!response.ok) throw new Error(`answered ${response.status}: ${text}`);
const report = JSON.parse(text);
report.failed += unhandled.length;
report.failures.push(...unhandled);
console.log(formatReport(report));
process.exit(report.failed > 0 || report.passed === 0 ? 1 : 0);
