import type { ContractReport } from "../../src/testing/types.ts";

/** Colours that @std/assert puts into its messages where it finds no environment that forbids them. */
const colours = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");

function indented(failure: string): string {
  return failure.replaceAll(colours, "").replace(/\n\s*\n+/g, "\n")
    .replaceAll("\n", "\n    ");
}

/** Text of a report: each failure with its stack, then the counts alone on the last line. */
export function formatReport(report: ContractReport): string {
  return [
    ...report.again.map((failure) =>
      `held only the second time: ${indented(failure)}`
    ),
    ...report.failures.map((failure) => `FAILED ${indented(failure)}`),
    `${report.passed} passed, ${report.failed} failed`,
  ].join("\n");
}
