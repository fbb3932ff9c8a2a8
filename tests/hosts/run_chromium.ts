/**
 * Opens the browser bundle in Chromium and prints the report. For Node 22 or newer.
 *
 * Usage: `node tests/hosts/run_chromium.ts <folder with playwright-core installed> <bundle> <chromium> [server of live
 * queries]`
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import type { AddressInfo } from "node:net";
import type { ContractReport } from "../../src/testing/types.ts";
import { formatReport } from "./report.ts";

/** What is needed of playwright-core. Functions are sent to the page as text. */
interface Playwright {
  chromium: {
    launchPersistentContext(profile: string, options: {
      executablePath?: string;
      headless: boolean;
      args: string[];
    }): Promise<{ newPage(): Promise<Page>; close(): Promise<void> }>;
  };
}
interface Page {
  on(event: "pageerror", listener: (error: Error) => void): void;
  goto(url: string): Promise<unknown>;
  waitForFunction(code: string): Promise<unknown>;
  evaluate(code: string): Promise<unknown>;
}

const [folder = "", bundle = "", executablePath, live] = process.argv.slice(2);
const { chromium }: Playwright = createRequire(
  resolve(folder, "package.json"),
)("playwright-core");

const html = '<link rel="icon" href="data:,">' +
  '<script type="module" src="/tests.mjs"></script>';
const server = createServer((request, response) => {
  const isModule = request.url === "/tests.mjs";
  // Forbids `data:` and `blob:`, and making code of text.
  if (request.url === "/strict") {
    response.setHeader("content-security-policy", "script-src 'self'");
  }
  // Lets the page share memory.
  if (request.url === "/isolated") {
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
  }
  response.setHeader(
    "content-type",
    isModule ? "text/javascript" : "text/html",
  );
  response.end(isModule ? readFileSync(bundle) : html);
});
await new Promise<void>((listening) =>
  server.listen(0, "127.0.0.1", listening)
);
const profile = mkdtempSync(join(tmpdir(), "cortex-chromium-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath,
  headless: true,
  args: [
    "--no-sandbox",
    "--host-resolver-rules=MAP insecure.test 127.0.0.1",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  const page = await browser.newPage();
  const unhandled: string[] = [];
  page.on("pageerror", ({ stack }) => unhandled.push(`page error\n${stack}`));
  const { port } = server.address() as AddressInfo;
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.waitForFunction("globalThis.runContracts");
  const report = await page.evaluate(
    `runContracts(${JSON.stringify(live)})`,
  ) as ContractReport;
  await page.goto(`http://127.0.0.1:${port}/isolated`);
  await page.waitForFunction("globalThis.runIsolated");
  const isolated = await page.evaluate("runIsolated()") as ContractReport;
  report.passed += isolated.passed;
  report.failed += isolated.failed + unhandled.length;
  report.failures.push(
    ...isolated.failures.map((failure) => `shared memory: ${failure}`),
    ...unhandled,
  );
  const others = [
    ["strict policy", `http://127.0.0.1:${port}/strict`, "runStrict()"],
    [
      "plain HTTP",
      `http://insecure.test:${port}/`,
      `runInsecure(${JSON.stringify(live)})`,
    ],
  ] as const;
  for (const [name, url, call] of others) {
    await page.goto(url);
    await page.waitForFunction("globalThis.runContracts");
    try {
      await page.evaluate(call);
      report.passed++;
    } catch (error) {
      report.failed++;
      report.failures.push(`${name}\n${(error as Error).stack}`);
    }
  }
  console.log(formatReport(report));
  if (report.failed > 0 || report.passed === 0) process.exitCode = 1;
} finally {
  await browser.close();
  server.close();
  rmSync(profile, { recursive: true, force: true });
}
