import type { ValidatorJson } from "../../values/validator_json.ts";
import { keptByObject } from "../../engine/schema/kept_by_object.ts";
import type { SchemaJson } from "../../engine/schema/schema.ts";

/** A validator as `convex-test` sees it: it does not check values of `v.function()` and `v.record()`. */
export function mockValidator(validator: ValidatorJson): ValidatorJson {
  switch (validator.type) {
    case "function":
    case "record":
      return { type: "any" };
    case "array":
      return { ...validator, value: mockValidator(validator.value) };
    case "union":
      return { ...validator, value: validator.value.map(mockValidator) };
    case "object":
      return {
        ...validator,
        value: Object.fromEntries(
          Object.entries(validator.value).map(([name, field]) => [
            name,
            { ...field, fieldType: mockValidator(field.fieldType) },
          ]),
        ),
      };
    default:
      return validator;
  }
}

/** A schema with such validators. */
export const mockSchema: (schema: SchemaJson) => SchemaJson = keptByObject(
  (schema) => {
    const tables = schema.tables.map((table) => ({
      ...table,
      documentType: table.documentType && mockValidator(table.documentType),
    }));
    return { ...schema, tables };
  },
);
