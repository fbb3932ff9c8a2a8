import { EngineError } from "../../errors.ts";
import { keptByObject } from "./kept_by_object.ts";
import type { ValidatorJson } from "../../values/validate.ts";

/** The parts of `schema.export()` that the engine reads. */
export interface SchemaJson {
  /** The tables. */
  tables: TableJson[];
  /** Whether documents are checked against their table's type, and tables that are not listed refused. */
  schemaValidation: boolean;
}

/** One table of a schema. */
export interface TableJson {
  /** Name. */
  tableName: string;
  /** Indexes by field values. */
  indexes: FieldIndexJson[];
  /** Those that cannot be queried yet. */
  stagedDbIndexes?: FieldIndexJson[];
  /** Text search indexes. */
  searchIndexes: SearchIndexJson[];
  /** Those that cannot be queried yet. */
  stagedSearchIndexes?: SearchIndexJson[];
  /** Vector indexes. */
  vectorIndexes?: VectorIndexJson[];
  /** Those that cannot be queried yet. */
  stagedVectorIndexes?: VectorIndexJson[];
  /** Type of its documents, without system fields. */
  documentType: ValidatorJson | null;
}

interface FieldIndexJson {
  indexDescriptor: string;
  fields: string[];
}

interface SearchIndexJson {
  indexDescriptor: string;
  searchField: string;
  filterFields: string[];
}

interface VectorIndexJson {
  indexDescriptor: string;
  vectorField: string;
  dimensions: number;
  filterFields: string[];
}

/** What `defineSchema` of `convex/server` returns. Its method `export` is not in Convex's public types. */
export type SchemaLike = object;

/** Reads a schema; without one, everything is allowed. Memoised: later changes to the object are not seen. */
export function readSchema(schema: SchemaLike | undefined): SchemaJson {
  return schema === undefined
    ? { tables: [], schemaValidation: false }
    : readOnce(schema);
}

const readOnce = keptByObject((schema: SchemaLike): SchemaJson => {
  // `export` is missing in Convex's public types, so `SchemaLike` cannot require it.
  const read = (schema as { export?: () => string } | null)?.export;
  if (typeof read !== "function") {
    throw new EngineError(
      "INVALID_SCHEMA",
      "schema must be the result of defineSchema of convex/server",
    );
  }
  const { tables, schemaValidation } = JSON.parse(
    read.call(schema),
  ) as SchemaJson;
  return { tables, schemaValidation };
});
