import { ClientError, ConvexError } from "../errors.ts";
import { jsonToValue } from "../values/json.ts";
import { shown } from "./shown.ts";
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
    /Too many .+ in a single function execution|in one transaction is \d+, the limit is |execution timed out/,
    "LIMIT_EXCEEDED",
  ],
];

/** Error of a function that failed without data of its own: a `ClientError`, `FUNCTION_ERROR` or a closer code. */
export function functionError(message: string): ClientError {
  const code = TEXT_CODES.find(([text]) => text.test(message))?.[1] ??
    "FUNCTION_ERROR";
  return new ClientError(code, message);
}

/** Error of a function that threw a `ConvexError` with this data; the server's own text is the cause. */
export function thrownError(data: unknown, message: string): ConvexError {
  return new ConvexError(data, {
    cause: new ClientError("FUNCTION_ERROR", message),
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
  | { status: "success"; value: JsonValue }
  | { status: "error"; errorMessage: string; errorData?: JsonValue };

/** The function's value; throws the function's error. */
export function unwrapResponse(response: FunctionResponse): Value {
  if (response.status === "success") return decode(response.value ?? null);
  const { errorMessage, errorData } = response;
  throw errorData === undefined
    ? functionError(errorMessage)
    : thrownError(decode(errorData), errorMessage);
}

function decode(json: JsonValue): Value {
  try {
    return jsonToValue(json);
  } catch (cause) {
    throw new ClientError(
      "BAD_RESPONSE",
      `The answer holds a value that Convex cannot hold: ${
        shown((cause as Error).message)
      }`,
      { cause },
    );
  }
}
