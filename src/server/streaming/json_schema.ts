import type { ValidatorJson } from "../../values/validate.ts";
import type { Format } from "../http/client_version.ts";
import type { ObjectType } from "./value_types.ts";

/** A JSON Schema. */
export type JsonSchema = { [keyword: string]: unknown } | boolean;

const VERSION = "http://json-schema.org/draft-07/schema#";

/** Fields that an export adds to each document. */
const added: { [name: string]: JsonSchema } = {
  _ts: { type: "integer" },
  _deleted: { type: "boolean" },
  _component: { type: "string" },
  _table: { type: "string" },
};

/** Schema of the documents of a table, in the format of an answer; false (nothing matches) if there are none. */
export function tableSchema(
  type: ObjectType | undefined,
  format: Format,
  hasAddedFields: boolean,
): JsonSchema {
  if (!type) return false;
  const schema = objectSchema(type, format);
  if (hasAddedFields) Object.assign(schema.properties, added);
  return { ...schema, $schema: VERSION };
}

function objectSchema({ value }: ObjectType, format: Format) {
  const properties: { [name: string]: JsonSchema } = {};
  const required: string[] = [];
  for (const [name, { fieldType, optional }] of Object.entries(value)) {
    properties[name] = schemaOf(fieldType, format);
    if (!optional) required.push(name);
  }
  return { type: "object", properties, additionalProperties: false, required };
}

function schemaOf(type: ValidatorJson, format: Format): JsonSchema {
  switch (type.type) {
    case "any":
      return {};
    case "bigint":
    case "commitTs":
      return special("Int64", "$integer", format);
    case "bytes":
      return special("Bytes", "$bytes", format);
    case "id":
      return { $description: `Id(${type.tableName})`, type: "string" };
    case "function":
      return { type: "string" };
    case "literal":
      return typeof type.value === "object"
        ? special("Int64", "$integer", format)
        : { type: typeof type.value };
    case "array":
      return { type: "array", items: schemaOf(type.value, format) };
    case "union":
      return type.value.length === 0
        ? {}
        : { anyOf: type.value.map((member) => schemaOf(member, format)) };
    case "object":
      return objectSchema(type, format);
    case "record": {
      const { fieldType } = type.values;
      return {
        type: "object",
        additionalProperties: schemaOf(fieldType, format),
      };
    }
    default:
      return { type: type.type };
  }
}

function special(name: string, key: string, format: Format): JsonSchema {
  if (format === "clean") return { $description: name, type: "string" };
  return {
    $description: name,
    type: "object",
    properties: { [key]: { type: "string" } },
    additionalProperties: false,
    required: [key],
  };
}
