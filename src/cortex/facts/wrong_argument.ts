import { got } from "../../at_once.ts";
import { FactsValidationError } from "../../errors.ts";
import { INVALID_ARGUMENT } from "../rules/words.ts";

/** The error for an argument of a stand-alone service: its name, what it must be, and what it is. */
export function wrongArgument(
  name: string,
  bound: string,
  value: unknown,
): FactsValidationError {
  const message = `${name} must be ${bound}: ${got(value)}`;
  return new FactsValidationError(message, INVALID_ARGUMENT, name);
}
