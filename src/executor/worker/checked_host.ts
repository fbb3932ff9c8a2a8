import { ExecutorError } from "../../errors.ts";
import type { HandlerHost } from "../types.ts";

/**
 * Checks the result of a `CreateHandler`.
 *
 * @throws {ExecutorError} `HANDLER_FAILED` when it is not a handler.
 */
export function checkedHost(given: HandlerHost): HandlerHost {
  if (typeof given?.handle === "function") return given;
  throw new ExecutorError(
    "HANDLER_FAILED",
    `createHandler must return { handle }, a function; it returned ${
      given === null ? "null" : `a value of type ${typeof given}`
    }`,
  );
}
