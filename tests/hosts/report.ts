import type { ContractReport } from "../../src/testing/types.ts";

/** Text of a report: each failure with its stack, then the counts alone on the last line. */
export function formatReport(report: ContractReport): string {
  return [
    ...report.failures.map((failure) =>
      `FAILED ${failure.replaceAll("\n", "\n    ")}`
    ),
    `${report.passed} passed, ${report.failed} failed`,
  ].join("\n");
}
