import {
  ConvexError,
  type CortexErrorOptions,
  FunctionError,
  ProtocolError,
} from "../errors.ts";
import { jsonToValue } from "../values/json.ts";
import { shown } from "../at_once.ts";
import type { JsonValue, Value } from "../values/types.ts";

/** Convex's texts for what happened before or after the function ran, and the codes that the engine has for them. */
const TEXT_CODES: readonly (readonly [RegExp, string])[] = [
  [
    /Could not find public function for |Trying to execute \S+ as /,
    "FUNCTION_NOT_FOUND",
  ],
  [/(^|\n)ArgumentValidationError: /, "ARGUMENT_VALIDATION"],
  [/(^|\n)ReturnsValidationError: /, "RETURN_VALIDATION"],
  [
    /Too many .+ in a single function execution|Too many functions scheduled|Too large total size|execution timed out/,
    "LIMIT_EXCEEDED",
  ],
];

/** What is known of a failed function besides its message. */
type Circumstances = Pick<
  CortexErrorOptions,
  "requestId" | "logLines" | "cause"
>;

/** Error of a function that failed without data of its own: `FUNCTION_ERROR` or a closer code. */
export function functionError(
  message: string,
  circumstances: Circumstances = {},
): FunctionError {
  const code = TEXT_CODES.find(([text]) => text.test(message))?.[1] ??
    "FUNCTION_ERROR";
  return new FunctionError(code, message, circumstances);
}

/** Error of a function that threw a `ConvexError` with this data; the server's own text is the cause. */
export function thrownError(
  data: unknown,
  message: string,
  circumstances: Circumstances = {},
): ConvexError {
  return new ConvexError(data, {
    ...circumstances,
    cause: new FunctionError("FUNCTION_ERROR", message),
  });
}

/** True for an answer in the form that Convex gives a function's outcome. */
export function isFunctionResponse(
  body: unknown,
): body is FunctionResponse {
  const { status, errorMessage } = (body ?? {}) as { [name: string]: unknown };
  return status === "success" ||
    status === "error" && typeof errorMessage === "string";
}

/** A function's outcome on the wire. */
export type FunctionResponse =
  & { logLines?: readonly string[] }
  & (
    | { status: "success"; value: JsonValue }
    | { status: "error"; errorMessage: string; errorData?: JsonValue }
  );

/** The function's value; throws the function's error. With `isDecoded` the values in it are no longer encoded. */
export function unwrapResponse(
  response: FunctionResponse,
  isDecoded = false,
  requestId?: string,
): Value {
  const { logLines } = response;
  const decode = (value: JsonValue): Value =>
    isDecoded ? value : decoded(value, { requestId, logLines });
  if (response.status === "success") return decode(response.value ?? null);
  const { errorMessage, errorData } = response;
  // The server's message contains the request id, whoever chose it.
  const circumstances = {
    requestId: requestIdIn(errorMessage) ?? requestId,
    logLines,
  };
  throw errorData === undefined
    ? functionError(errorMessage, circumstances)
    : thrownError(decode(errorData), errorMessage, circumstances);
}

/** The id of its request that a failure's text names. */
export function requestIdIn(message: string): string | undefined {
  return /\[Request ID: ([^\]]+)\]/.exec(message)?.[1];
}

function decoded(json: JsonValue, circumstances: Circumstances): Value {
  try {
    return jsonToValue(json);
  } catch (cause) {
    throw new ProtocolError(
      "BAD_RESPONSE",
      `The answer holds a value that Convex cannot hold: ${
        shown((cause as Error).message)
      }`,
      { ...circumstances, cause },
    );
  }
}
