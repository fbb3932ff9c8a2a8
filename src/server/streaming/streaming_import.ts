import type { ModuleExports } from "../../engine/engine.ts";
import { isIdentifier } from "../../engine/schema/catalog.ts";
import { formatJson } from "../../values/format_json.ts";
import { encodeKey } from "../../values/key.ts";
import { isAbsent, isPlainObject } from "../../values/kinds.ts";
import type { Value } from "../../values/types.ts";
import type { AdminRoute } from "../admin/admin_routes.ts";
import { describeFailure } from "../function_error.ts";
import { readJson } from "../http/http_call.ts";
import { badRequest, HttpFault } from "../http/http_fault.ts";
import type { ServedEngine } from "../served_engine.ts";
import { tablePages } from "../admin/table_data.ts";

const MAX_JSON_BYTES = 64 * 1024 * 1024;
/** What one transaction writes, at most: as Convex's can, with room for what it reads. */
const BATCH = { records: 4000, characters: 4 << 20 };
const PAGE = { numItems: 4000, maximumBytesRead: 8 << 20 };

type Fields = { [name: string]: Value };
type Path = string[];

/** A record on its way to a table. */
interface Write {
  table: string;
  /** The document that it replaces; null: none. */
  id: string | null;
  value: Fields;
  /** Whether the source has deleted it. */
  isDeleted: boolean;
}

/** What Airbyte says of a record that its source has deleted. */
const DELETED_AT = "_ab_cdc_deleted_at";

/** Convex's streaming import, by which connectors bring records of elsewhere into tables, as Airbyte's does. */
export class StreamingImport {
  readonly #engine: ServedEngine;
  /** Ids by primary keys, by table, as of a timestamp: a connector sends many batches for one table. */
  #known: { ts: bigint; ids: Map<string, Map<string, string>> } = {
    ts: -1n,
    ids: new Map(),
  };

  /** Takes where the records go. */
  constructor(engine: ServedEngine) {
    this.#engine = engine;
  }

  /** Functions that it calls. */
  static functions(): { [path: string]: ModuleExports } {
    return { "_system/streamingImport": { write: writer, clear: clearer } };
  }

  /** What it answers. */
  routes(): AdminRoute[] {
    const step = (
      name: string,
      method: string,
      take: (request: Request) => Promise<object | null>,
    ): AdminRoute => ({
      path: `/api/streaming_import/${name}`,
      methods: [method],
      answer: ({ request }) => take(request),
    });
    return [
      // Ids are found by a look at the documents: there is nothing to be made beforehand.
      step("primary_key_indexes_ready", "GET", async (request) => {
        await request.body?.cancel();
        return { indexesReady: true };
      }),
      step("add_primary_key_indexes", "PUT", async (request) => {
        const { indexes } = await readJson(request, MAX_JSON_BYTES);
        for (const paths of Object.values(objectOf(indexes, "indexes"))) {
          keyPathsOf(paths);
        }
        return null;
      }),
      step("clear_tables", "PUT", (request) => this.#clear(request)),
      step("replace_tables", "POST", async (request) => {
        await request.body?.cancel();
        throw badRequest(
          "NotSupported",
          "replace_tables is no longer supported: use clear_tables",
        );
      }),
      step(
        "import_airbyte_records",
        "POST",
        (request) => this.#import(request),
      ),
    ];
  }

  async #clear(request: Request): Promise<null> {
    const { tableNames } = await readJson(request, MAX_JSON_BYTES);
    const names = listOf(tableNames, "tableNames").map(tableNameOf);
    for (const table of names) {
      let isDone = false;
      while (!isDone) isDone = await this.#call("clear", { table }) as boolean;
    }
    return null;
  }

  async #import(request: Request): Promise<null> {
    const { tables, messages } = await readJson(request, MAX_JSON_BYTES);
    const streams = objectOf(tables, "tables");
    let writes: Write[] = [];
    let characters = 0;
    const flush = async () => {
      const batch = writes;
      [writes, characters] = [[], 0];
      if (batch.length > 0) await this.#write(batch, streams);
    };
    for (const message of listOf(messages, "messages")) {
      const { tableName, data } = objectOf(message, "messages[]");
      const table = tableNameOf(tableName);
      if (!Object.hasOwn(streams, table)) {
        throw badRequest("BadJsonBody", `"tables" has no "${table}"`);
      }
      const fields = objectOf(data, "data") as Fields;
      const value = withoutUnderscores(fields);
      const isDeleted = !isAbsent(fields[DELETED_AT]);
      writes.push({ table, id: null, value, isDeleted });
      characters += JSON.stringify(value).length;
      const isFull = writes.length >= BATCH.records ||
        characters >= BATCH.characters;
      if (isFull) await flush();
    }
    await flush();
    return null;
  }

  /** Writes records: each in place of the one with its primary key, or of an earlier one of the same batch. */
  async #write(batch: Write[], streams: { [name: string]: unknown }) {
    const keyed: Map<
      string,
      [write: Write, ids: Map<string, string>, key: string]
    > = new Map();
    const appended: Write[] = [];
    for (const write of batch) {
      const { primaryKey } = objectOf(streams[write.table], write.table);
      if (isAbsent(primaryKey)) {
        appended.push(write);
        continue;
      }
      const paths = keyPathsOf(primaryKey);
      const ids = await this.#idsOf(write.table, paths);
      const key = keyOf(write.value, paths);
      const id = ids.get(key) ?? null;
      keyed.set(`${write.table}:${key}`, [{ ...write, id }, ids, key]);
    }
    const replaced = [...keyed.values()];
    const writes = [...replaced.map(([write]) => write), ...appended];
    const written = await this.#call("write", { writes: writes as never });
    replaced.forEach(([, ids, key], at) => {
      const id = (written as (string | null)[])[at];
      if (id) ids.set(key, id);
      else ids.delete(key);
    });
    this.#known.ts = this.#engine.timestamp();
  }

  /** Ids of the documents of a table by their primary keys. */
  async #idsOf(table: string, paths: Path[]): Promise<Map<string, string>> {
    const name = JSON.stringify([table, paths]);
    if (this.#known.ts !== this.#engine.timestamp()) {
      this.#known = { ts: this.#engine.timestamp(), ids: new Map() };
    }
    const known = this.#known.ids.get(name);
    if (known) return known;
    const ids: Map<string, string> = new Map();
    const pages = tablePages(
      this.#engine,
      { table, order: "asc", page: PAGE },
      () => ({ mayCallInternal: true }),
    );
    for await (const page of pages) {
      for (const document of page) {
        ids.set(keyOf(document, paths), document._id);
      }
    }
    this.#known.ids.set(name, ids);
    return ids;
  }

  async #call(name: string, args: Fields): Promise<Value> {
    try {
      const { value } = await this.#engine.run(
        "mutation",
        `_system/streamingImport:${name}`,
        args,
        { mayCallInternal: true },
      );
      return value;
    } catch (error) {
      const failure = describeFailure(error, "import");
      if (failure.kind === "server") {
        throw new HttpFault(failure.status, failure.code, failure.message);
      }
      throw badRequest("ImportFailed", failure.errorMessage);
    }
  }
}

interface Database {
  get(id: string): Promise<object | null>;
  insert(table: string, value: Fields): Promise<string>;
  replace(id: string, value: Fields): Promise<void>;
  delete(id: string): Promise<void>;
  query(table: string): { take(count: number): Promise<{ _id: string }[]> };
}

const writer = adminMutation(async ({ db }, { writes }) => {
  const ids: (string | null)[] = [];
  for (const { table, id, value, isDeleted } of writes as unknown as Write[]) {
    // Somebody may have removed it since it was found.
    const found = id !== null && await db.get(id) !== null ? id : null;
    if (found !== null && isDeleted) await db.delete(found);
    if (found !== null && !isDeleted) await db.replace(found, value);
    ids.push(isDeleted ? null : found ?? await db.insert(table, value));
  }
  return ids;
});

const clearer = adminMutation(async ({ db }, { table }) => {
  const found = await db.query(table as string).take(BATCH.records);
  for (const { _id } of found) await db.delete(_id);
  return found.length < BATCH.records;
});

function adminMutation(
  handler: (ctx: { db: Database }, args: Fields) => Promise<Value>,
): object {
  return { isMutation: true, isInternal: true, _handler: handler };
}

/** Fields of Convex's documents that begin with `_` are the system's own. */
function withoutUnderscores(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [fieldNameOf(name), value]),
  );
}

function fieldNameOf(name: string): string {
  return name.startsWith("_") ? `source${name}` : name;
}

function keyOf(document: Fields, paths: Path[]): string {
  return encodeKey(paths.map((path) => {
    let value: Value | undefined = document;
    for (const step of path) {
      value = isPlainObject(value) ? (value as Fields)[step] : undefined;
    }
    return value;
  }));
}

function keyPathsOf(paths: unknown): Path[] {
  const isPath = (path: unknown) =>
    Array.isArray(path) && path.length > 0 &&
    path.every((step) => typeof step === "string");
  const list = listOf(paths, "primaryKey");
  if (list.length > 0 && list.every(isPath)) {
    return (list as Path[])
      .map(([first, ...rest]) => [fieldNameOf(first!), ...rest]);
  }
  throw badRequest(
    "BadJsonBody",
    'a primary key must be a list of paths, such as [["id"], ["of", "name"]]',
  );
}

function tableNameOf(name: unknown): string {
  if (isIdentifier(name)) return name;
  throw badRequest("BadJsonBody", `${formatJson(name)} names no table`);
}

function listOf(value: unknown, name: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw badRequest("BadJsonBody", `"${name}" must be a list`);
}

function objectOf(value: unknown, name: string): { [name: string]: unknown } {
  if (isPlainObject(value)) return value as { [name: string]: unknown };
  throw badRequest("BadJsonBody", `"${name}" must be an object`);
}
