import type { LiveResult } from "../engine/engine.ts";
import { stringifyValue } from "../values/json.ts";
import { describeFailure } from "./function_error.ts";
import { newRequestId } from "./request_id.ts";

/** Texts of results, each made once, however many clients get it. */
export class ResultTexts {
  readonly #texts: WeakMap<LiveResult, { before: string; after: string }> =
    new WeakMap();

  /** A result as a modification of a transition. */
  modification(queryId: number, result: LiveResult): string {
    let text = this.#texts.get(result);
    if (!text) this.#texts.set(result, text = describe(result));
    return `${text.before}${queryId}${text.after}`;
  }
}

function describe(result: LiveResult): { before: string; after: string } {
  const rest = `"logLines":${JSON.stringify(result.logLines)},"journal":${
    JSON.stringify(result.journal)
  }}`;
  if (result.ok) {
    return {
      before: '{"type":"QueryUpdated","queryId":',
      after: `,"value":${stringifyValue(result.value)},${rest}`,
    };
  }
  const failure = describeFailure(result.error, newRequestId());
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
