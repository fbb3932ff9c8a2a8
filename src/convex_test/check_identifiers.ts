import type { SchemaJson } from "../engine/schema/schema.ts";
import type { ValidatorJson } from "../values/validator_json.ts";
import { EngineError } from "../errors.ts";

const IDENTIFIER = /^(?:_(?:id|creationTime)|[a-zA-Z][a-zA-Z0-9_]*)$/;

/**
 * Refuses names of tables, indexes and document fields that are no identifiers, as `convex-test` does. Throws what
 * `outward` makes of an `INVALID_NAME` error.
 */
export function checkIdentifiers(
  { tables }: SchemaJson,
  outward: (error: unknown) => unknown,
): void {
  const check = (what: string, names: string[]) => {
    const name = names.find((name) => !IDENTIFIER.test(name));
    if (name === undefined) return;
    const text = `${what} names must be valid identifiers, got ${
      JSON.stringify(name.slice(0, 80))
    }`;
    throw outward(new EngineError("INVALID_NAME", text));
  };
  for (const { tableName, documentType, indexes } of tables) {
    check("Table", [tableName]);
    check("Field", documentType ? fieldNames(documentType) : []);
    check("Index", indexes.map(({ indexDescriptor }) => indexDescriptor));
  }
}

/** Names of the fields that a document may have. */
function fieldNames(validator: ValidatorJson): string[] {
  return validator.type === "union"
    ? validator.value.flatMap(fieldNames)
    : validator.type === "object"
    ? Object.keys(validator.value)
    : [];
}
