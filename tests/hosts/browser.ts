/** Module for a browser page: the runner calls `runContracts` and gets the report. */
import { assert, assertEquals } from "@std/assert";
import { createExecutor } from "../../src/executor/executor.ts";
import type { ContractReport } from "../../src/testing/types.ts";
import { runAll, runCases } from "../contracts/all.ts";
import { cases as executor } from "../contracts/executor.ts";

/** For a page whose content security policy forbids `data:`: the executor runs without a worker, and says so. */
async function runStrict(): Promise<void> {
  const executor = createExecutor({ handler: (n) => Number(n) ** 2 });
  assertEquals(await executor.run(7), 49);
  assertEquals(executor.kind, "inline");
  assert(/content security policy/.test(executor.refusal?.message ?? ""));
  await executor.close();
}

/** For a page that may share memory with its workers: the executor's cases once more, through it. */
async function runIsolated(): Promise<ContractReport> {
  const page = globalThis as { crossOriginIsolated?: boolean };
  assert(page.crossOriginIsolated);
  return await runCases({ executor });
}

Object.assign(globalThis, {
  // As in `cli.ts`: cases of the facade share nothing and wait for workers and connections.
  runContracts: (url?: string) =>
    runAll(url === undefined ? undefined : { url }, { facade: 4 }),
  runIsolated,
  runStrict,
});
