import {
  readSchema,
  type SchemaLike,
  type TableJson,
} from "../../src/engine/schema/schema.ts";
import { formatValidator } from "../../src/values/format_validator.ts";
import type { ValidatorJson } from "../../src/values/validator_json.ts";

/** The schemas of an app and of its components. */
interface Schemas {
  schema: SchemaLike | undefined;
  components: { [path: string]: { schema: SchemaLike | undefined } };
}

/** Checks the schemas of an app and of its components. */
export function checkSchemas({ schema, components }: Schemas): void {
  for (const { schema: own } of [{ schema }, ...Object.values(components)]) {
    checkSchema(own);
  }
}

/**
 * Throws for a schema that would work here but that Convex refuses when it is pushed: a document type that is not an
 * object, two equal indexes, or an index over a field that no document can have.
 */
export function checkSchema(schema: SchemaLike | undefined): void {
  const { tables, schemaValidation } = readSchema(schema);
  for (const table of tables) {
    checkType(table);
    checkTwins(table);
    if (schemaValidation) checkFields(table);
  }
}

function checkType({ documentType: type }: TableJson): void {
  const members = type?.type === "union" ? type.value : [type];
  const isTaken = type === null || type.type === "any" ||
    members.every((member) => member?.type === "object");
  if (isTaken) return;
  throw new Error(
    `The document validator in a schema must be an object, a union of objects, or \`v.any()\`. Found ${
      formatValidator(type)
    }. To learn more, see the schema documentation at https://docs.convex.dev/database/schemas.`,
  );
}

/** The indexes of a table, including staged ones. */
function indexesOf(table: TableJson) {
  return {
    fields: [...table.indexes, ...table.stagedDbIndexes ?? []],
    search: [...table.searchIndexes, ...table.stagedSearchIndexes ?? []],
    vector: [
      ...table.vectorIndexes ?? [],
      ...table.stagedVectorIndexes ?? [],
    ],
  };
}

function checkTwins(table: TableJson): void {
  const { fields, search, vector } = indexesOf(table);
  const twins = <Index extends { indexDescriptor: string }>(
    kind: string,
    indexes: Index[],
    keyOf: (index: Index) => string,
    what: string,
  ) => {
    const seen = new Map<string, string>();
    for (const index of indexes) {
      const key = keyOf(index);
      const { indexDescriptor: name } = index;
      const other = seen.get(key);
      seen.set(key, name);
      // Two indexes with the same name have their own error.
      if (other === undefined || other === name) continue;
      throw new Error(
        `In table "${table.tableName}" ${kind} "${name}" and ${kind} "${other}" have the same ${what}`,
      );
    }
  };
  twins(
    "index",
    fields,
    (index) => JSON.stringify(index.fields),
    "fields. Indexes must be unique within a table.",
  );
  twins(
    "search index",
    search,
    (index) => index.searchField,
    "`searchField`. Search index fields must be unique within a table.",
  );
  twins(
    "vector index",
    vector,
    (index) => JSON.stringify([index.vectorField, index.dimensions]),
    "`vectorField`. Vector index fields must be unique within a table.",
  );
}

function checkFields(table: TableJson): void {
  const { documentType: type, tableName } = table;
  if (!type) return;
  const { fields, search, vector } = indexesOf(table);
  const asked: [index: string, field: string][] = [
    ...fields.flatMap(({ indexDescriptor, fields }) =>
      fields.map((field): [string, string] => [indexDescriptor, field])
    ),
    ...search.flatMap(({ indexDescriptor, searchField, filterFields }) =>
      [searchField, ...filterFields]
        .map((field): [string, string] => [indexDescriptor, field])
    ),
    ...vector.map(({ indexDescriptor, vectorField }): [string, string] => [
      indexDescriptor,
      vectorField,
    ]),
  ];
  for (const [index, field] of asked) {
    // System fields have their own error.
    if (field.startsWith("_") || typesAt(type, field.split(".")).length > 0) {
      continue;
    }
    throw new Error(
      `In table "${tableName}" the index "${index}" is invalid because it references the field "${field}" that does not exist.`,
    );
  }
  for (const { indexDescriptor: index, vectorField: field } of vector) {
    if (typesAt(type, field.split(".")).some(mayBeVector)) continue;
    throw new Error(
      `In table "${tableName}" the vector index "${index}" is invalid because it references the field "${field}" that is neither an array of float64 or optional array of float64.`,
    );
  }
}

/** The possible types of the value at a path; empty if there can be no value. */
function typesAt(
  type: ValidatorJson,
  path: readonly string[],
): ValidatorJson[] {
  if (type.type === "union") {
    return type.value.flatMap((member) => typesAt(member, path));
  }
  const [name, ...rest] = path;
  if (name === undefined || type.type === "any") return [type];
  if (type.type === "record") return typesAt(type.values.fieldType, rest);
  if (type.type !== "object" || !Object.hasOwn(type.value, name)) return [];
  return typesAt(type.value[name]!.fieldType, rest);
}

function mayBeVector(type: ValidatorJson): boolean {
  return type.type === "any" ||
    type.type === "array" &&
      typesAt(type.value, []).some(({ type }) =>
        type === "number" || type === "any"
      );
}
