import { decodeBase64 } from "../../values/base64.ts";
import { isPlainObject } from "../../values/kinds.ts";
import type { Value } from "../../values/types.ts";
import {
  type ValidateOptions,
  validateValue,
  type ValidatorJson,
} from "../../values/validate.ts";

const specialFloats: { [text: string]: number } = {
  NaN: NaN,
  Infinity: Infinity,
  "-Infinity": -Infinity,
};

/**
 * Converts a value from a file to the type that its validator expects: files contain values that JSON cannot represent
 * (int64, bytes, `NaN`) as text. A value that fits, or cannot be converted, stays as it is; validation of the document
 * reports the latter.
 */
export function coerced(
  validator: ValidatorJson,
  value: Value,
  options: ValidateOptions,
): Value {
  const fits = (validator: ValidatorJson, value: Value) =>
    validateValue(validator, value, options) === undefined;
  if (fits(validator, value)) return value;
  const members = (
    validatorOf: (name: string) => ValidatorJson | undefined,
  ): Value =>
    mapMembers(value, (name, member) => {
      const validator = validatorOf(name);
      return validator ? coerced(validator, member, options) : member;
    });
  switch (validator.type) {
    case "bigint":
      return toInt64(value);
    case "number":
      return toFloat64(value);
    case "bytes":
      return typeof value === "string"
        ? decodeBase64(value)?.buffer ?? value
        : value;
    case "array":
      return Array.isArray(value)
        ? value.map((element) => coerced(validator.value, element, options))
        : value;
    case "object":
      return members((name) =>
        Object.hasOwn(validator.value, name)
          ? validator.value[name]!.fieldType
          : undefined
      );
    case "record":
      return members(() => validator.values.fieldType);
    case "union":
      for (const choice of validator.value) {
        const better = coerced(choice, value, options);
        if (fits(choice, better)) return better;
      }
      return value;
    default:
      return value;
  }
}

function toInt64(value: Value): Value {
  const isDigits = typeof value === "string" && /^-?\d{1,19}$/.test(value);
  return isDigits || Number.isSafeInteger(value)
    ? BigInt(value as string | number)
    : value;
}

function toFloat64(value: Value): Value {
  return typeof value === "string" && Object.hasOwn(specialFloats, value)
    ? specialFloats[value]!
    : value;
}

/** Converts the members of an object; any other value stays as it is. */
function mapMembers(
  value: Value,
  convert: (name: string, member: Value) => Value,
): Value {
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value as { [name: string]: Value });
  return Object.fromEntries(
    entries.map(([name, member]) => [name, convert(name, member)]),
  );
}
