import { assertEquals } from "@std/assert";
import {
  type CortexError,
  isAbortError,
  isClosedError,
  isConnectionError,
  isCortexError,
  isFunctionError,
  isOverloadedError,
  isProtocolError,
  isRateLimitedError,
  isTimeoutError,
  isValidationError,
  MemoryValidationError,
  OverloadedError,
  StoreError,
  TimeoutError,
} from "../mod.ts";

/** An error handler that asks one guard after another: the last branch compiles only if none takes the type away. */
function answer(error: Error): string {
  if (isAbortError(error)) return error.name;
  if (!isCortexError(error)) return error.message;
  return ofCortex(error);
}

function ofCortex(error: CortexError): string {
  if (isValidationError(error)) return `field ${error.field}`;
  if (isTimeoutError(error)) return "too late";
  if (isRateLimitedError(error)) return "too many";
  if (isOverloadedError(error)) {
    const code:
      | "OVERLOADED"
      | "CIRCUIT_OPEN"
      | "REQUEST_LIMIT"
      | "RATE_LIMITED" = error.code;
    return code;
  }
  if (isConnectionError(error) || isProtocolError(error)) return "no answer";
  if (isClosedError(error) || isFunctionError(error)) return "failed";
  return `other: ${error.code}`;
}

Deno.test("guards can follow one another, and leave the type of what they exclude", () => {
  assertEquals(
    [
      new DOMException("cancelled", "AbortError"),
      new TypeError("a mistake"),
      new MemoryValidationError("query cannot be empty", "EMPTY", "query"),
      new MemoryValidationError("arguments", "INVALID"),
      new TimeoutError("TIMEOUT", "not answered"),
      new OverloadedError("CIRCUIT_OPEN", "wait"),
      new StoreError("STORE_LOCKED", "in use"),
    ].map(answer),
    [
      "AbortError",
      "a mistake",
      "field query",
      "field undefined",
      "too late",
      "CIRCUIT_OPEN",
      "other: STORE_LOCKED",
    ],
  );
});
