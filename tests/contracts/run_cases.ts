import type { ContractCase, ContractReport } from "../../src/testing/types.ts";

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

/** How cases are run. */
export interface RunOptions {
  /** How many cases of an area run side by side; one where nothing is said. */
  sideBySide?: Record<string, number>;
  /** Whether a case that fails runs once more, alone, when its area is done: cases measure times, machines are shared. */
  twice?: boolean;
}

/** Runs cases by area, one area after another, and reports what failed. */
export async function runCases(
  areas: Record<string, ContractCase<void>[]>,
  { sideBySide = {}, twice = false }: RunOptions = {},
): Promise<ContractReport> {
  const report: ContractReport = {
    passed: 0,
    failed: 0,
    failures: [],
    again: [],
  };
  for (const [area, cases] of Object.entries(areas)) {
    const failed = await failuresOf(cases, sideBySide[area] ?? 1);
    report.passed += cases.length - failed.length;
    for (const { contractCase, error } of failed) {
      const failure = `${area}: ${contractCase.name}\n${describe(error)}`;
      if (twice && (await failuresOf([contractCase])).length === 0) {
        report.passed++;
        report.again.push(failure);
      } else {
        report.failed++;
        report.failures.push(failure);
      }
    }
  }
  return report;
}

/** A case that failed, and why. */
interface Failure {
  contractCase: ContractCase<void>;
  error: unknown;
}

/** Runs cases, so many at a time, and returns those that failed. */
async function failuresOf(
  cases: ContractCase<void>[],
  atOnce = 1,
): Promise<Failure[]> {
  const failed: Failure[] = [];
  const left = cases.values();
  await Promise.all(Array.from({ length: atOnce }, async () => {
    // What is taken from the iterator by one is not there for the others.
    for (const contractCase of left) {
      try {
        await runInTime(contractCase);
      } catch (error) {
        failed.push({ contractCase, error });
      }
    }
  }));
  return failed;
}

/** Message and stack; some engines leave the message out of the stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? "";
  return stack.includes(error.message) ? stack : `${error}\n${stack}`;
}
