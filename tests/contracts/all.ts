import type { ContractCase, ContractReport } from "../../src/testing/types.ts";
import { cases as client } from "./client.ts";
import { cases as engine } from "./engine.ts";
import { cases as executor } from "./executor.ts";
import { cases as facade } from "./facade.ts";
import { cases as store } from "./store.ts";
import { cases as values } from "./values.ts";

/** Every contract case for the host that runs them, by area. */
export const areas: Record<string, ContractCase<void>[]> = {
  values,
  store,
  executor,
  engine,
  client,
  facade,
};

/** Runs every case, one after another, and reports what failed. */
export async function runAll(): Promise<ContractReport> {
  const report: ContractReport = { passed: 0, failed: 0, failures: [] };
  for (const [area, cases] of Object.entries(areas)) {
    for (const { name, run } of cases) {
      try {
        await run();
        report.passed++;
      } catch (error) {
        report.failed++;
        report.failures.push(
          `${area}: ${name}: ${(error as Error)?.stack ?? error}`,
        );
      }
    }
  }
  return report;
}
