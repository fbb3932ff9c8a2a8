import { type CortexError, isConvexError, isCortexError } from "../errors.ts";
import {
  isUncaught,
  placesOf,
  uncaughtText,
} from "../engine/functions/thrown.ts";
import type { Value } from "../values/types.ts";

/** How a failed call is answered: as an error of the function, or as a failure of the server. */
export type CallFailure =
  | {
    kind: "function";
    errorMessage: string;
    errorData?: Value;
  }
  | { kind: "server"; status: number; code: string; message: string };

/** Data by which `usePaginatedQuery` knows that it must start again, even where messages are redacted. */
const CURSOR_DATA: Value = {
  isConvexSystemError: true,
  paginationError: "InvalidCursor",
};

/**
 * Convex's response to a call that failed with `error`. An error of the function keeps its message, and its data if it
 * is a `ConvexError`; redacted, as in production, only the data. A failure of the server shows no detail, because that
 * may name files of the host.
 */
export function describeFailure(
  error: unknown,
  requestId: string,
  isRedacted = false,
): CallFailure {
  const failure = describeFully(error, requestId);
  return isRedacted && failure.kind === "function"
    ? { ...failure, errorMessage: headline(requestId) }
    : failure;
}

function describeFully(error: unknown, requestId: string): CallFailure {
  if (isConvexError(error)) {
    return {
      kind: "function",
      errorMessage: serverError(
        requestId,
        `Uncaught ${nameOf(error)}: ${error.message}${
          placesOf(error.cause ?? error)
        }`,
      ),
      errorData: error.data as Value,
    };
  }
  if (!isCortexError(error) || error.name === "ValueError") {
    return {
      kind: "function",
      errorMessage: serverError(requestId, uncaughtText(error)),
    };
  }
  if (error.code === "QUEUE_FULL") {
    return serverFailure(503, "Overloaded", "Too many requests wait.");
  }
  if (
    error.name !== "EngineError" || error.code === "COMMIT_FAILED" ||
    // The function was running when the store failed.
    isCortexError(error.cause) && error.cause.name === "StoreError"
  ) return serverFailure(500, "InternalServerError", "The request failed.");
  return describeEngineError(error, requestId);
}

/** Whether an error is a failure of the server itself, which its operator should know of. */
export function isServerFailure(error: unknown): boolean {
  const failure = describeFully(error, "");
  return failure.kind === "server" && failure.status === 500;
}

function serverFailure(
  status: number,
  code: string,
  message: string,
): CallFailure {
  return { kind: "server", status, code, message };
}

function describeEngineError(
  error: CortexError,
  requestId: string,
): CallFailure {
  switch (error.code) {
    case "ENGINE_CLOSED":
    case "ENGINE_LOST":
      return serverFailure(503, "ServiceUnavailable", "The engine is closed.");
    case "OUT_OF_RETENTION":
      return serverFailure(503, "OutOfRetention", error.message);
    case "ARGUMENT_VALIDATION":
      return labelled("ArgumentValidationError", error, requestId);
    case "RETURN_VALIDATION":
      return labelled("ReturnsValidationError", error, requestId);
    case "FUNCTION_ERROR":
      return {
        kind: "function",
        errorMessage: serverError(requestId, error.message),
      };
    default:
      return {
        kind: "function",
        errorMessage: serverError(
          requestId,
          isUncaught(error) ? uncaughtText(error) : error.message,
        ),
        ...(error.code === "INVALID_CURSOR" && { errorData: CURSOR_DATA }),
      };
  }
}

function labelled(
  label: string,
  error: CortexError,
  requestId: string,
): CallFailure {
  const text = error.message.startsWith(label)
    ? error.message
    : `${label}: ${error.message}`;
  return {
    kind: "function",
    errorMessage: serverError(requestId, text),
  };
}

function serverError(requestId: string, text: string): string {
  return `${headline(requestId)}\n${text}`;
}

/** The first line of an error message for clients. */
export function headline(requestId: string): string {
  return `[Request ID: ${requestId}] Server Error`;
}

/**
 * Name of the `ConvexError` that a function threw: it is the cause of the one that left the engine, and may be of a
 * derived class.
 */
function nameOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.name : error.name;
}
