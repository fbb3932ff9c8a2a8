import {
  type Catalog,
  checkIdentifier,
  type FieldIndex,
  type SearchIndex,
  type StoredIndex,
  type Table,
} from "./catalog.ts";
import { splitPath } from "../rows/fields.ts";
import { rowPrefix } from "../keys.ts";
import { keptByObject } from "./kept_by_object.ts";
import type { TableJson } from "./schema.ts";
import type { ValidatorJson } from "../../values/validator_json.ts";

/** Version of the tokeniser: changing it rebuilds all text indexes when a store is opened. */
const WORDS = 2;

/** The changes that a schema requires in a table's rows. */
export interface TablePlan {
  /** The table, with the schema's indexes and type. */
  table: Table;
  /** Indexes whose rows must go. */
  dropped: StoredIndex[];
  /** Names, as in the stored catalog, of the indexes whose rows must be created. */
  fresh: string[];
  /** Whether its documents were never checked against its type. */
  mustCheck: boolean;
}

/** Applies the schema's indexes and type to a table in memory, and returns the changes that its rows need. */
export function planTable(
  catalog: Catalog,
  table: Table,
  definition: TableJson | undefined,
  schemaValidation: boolean,
): TablePlan {
  const stored = catalog.stored[table.name]!;
  const { dropped, fresh } = replaceIndexes(
    catalog,
    stored.indexes,
    definition ? indexDefinitions(definition) : [],
  );
  if (definition) registerIndexes(table, definition, stored.indexes);
  const type = definition?.documentType ?? undefined;
  if (schemaValidation && type) table.validator = type;
  const typeText = table.validator && textOf(table.validator);
  const isSameType = typeText === stored.checkedType;
  if (typeText === undefined) delete stored.checkedType;
  else stored.checkedType = typeText;
  if (dropped.length > 0 || fresh.length > 0 || !isSameType) {
    catalog.row.dirty = true;
  }
  return {
    table,
    dropped,
    fresh,
    mustCheck: typeText !== undefined && !isSameType,
  };
}

/** Replaces the stored indexes that the schema no longer has, or defines differently, by those that it has. */
function replaceIndexes(
  catalog: Catalog,
  indexes: { [name: string]: StoredIndex },
  wanted: ReturnType<typeof indexDefinitions>,
): { dropped: StoredIndex[]; fresh: string[] } {
  const dropped: StoredIndex[] = [];
  const fresh: string[] = [];
  for (const [name, index] of Object.entries(indexes)) {
    const match = wanted.find(({ key }) => key === name);
    if (match?.definition === index.definition) continue;
    dropped.push(index);
    delete indexes[name];
  }
  for (const { key, kind, definition } of wanted) {
    if (indexes[key]) continue;
    indexes[key] = {
      number: catalog.row.stored.nextIndex++,
      kind,
      definition,
    };
    fresh.push(key);
  }
  return { dropped, fresh };
}

const textOf = keptByObject((type: ValidatorJson) => JSON.stringify(type));

/** The indexes of a table, each with a text that changes whenever its rows must be rebuilt. */
function indexDefinitions(
  table: TableJson,
): { key: string; kind: StoredIndex["kind"]; definition: string }[] {
  const all = [
    ...table.indexes.map((index) => ({
      name: index.indexDescriptor,
      kind: "i" as const,
      // Some versions of `convex` append the tie-breaking field themselves.
      parts: index.fields.filter((field) => field !== "_creationTime"),
    })),
    ...table.searchIndexes.map((index) => ({
      name: index.indexDescriptor,
      kind: "t" as const,
      parts: [index.searchField, ...index.filterFields, WORDS],
    })),
    ...(table.vectorIndexes ?? []).map((index) => ({
      name: index.indexDescriptor,
      kind: "v" as const,
      parts: [index.vectorField, index.dimensions, ...index.filterFields],
    })),
  ];
  return all.map(({ name, kind, parts }) => {
    checkIdentifier("index", name);
    return { key: kind + name, kind, definition: JSON.stringify(parts) };
  });
}

function registerIndexes(
  table: Table,
  definition: TableJson,
  stored: { [name: string]: StoredIndex },
): void {
  const prefixOf = (kind: StoredIndex["kind"], name: string) =>
    rowPrefix(kind, stored[kind + name]!.number);
  for (const { indexDescriptor: name, fields } of definition.indexes) {
    const own = fields.filter((field) => field !== "_creationTime");
    const index: FieldIndex = {
      label: `${table.name}.${name}`,
      fields: [...own, "_creationTime"],
      slots: own.map((field) => slotOf(table, field)),
      prefix: prefixOf("i", name),
    };
    table.indexes.set(name, index);
  }
  const { stagedDbIndexes, stagedSearchIndexes, stagedVectorIndexes } =
    definition;
  table.stagedIndexes = new Set(
    [stagedDbIndexes, stagedSearchIndexes, stagedVectorIndexes].flatMap((
      staged,
    ) => staged?.map(({ indexDescriptor }) => indexDescriptor) ?? []),
  );
  for (const index of definition.searchIndexes) {
    const { indexDescriptor: name, searchField: field, filterFields } = index;
    const prefix = prefixOf("t", name);
    const label = `${table.name}.${name}`;
    const search = searchIndex({ label, field, filterFields, prefix });
    table.searchIndexes.set(name, search);
  }
  for (const index of definition.vectorIndexes ?? []) {
    const { indexDescriptor: name, vectorField: field, filterFields } = index;
    const prefix = prefixOf("v", name);
    const label = `${table.name}.${name}`;
    const search = searchIndex({ label, field, filterFields, prefix });
    const { dimensions } = index;
    table.vectorIndexes.set(name, { ...search, dimensions });
  }
}

function slotOf(table: Table, field: string): number {
  const path = splitPath(field);
  const known = table.paths.findIndex((other) =>
    other.length === path.length && other.every((step, at) => step === path[at])
  );
  return known < 0 ? table.paths.push(path) - 1 : known;
}

/** A search index with the paths of its fields. */
function searchIndex(
  index: Omit<SearchIndex, "path" | "filterPaths">,
): SearchIndex {
  return {
    ...index,
    path: splitPath(index.field),
    filterPaths: index.filterFields.map(splitPath),
  };
}
