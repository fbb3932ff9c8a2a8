import { EngineError } from "../../errors.ts";
import {
  MAX_VECTOR_DIMENSIONS,
  MIN_VECTOR_DIMENSIONS,
} from "../../values/limits.ts";
import { checkIdentifier } from "./catalog.ts";
import type { EngineLimits } from "../limits/limits.ts";
import type { SchemaJson, TableJson } from "./schema.ts";

/** Indexes that every table has. */
const OWN_INDEXES = ["by_id", "by_creation_time"];

/** Rules for a schema. */
interface SchemaRules {
  limits: EngineLimits;
  /** Whether an index may end in `_creationTime`. */
  mayIndexTime: boolean;
}

/**
 * Refuses schemas that Convex refuses to deploy. Throws `INVALID_SCHEMA`, naming table, index, value and bound, and
 * `INVALID_NAME`.
 */
export function checkSchema(
  { tables }: SchemaJson,
  rules: SchemaRules,
): void {
  for (const table of tables) {
    checkIdentifier("table", table.tableName);
    checkTable(table, rules);
  }
}

function checkTable(
  table: TableJson,
  { limits, mayIndexTime }: SchemaRules,
): void {
  const { tableName } = table;
  const { stagedDbIndexes = [], stagedSearchIndexes = [] } = table;
  const { vectorIndexes = [], stagedVectorIndexes = [] } = table;
  const databaseIndexes = [...table.indexes, ...stagedDbIndexes];
  const searchIndexes = [...table.searchIndexes, ...stagedSearchIndexes];
  const allVectorIndexes = [...vectorIndexes, ...stagedVectorIndexes];
  const all = [...databaseIndexes, ...searchIndexes, ...allVectorIndexes];
  atMost(`table "${tableName}"`, all.length, limits.tableIndexes, "indexes");
  checkIndexNames(tableName, all.map((index) => index.indexDescriptor));
  for (const { indexDescriptor: name, fields } of databaseIndexes) {
    const own = mayIndexTime && fields.at(-1) === "_creationTime"
      ? fields.slice(0, -1)
      : fields;
    checkIndexedFields(`index ${tableName}.${name}`, own, limits);
  }
  for (const index of searchIndexes) {
    const label = `search index ${tableName}.${index.indexDescriptor}`;
    checkSearchFields(label, index.searchField, index.filterFields, limits);
  }
  for (const index of allVectorIndexes) {
    const label = `vector index ${tableName}.${index.indexDescriptor}`;
    checkSearchFields(label, index.vectorField, index.filterFields, limits);
    checkDimensions(label, index.dimensions);
  }
}

function checkIndexNames(tableName: string, names: readonly string[]): void {
  for (const [position, name] of names.entries()) {
    checkIdentifier("index", name);
    if (OWN_INDEXES.includes(name)) {
      throw invalid(`index ${tableName}.${name}: the name is reserved`);
    }
    if (names.indexOf(name) < position) {
      throw invalid(`index ${tableName}.${name} is defined twice`);
    }
  }
}

function checkIndexedFields(
  label: string,
  fields: readonly string[],
  limits: EngineLimits,
): void {
  if (fields.length === 0) throw invalid(`${label} has no fields`);
  atMost(label, fields.length, limits.indexFields, "fields");
  checkFields(label, fields);
  for (const field of fields) {
    const reserved = reservedField(field);
    if (reserved) throw invalid(`${label}: ${reserved}`);
  }
}

function checkSearchFields(
  label: string,
  field: string,
  filterFields: readonly string[],
  limits: EngineLimits,
): void {
  checkFields(label, [field]);
  checkFields(label, filterFields);
  atMost(label, filterFields.length, limits.indexFields, "filter fields");
}

function checkDimensions(label: string, dimensions: number): void {
  if (
    Number.isInteger(dimensions) && dimensions >= MIN_VECTOR_DIMENSIONS &&
    dimensions <= MAX_VECTOR_DIMENSIONS
  ) return;
  throw invalid(
    `${label}: dimensions must be an integer from ${MIN_VECTOR_DIMENSIONS} to ${MAX_VECTOR_DIMENSIONS}, got ${dimensions}`,
  );
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
