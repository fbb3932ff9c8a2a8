/**
 * Serves the workerd bundle by a workerd binary on the loopback, asks it once and prints the report.
 *
 * Usage: `deno run -A tests/hosts/run_workerd.ts <workerd binary> [compatibility date] [server of live
 * queries]`
 */
import type { ContractReport } from "../../src/testing/types.ts";
import { bundlePath } from "../../tools/bundle_tests.ts";
import { freePort } from "../support/free_port.ts";
import { formatReport } from "./report.ts";

const [binary, date = "2026-11-01", live] = Deno.args;
if (!binary) throw new Error("name the workerd binary");

const port = freePort();
const objects = await Deno.makeTempDir();
const config = `${bundlePath("workerd").replace(/[^/\\]+$/, "")}workerd.capnp`;
await Deno.writeTextFile(
  config,
  `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "workerd.mjs", esModule = embed "workerd.mjs")],
      compatibilityDate = "${date}",
      durableObjectNamespaces = [
        (className = "CasesObject", uniqueKey = "cases", enableSql = true),
        (className = "Memory", uniqueKey = "memory", enableSql = true),
      ],
      durableObjectStorage = (localDisk = "objects"),
      bindings = [
        (name = "CASES", durableObjectNamespace = "CasesObject"),
        (name = "MEMORY", durableObjectNamespace = "Memory"),
        (name = "SELF", service = "main"),
        (name = "NODE", service = "node"),
      ],
    )),
    (name = "node", worker = (
      modules = [(name = "workerd.mjs", esModule = embed "workerd.mjs")],
      compatibilityDate = "${date}",
      compatibilityFlags = ["nodejs_compat"],
    )),
    (name = "internet", network = (allow = ["public", "private"])),
    (name = "objects", disk = (path = "${objects}", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`,
);
const server = new Deno.Command(binary, {
  args: ["serve", config],
  stdin: "null",
  stdout: "inherit",
  stderr: "inherit",
}).spawn();

/** Waits until the server takes connections or has ended. */
async function listening(): Promise<void> {
  const ended = server.status.then(({ code }) => {
    throw new Error(`workerd ended with code ${code} before it listened`);
  });
  ended.catch(() => {});
  for (let attempt = 0;; attempt++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch (error) {
      if (attempt === 200) throw error;
      await Promise.race([ended, new Promise((ok) => setTimeout(ok, 50))]);
    }
  }
}

try {
  await listening();
  const query = live === undefined ? "" : `?live=${encodeURIComponent(live)}`;
  const response = await fetch(`http://127.0.0.1:${port}/${query}`);
  if (!response.ok) {
    throw new Error(
      `workerd answered ${response.status}: ${await response.text()}`,
    );
  }
  const report: ContractReport = await response.json();
  console.log(formatReport(report));
  if (report.failed > 0 || report.passed === 0) Deno.exitCode = 1;
} finally {
  server.kill();
  await server.status;
  await Deno.remove(objects, { recursive: true });
}
