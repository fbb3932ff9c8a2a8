import type { Table } from "../schema/catalog.ts";

const BY_ID: readonly string[] = ["_id"];
const BY_CREATION_TIME: readonly string[] = ["_creationTime"];

/** Fields of an index that a query may name, in order; undefined when the table has no such index. */
export function indexFields(
  table: Table,
  indexName: string,
): readonly string[] | undefined {
  if (indexName === "by_id") return BY_ID;
  if (indexName === "by_creation_time") return BY_CREATION_TIME;
  // The other indexes of system tables are the engine's own.
  return table.name.startsWith("_")
    ? undefined
    : table.indexes.get(indexName)?.fields;
}

/** The field of an index at a place. Every index ends with the id, though messages do not list it. */
export function fieldAt(
  fields: readonly string[],
  place: number,
): string | undefined {
  return place === fields.length && fields !== BY_ID ? "_id" : fields[place];
}

/** The fields of an index as messages list them: without the id. */
export function listedFields(fields: readonly string[]): readonly string[] {
  return fields === BY_ID ? [] : fields;
}
