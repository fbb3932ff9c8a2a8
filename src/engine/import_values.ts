import { decodeBase64 } from "../values/base64.ts";
import { isPlainObject } from "../values/kinds.ts";
import type { Value } from "../values/types.ts";
import type { ValidatorJson } from "../values/validator_json.ts";

const specialFloats: { [text: string]: number } = {
  NaN: NaN,
  Infinity: Infinity,
  "-Infinity": -Infinity,
};

/**
 * A value out of a file that writes what JSON has no form for as texts (integers, bytes, `NaN`), as its validator would
 * have it. What fits no better is left as it is: the check of the document tells what is wrong with it.
 */
export function fitted(validator: ValidatorJson, value: Value): Value {
  switch (validator.type) {
    case "bigint":
      return typeof value === "string" && /^-?\d{1,19}$/.test(value) ||
          Number.isSafeInteger(value)
        ? BigInt(value as string | number)
        : value;
    case "number":
      return typeof value === "string" && Object.hasOwn(specialFloats, value)
        ? specialFloats[value]!
        : value;
    case "bytes":
      return typeof value === "string"
        ? decodeBase64(value)?.buffer ?? value
        : value;
    case "array":
      return Array.isArray(value)
        ? value.map((element) => fitted(validator.value, element))
        : value;
    case "object":
      return members(
        value,
        (name) =>
          Object.hasOwn(validator.value, name)
            ? validator.value[name]!.fieldType
            : undefined,
      );
    case "record":
      return members(value, () => validator.values.fieldType);
    case "union": {
      // A text stays one where it may be one.
      const { value: choices } = validator;
      const isText = typeof value === "string";
      const mayBeText = choices.some(({ type }) =>
        /^(any|string|id)$/.test(type)
      );
      if (isText && mayBeText) return value;
      for (const choice of choices) {
        const better = fitted(choice, value);
        if (
          better !== value && !(isPlainObject(value) || Array.isArray(value))
        ) {
          return better;
        }
      }
      const whole = choices.find(({ type }) =>
        type === (Array.isArray(value) ? "array" : "object")
      );
      return whole && typeof value === "object" ? fitted(whole, value) : value;
    }
    default:
      return value;
  }
}

function members(
  value: Value,
  validatorOf: (name: string) => ValidatorJson | undefined,
): Value {
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const validator = validatorOf(name);
      return [name, validator ? fitted(validator, member as Value) : member];
    }),
  ) as Value;
}
