import { stringifyValue } from "../../values/json.ts";
import type { Value } from "../../values/types.ts";
import type { ValidationProblem } from "../../values/validate.ts";
import type { ValidatorJson } from "../../values/validator_json.ts";

/** Whether an error's cause is a validation problem. */
export function isProblem(cause: unknown): cause is ValidationProblem {
  return typeof cause === "object" && cause !== null && "validator" in cause;
}

/** The message of `convex-test` for a value that does not match. */
export function problemText(
  { reason, field, validator, value }: ValidationProblem,
): string {
  return `Validator error: ${
    reason === "missing"
      ? `Missing required field \`${field}\` in object`
      : reason === "extra"
      ? `Unexpected field \`${field}\` in object`
      : mismatch(validator, value)
  }`;
}

function mismatch(validator: ValidatorJson, value: Value | undefined): string {
  if (validator.type === "id" && typeof value === "string") {
    return `Expected ID for table "${validator.tableName}", got \`${value}\``;
  }
  if (validator.type === "union") {
    const got = value === undefined ? value : stringifyValue(value);
    return `Expected one of ${
      validator.value.map(({ type }) => type).join(", ")
    }, got \`${got}\``;
  }
  const isOther = validator.type === "object" && typeof value === "object" &&
    value !== null;
  return `Expected ${
    isOther ? "a plain old JavaScript `object`" : `\`${nameOf(validator)}\``
  }, got \`${String(value)}\``;
}

function nameOf(validator: ValidatorJson): string {
  switch (validator.type) {
    case "id":
      return "string";
    case "bytes":
      return "ArrayBuffer";
    case "array":
      return "Array";
    case "commitTs":
    case "function":
      return `v.${validator.type}()`;
    case "literal":
      return String(validator.value);
    default:
      return validator.type;
  }
}
