/**
 * The functions by which a streaming import writes records: each call is one transaction.
 *
 * @module
 */
import { encodeKey } from "../../values/key.ts";
import { isPlainObject } from "../../values/kinds.ts";
import type { Value } from "../../values/types.ts";

/** Most that one transaction writes: below Convex's limits, to leave room for reads. */
export const BATCH = { records: 4000, characters: 4 << 20 };

/** Fields of a record or a document. */
export type Fields = { [name: string]: Value };
/** Names of the fields that lead to a part of a primary key. */
export type Path = string[];

/** A record to be written to a table. */
export interface Write {
  table: string;
  /** Id of the document that it replaces, or null. */
  id: string | null;
  value: Fields;
  /** Whether the source has deleted it. */
  isDeleted: boolean;
}

/** A table whose records have a primary key, and the creation time up to which its documents are indexed. */
export interface KeyedTable {
  paths: Path[];
  until: number;
}

/**
 * Result of a batch: ids of the documents, null for deleted ones, and the creation times up to which tables are now
 * indexed.
 */
export interface Written {
  ids: (string | null)[];
  until: { [table: string]: number };
}

type Stored = Fields & { _id: string; _creationTime: number };

interface Query {
  withIndex(
    name: "by_creation_time",
    range: (
      q: { gt(field: "_creationTime", value: number): unknown },
    ) => unknown,
  ): Query;
  take(count: number): Promise<Stored[]>;
}

interface Database {
  get(id: string): Promise<Stored | null>;
  insert(table: string, value: Fields): Promise<string>;
  replace(id: string, value: Fields): Promise<void>;
  delete(id: string): Promise<void>;
  query(table: string): Query;
}

/** Writes records. Returns null if too many documents were inserted meanwhile to be indexed here. */
const write = adminMutation(async ({ db }, { writes, tables }) => {
  const keyed = tables as unknown as { [name: string]: KeyedTable };
  const written: Written = { ids: [], until: {} };
  const madeMeanwhile: Map<string, string> = new Map();
  for (const [table, { paths, until }] of Object.entries(keyed)) {
    const found = await db.query(table)
      .withIndex("by_creation_time", (q) => q.gt("_creationTime", until))
      .take(BATCH.records);
    if (found.length === BATCH.records) return null;
    for (const one of found) {
      madeMeanwhile.set(`${table}:${keyOf(one, paths)}`, one._id);
    }
    written.until[table] = found.at(-1)?._creationTime ?? until;
  }
  for (const write of writes as unknown as Write[]) {
    const { table, value } = write;
    const paths = keyed[table]?.paths;
    const key = paths && keyOf(value, paths);
    const known = madeMeanwhile.get(`${table}:${key}`) ?? write.id;
    const { id, isNew } = await writeOne(db, write, known, paths);
    written.ids.push(write.isDeleted ? null : id);
    if (paths && isNew) {
      written.until[table] = (await db.get(id!))!._creationTime;
    }
  }
  return written as unknown as Value;
});

/**
 * Deletes, replaces or inserts the document of a record. `known` is the id that had its key when the table was indexed.
 */
async function writeOne(
  db: Database,
  { table, value, isDeleted }: Write,
  known: string | null,
  paths: KeyedTable["paths"] | undefined,
): Promise<{ id: string | null; isNew: boolean }> {
  const found = known === null ? null : await db.get(known);
  // It may have been deleted since, or its key changed.
  const isThere = found !== null &&
    keyOf(found, paths!) === keyOf(value, paths!);
  if (!isThere) {
    return isDeleted
      ? { id: known, isNew: false }
      : { id: await db.insert(table, value), isNew: true };
  }
  if (isDeleted) await db.delete(found._id);
  else await db.replace(found._id, value);
  return { id: found._id, isNew: false };
}

/** Deletes some documents of a table; true once none is left. */
const clear = adminMutation(async ({ db }, { table }) => {
  const found = await db.query(table as string).take(BATCH.records);
  for (const { _id } of found) await db.delete(_id);
  return found.length < BATCH.records;
});

/** The module of these functions. */
export const recordFunctions: { [name: string]: object } = { write, clear };

function adminMutation(
  handler: (ctx: { db: Database }, args: Fields) => Promise<Value>,
): object {
  return { isMutation: true, isInternal: true, _handler: handler };
}

/** The key of a document by the paths of its primary key. */
export function keyOf(document: Fields, paths: Path[]): string {
  return encodeKey(paths.map((path) => {
    let value: Value | undefined = document;
    for (const step of path) {
      value = isPlainObject(value) ? (value as Fields)[step] : undefined;
    }
    return value;
  }));
}
