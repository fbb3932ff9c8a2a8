import type { LiveResult } from "../../engine/engine.ts";
import { stringifyValue } from "../../values/json.ts";
import type { FailureReport } from "../failure_report.ts";
import { describeFailure, isServerFailure } from "../function_error.ts";
import { newRequestId } from "../request_sender.ts";

/** Most characters of cached texts: the followers of a query get its result within a short time. */
const MAX_LENGTH = 64 * 1024 * 1024;

/** Caches the encoded texts of results, so that each is encoded once, however many clients follow the query. */
export class ResultTexts {
  readonly #texts: WeakMap<LiveResult, Kept> = new WeakMap();
  /** The latest texts, oldest first. They do not reference the results, which nobody may follow any more. */
  readonly #kept: Set<Kept> = new Set();
  #length = 0;
  readonly #maxLength: number;
  readonly #redactErrors: boolean;
  readonly #report: FailureReport;

  /** `redactErrors` hides details of failures from clients; `report` receives failures of the server itself. */
  constructor(
    redactErrors: boolean,
    report: FailureReport,
    maxLength = MAX_LENGTH,
  ) {
    this.#maxLength = maxLength;
    this.#redactErrors = redactErrors;
    this.#report = report;
  }

  /** A result encoded as a modification of a transition. */
  modification(queryId: number, result: LiveResult): string {
    const { before, after } = this.#texts.get(result)?.text ??
      this.#make(result);
    return `${before}${queryId}${after}`;
  }

  #make(result: LiveResult): ResultText {
    if (!result.ok && isServerFailure(result.error)) {
      this.#report(result.error);
    }
    const made = describe(result, this.#redactErrors);
    const added: Kept = { text: made };
    this.#texts.set(result, added);
    this.#kept.add(added);
    this.#length += made.after.length;
    for (const kept of this.#kept) {
      if (this.#length <= this.#maxLength) break;
      this.#kept.delete(kept);
      this.#length -= kept.text!.after.length;
      kept.text = undefined;
    }
    return made;
  }
}

/** The text of a result, until it is evicted by later ones. */
interface Kept {
  text: ResultText | undefined;
}

/** A text without the query's number, which goes between the two parts. */
interface ResultText {
  before: string;
  after: string;
}

function describe(
  result: LiveResult,
  redactErrors: boolean,
): ResultText {
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
