import type { LiveResult } from "../engine/engine.ts";
import { stringifyValue } from "../values/json.ts";
import type { FailureReport } from "./failure_report.ts";
import { describeFailure, isServerFailure } from "./function_error.ts";
import { newRequestId } from "./request_sender.ts";

/** Texts of results, each made once, however many clients get it. */
export class ResultTexts {
  readonly #texts: WeakMap<LiveResult, { before: string; after: string }> =
    new WeakMap();
  readonly #redactErrors: boolean;

  readonly #report: FailureReport;

  /** Takes whether clients learn that a function failed, and no more, and who is told of failures below functions. */
  constructor(redactErrors: boolean, report: FailureReport) {
    this.#redactErrors = redactErrors;
    this.#report = report;
  }

  /** A result as a modification of a transition. */
  modification(queryId: number, result: LiveResult): string {
    let text = this.#texts.get(result);
    if (!text) {
      if (!result.ok && isServerFailure(result.error)) {
        this.#report(result.error);
      }
      this.#texts.set(result, text = describe(result, this.#redactErrors));
    }
    return `${text.before}${queryId}${text.after}`;
  }
}

function describe(
  result: LiveResult,
  redactErrors: boolean,
): { before: string; after: string } {
  const logLines = JSON.stringify(redactErrors ? [] : result.logLines);
  const rest = `"logLines":${logLines},"journal":${
    JSON.stringify(result.journal)
  }}`;
  if (result.ok) {
    return {
      before: '{"type":"QueryUpdated","queryId":',
      after: `,"value":${stringifyValue(result.value)},${rest}`,
    };
  }
  const failure = describeFailure(result.error, newRequestId(), redactErrors);
  const message = failure.kind === "server"
    ? failure.message
    : failure.errorMessage;
  const data = failure.kind === "function" && failure.errorData !== undefined
    ? `"errorData":${stringifyValue(failure.errorData)},`
    : "";
  return {
    before: '{"type":"QueryFailed","queryId":',
    after: `,"errorMessage":${JSON.stringify(message)},${data}${rest}`,
  };
}
