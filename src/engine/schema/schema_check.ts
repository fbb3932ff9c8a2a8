import { EngineError } from "../../errors.ts";
import {
  MAX_VECTOR_DIMENSIONS,
  MIN_VECTOR_DIMENSIONS,
} from "../../values/limits.ts";
import { checkIdentifier } from "./catalog.ts";
import type { EngineLimits } from "../limits.ts";
import type { SchemaJson, TableJson } from "./schema.ts";

/** Indexes that every table has. */
const OWN_INDEXES = ["by_id", "by_creation_time"];

/**
 * Refuses what Convex refuses to deploy; an index may end in `_creationTime` on request. Throws `INVALID_SCHEMA`, naming table, index, value and bound, and
 * `INVALID_NAME`.
 */
export function checkSchema(
  { tables }: SchemaJson,
  limits: EngineLimits,
  mayIndexTime: boolean,
): void {
  for (const table of tables) {
    checkIdentifier("table", table.tableName);
    checkTable(table, limits, mayIndexTime);
  }
}

function checkTable(
  table: TableJson,
  limits: EngineLimits,
  mayIndexTime: boolean,
): void {
  const { tableName } = table;
  const indexes = [...table.indexes, ...table.stagedDbIndexes ?? []];
  const searchIndexes = [
    ...table.searchIndexes,
    ...table.stagedSearchIndexes ?? [],
  ];
  const vectorIndexes = [
    ...table.vectorIndexes ?? [],
    ...table.stagedVectorIndexes ?? [],
  ];
  const all = [...indexes, ...searchIndexes, ...vectorIndexes];
  atMost(`table "${tableName}"`, all.length, limits.tableIndexes, "indexes");
  const names = new Set<string>();
  for (const { indexDescriptor: name } of all) {
    checkIdentifier("index", name);
    if (OWN_INDEXES.includes(name)) {
      throw invalid(`index ${tableName}.${name}: the name is reserved`);
    }
    if (names.has(name)) {
      throw invalid(`index ${tableName}.${name} is defined twice`);
    }
    names.add(name);
  }
  for (const { indexDescriptor: name, fields } of indexes) {
    const label = `index ${tableName}.${name}`;
    const own = mayIndexTime && fields.at(-1) === "_creationTime"
      ? fields.slice(0, -1)
      : fields;
    if (own.length === 0) throw invalid(`${label} has no fields`);
    atMost(label, own.length, limits.indexFields, "fields");
    checkFields(label, own);
    for (const field of own) {
      const reserved = reservedField(field);
      if (reserved) throw invalid(`${label}: ${reserved}`);
    }
  }
  const checkSearchFields = (
    label: string,
    field: string,
    filterFields: readonly string[],
  ) => {
    checkFields(label, [field]);
    checkFields(label, filterFields);
    atMost(label, filterFields.length, limits.indexFields, "filter fields");
  };
  for (const index of searchIndexes) {
    const label = `search index ${tableName}.${index.indexDescriptor}`;
    checkSearchFields(label, index.searchField, index.filterFields);
  }
  for (const index of vectorIndexes) {
    const label = `vector index ${tableName}.${index.indexDescriptor}`;
    checkSearchFields(label, index.vectorField, index.filterFields);
    const { dimensions } = index;
    if (
      !Number.isInteger(dimensions) || dimensions < MIN_VECTOR_DIMENSIONS ||
      dimensions > MAX_VECTOR_DIMENSIONS
    ) {
      throw invalid(
        `${label}: dimensions must be an integer from ${MIN_VECTOR_DIMENSIONS} to ${MAX_VECTOR_DIMENSIONS}, got ${dimensions}`,
      );
    }
  }
}

/** Why an index may not name a field; undefined when it may. */
function reservedField(field: string): string | undefined {
  if (field === "_id") {
    return "`_id` is not a valid index field. To load documents by ID, use `db.get(id)`.";
  }
  if (field === "_creationTime") {
    return "`_creationTime` is automatically added to the end of each index. It should not be added explicitly in the index definition.";
  }
  return field.split(".").some((step) => step.startsWith("_"))
    ? `Reserved fields (starting with \`_\`) are not allowed in indexes, got ${field}`
    : undefined;
}

function checkFields(label: string, fields: readonly string[]): void {
  fields.forEach((field, at) => {
    if (fields.indexOf(field) < at) {
      throw invalid(`${label} names the field "${field.slice(0, 80)}" twice`);
    }
    if (field.split(".").some((step) => !/^[A-Za-z_][\w]*$/.test(step))) {
      throw invalid(
        `${label}: ${
          JSON.stringify(field.slice(0, 80))
        } is no path of fields such as "a" or "a.b"`,
      );
    }
  });
}

function atMost(
  label: string,
  value: number,
  bound: number,
  what: string,
): void {
  if (value <= bound) return;
  throw invalid(`${label} has ${value} ${what}, the limit is ${bound}`);
}

function invalid(message: string): EngineError {
  return new EngineError("INVALID_SCHEMA", message);
}
