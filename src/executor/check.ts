import { ExecutorError } from "../errors.ts";
import { unknownOption } from "../unknown_option.ts";
import { classOf } from "./wire/cloneable.ts";

/** Longest time that a host's timer can count, in ms. */
export const MAX_TIMER_MS = 2_147_483_647;

/**
 * Checks an option that is a whole number; `undefined` passes.
 *
 * @throws {ExecutorError} `INVALID_OPTION`, naming the option, its bounds and the value.
 */
export function wholeNumber<Value extends number | undefined>(
  name: string,
  value: Value,
  min: number,
  max: number,
): Value {
  if (value === undefined) return value;
  if (!Number.isInteger(value) || value < min || value > max) {
    const rule = `must be a whole number from ${min} to ${max}`;
    throw invalidOption(name, rule, value);
  }
  return value;
}

/** The error for a wrong option; for one that is missing, `rule` says so. */
export function invalidOption(
  name: string,
  rule: string,
  value: unknown,
): ExecutorError {
  const option = `options.${name}`;
  if (value !== undefined) return invalidArgument(option, rule, value);
  return new ExecutorError("INVALID_OPTION", `${option} ${rule}`);
}

/** The error for a wrong argument: its name, what it must be, and what it is. */
export function invalidArgument(
  name: string,
  rule: string,
  value: unknown,
): ExecutorError {
  const message = `${name} ${rule}, not ${shown(value)}`;
  return new ExecutorError("INVALID_OPTION", message);
}

/**
 * Checks that an option is absent or has the given `typeof`.
 *
 * @throws {ExecutorError} `INVALID_OPTION`, naming the option, the type and the value.
 */
export function checkType(
  name: string,
  value: unknown,
  ...types: ("string" | "number" | "boolean" | "function")[]
): void {
  const type: string = typeof value;
  if (value === undefined || (types as string[]).includes(type)) return;
  throw invalidOption(name, `must be a ${types.join(" or a ")}`, value);
}

/**
 * Checks that `options` is an object whose keys are all in `known`. `elsewhere` maps the names that other libraries use
 * for an option to ours, so that the message can suggest it.
 *
 * @throws {ExecutorError} `INVALID_OPTION`, naming `owner` and the option or the value.
 */
export function checkNames(
  owner: string,
  options: unknown,
  known: object,
  elsewhere: { readonly [name: string]: string } = {},
): asserts options is object {
  if (
    typeof options !== "object" || options === null || Array.isArray(options)
  ) {
    throw invalidArgument(`options of ${owner}`, "must be an object", options);
  }
  const wrong = unknownOption(owner, options, known);
  if (!wrong) return;
  const { name, text } = wrong;
  const here = Object.hasOwn(elsewhere, name) && elsewhere[name];
  const message = here
    ? `${owner} has no option "${name}": here it is called ${here}`
    : text;
  throw new ExecutorError("INVALID_OPTION", message);
}

/** How messages show a wrong value: text in quotes, so that "2" is not taken for 2; of an object, only its class. */
function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.slice(0, 80));
    case "function":
      return `the function ${value.name}`.trim();
    case "object":
      return value === null ? "null" : `a value of class ${classOf(value)}`;
    default:
      return String(value);
  }
}
