import { cutText, formatValue, writeList } from "./format.ts";
import { formatNumber } from "./format_number.ts";
import { jsonToValue } from "./json.ts";
import type { ValidatorJson } from "./validator_json.ts";

/** Longest text of a validator in a message, in characters. */
const MAX_TEXT_LENGTH = 400;

/**
 * Formats a validator for messages, as the source text that makes it, such as `v.object({x: v.optional(v.string())})`.
 * Fields are sorted by name, as in Convex's messages and as those of values are.
 */
export function formatValidator(validator: ValidatorJson): string {
  return cutText(write(validator, MAX_TEXT_LENGTH), MAX_TEXT_LENGTH);
}

function write(validator: ValidatorJson, budget: number): string {
  if (budget < 0) return "";
  switch (validator.type) {
    case "number":
      return "v.float64()";
    case "bigint":
      return "v.int64()";
    case "id":
      return `v.id(${JSON.stringify(validator.tableName)})`;
    case "literal":
      return `v.literal(${
        formatValue(jsonToValue(validator.value), formatNumber)
      })`;
    case "array":
      return `v.array(${write(validator.value, budget)})`;
    case "record":
      return `v.record(${write(validator.keys, budget)}, ${
        write(validator.values.fieldType, budget)
      })`;
    case "union":
      return `v.union(${writeList(validator.value, budget, write)})`;
    case "object":
      return `v.object({${
        writeList(
          Object.keys(validator.value).sort(),
          budget,
          (name, left) => {
            const { fieldType, optional } = validator.value[name]!;
            const text = write(fieldType, left);
            return `${name}: ${optional ? `v.optional(${text})` : text}`;
          },
        )
      }})`;
    default:
      return `v.${validator.type}()`;
  }
}
