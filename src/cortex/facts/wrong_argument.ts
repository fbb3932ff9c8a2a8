import { got } from "../../at_once.ts";
import { FactsValidationError } from "../../errors.ts";
import { INVALID_ARGUMENT } from "../rules/words.ts";

/** The error of an argument of a service by itself: its name, what it must be and what it is. */
export function wrongArgument(
  name: string,
  bound: string,
  value: unknown,
): FactsValidationError {
  const message = `${name} must be ${bound}: ${got(value)}`;
  return new FactsValidationError(message, INVALID_ARGUMENT, name);
}
