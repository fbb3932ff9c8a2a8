import type { ValidatorJson } from "../../values/validate.ts";

/** A type in the form of `/api/shapes2`, for Convex's tools. */
export type Shape = { type: string; [part: string]: unknown };

const names: { [type: string]: string } = {
  any: "Unknown",
  null: "Null",
  number: "Float64",
  bigint: "Int64",
  commitTs: "Int64",
  boolean: "Boolean",
  string: "String",
  function: "String",
  bytes: "Bytes",
};

/** The shape of a type. */
export function shapeOf(type: ValidatorJson): Shape {
  switch (type.type) {
    case "literal":
      return {
        type: typeof type.value === "object"
          ? "Int64"
          : names[typeof type.value]!,
      };
    case "id":
      return { type: "Id", tableName: type.tableName };
    case "array":
      return { type: "Array", shape: shapeOf(type.value) };
    case "union":
      return type.value.length === 0
        ? { type: "Never" }
        : { type: "Union", shapes: type.value.map(shapeOf) };
    case "object":
      return {
        type: "Object",
        fields: Object.entries(type.value)
          .map(([fieldName, { fieldType, optional }]) => ({
            fieldName,
            optional,
            shape: shapeOf(fieldType),
          })),
      };
    case "record":
      return {
        type: "Record",
        keyShape: shapeOf(type.keys),
        valueShape: {
          fieldName: "*",
          optional: type.values.optional,
          shape: shapeOf(type.values.fieldType),
        },
      };
    default:
      return { type: names[type.type]! };
  }
}
