import type { ContractCase, ContractReport } from "../../src/testing/types.ts";
import { cases as client } from "./client.ts";
import { cases as convexTest } from "./convex_test.ts";
import { cases as engine } from "./engine.ts";
import { cases as executor } from "./executor.ts";
import { cases as facade } from "./facade.ts";
import { cases as faults } from "./faults.ts";
import type { LiveSubject } from "../../src/testing/client/live_contract.ts";
import { liveCases } from "./live.ts";
import { cases as server } from "./server.ts";
import { cases as store } from "./store.ts";
import { cases as values } from "./values.ts";

/** Every contract case for the host that runs them, by area. */
const areas: Record<string, ContractCase<void>[]> = {
  values,
  store,
  executor,
  engine,
  convexTest,
  client,
  faults,
  facade,
  server,
};

/**
 * Seconds that a case may take; a case that hangs must not hide the others. They are counted as the event loop comes to
 * count them: on a machine so busy that this process gets little of it, a second takes longer, too.
 */
const caseSeconds = 120;

async function runInTime({ run }: ContractCase<void>): Promise<void> {
  let timer: ReturnType<typeof setInterval> | undefined;
  const late = new Promise<never>((_, reject) => {
    let seconds = 0;
    timer = setInterval(() => {
      if (++seconds < caseSeconds) return;
      reject(new Error(`not done after ${caseSeconds} s`));
    }, 1000);
  });
  try {
    await Promise.race([run(), late]);
  } finally {
    clearInterval(timer);
  }
}

/** How many cases of an area run side by side; one where nothing is said. */
export type SideBySide = Record<string, number>;

/** Runs every case and reports what failed; those of live queries if there is a server. */
export function runAll(
  live?: LiveSubject,
  sideBySide?: SideBySide,
): Promise<ContractReport> {
  return runCases(
    // First: an engine that runs replaces `fetch`, and then no connection moves to a worker.
    live === undefined ? areas : { live: liveCases(live), ...areas },
    sideBySide,
  );
}

/** Runs cases by area, one area after another, and reports what failed. */
export async function runCases(
  areas: Record<string, ContractCase<void>[]>,
  sideBySide: SideBySide = {},
): Promise<ContractReport> {
  const report: ContractReport = { passed: 0, failed: 0, failures: [] };
  for (const [area, cases] of Object.entries(areas)) {
    const left = cases.values();
    const runners = Array.from({ length: sideBySide[area] ?? 1 }, async () => {
      // What is taken from the iterator by one is not there for the others.
      for (const contractCase of left) {
        try {
          await runInTime(contractCase);
          report.passed++;
        } catch (error) {
          report.failed++;
          report.failures.push(
            `${area}: ${contractCase.name}\n${describe(error)}`,
          );
        }
      }
    });
    await Promise.all(runners);
  }
  return report;
}

/** Message and stack; some engines leave the message out of the stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? "";
  return stack.includes(error.message) ? stack : `${error}\n${stack}`;
}
