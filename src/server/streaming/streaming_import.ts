import type { CallOutcome, ModuleExports } from "../../engine/engine.ts";
import { isIdentifier } from "../../engine/schema/catalog.ts";
import { formatJson } from "../../values/format_json.ts";
import { isAbsent, isPlainObject } from "../../values/kinds.ts";
import type { AdminRoute } from "../admin/admin_routes.ts";
import { describeFailure } from "../function_error.ts";
import { badRequest, HttpFault } from "../http/http_fault.ts";
import { readJson } from "../http/json_body.ts";
import type { ServedEngine } from "../served_engine.ts";
import { tablePages } from "../admin/table_data.ts";
import {
  BATCH,
  type Fields,
  type KeyedTable,
  keyOf,
  type Path,
  recordFunctions,
  type Write,
  type Written,
} from "./record_functions.ts";

const MAX_JSON_BYTES = 64 * 1024 * 1024;
const PAGE = { numItems: 4000, maximumBytesRead: 8 << 20 };

/** Index of a table: ids of its documents by a primary key, and the latest creation time included. */
interface Known {
  ids: Map<string, string>;
  until: number;
}

/** The field that Airbyte sets on a record that its source has deleted. */
const DELETED_AT = "_ab_cdc_deleted_at";

/** Convex's streaming import, by which connectors such as Airbyte's copy records into tables. */
export class StreamingImport {
  readonly #engine: ServedEngine;
  /** Indexes of tables as of a timestamp, cached because a connector sends many batches for one table. */
  #known: { ts: bigint; tables: Map<string, Known> } = {
    ts: -1n,
    tables: new Map(),
  };

  /** Takes the engine that receives the records. */
  constructor(engine: ServedEngine) {
    this.#engine = engine;
  }

  /** The functions that it calls. */
  static functions(): { [path: string]: ModuleExports } {
    return { "_system/streamingImport": recordFunctions };
  }

  /** The routes that it answers. */
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
      // Ids are found by reading the documents, so no index has to be built first.
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
      while (!isDone) {
        isDone = (await this.#call("clear", { table })).value as boolean;
      }
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

  /** Writes records, each replacing the one with its primary key, even an earlier one of the same batch. */
  async #write(
    batch: Write[],
    streams: { [name: string]: unknown },
  ): Promise<void> {
    const keyed: Map<string, [write: Write, known: Known, key: string]> =
      new Map();
    const tables: { [name: string]: KeyedTable } = {};
    const appended: Write[] = [];
    for (const write of batch) {
      const { table, value } = write;
      const { primaryKey } = objectOf(streams[table], table);
      if (isAbsent(primaryKey)) {
        appended.push(write);
        continue;
      }
      const paths = keyPathsOf(primaryKey);
      const known = await this.#knownOf(table, paths);
      tables[table] = { paths, until: known.until };
      const key = keyOf(value, paths);
      const id = known.ids.get(key) ?? null;
      keyed.set(`${table}:${key}`, [{ ...write, id }, known, key]);
    }
    const replaced = [...keyed.values()];
    const writes = [...replaced.map(([write]) => write), ...appended];
    const { value, ts } = await this.#call("write", {
      writes: writes as never,
      tables: tables as never,
    });
    if (value === null) {
      this.#known = { ts: -1n, tables: new Map() };
      return await this.#write(batch, streams);
    }
    const { ids, until } = value as unknown as Written;
    replaced.forEach(([{ table }, known, key], at) => {
      const id = ids[at];
      if (id) known.ids.set(key, id);
      else known.ids.delete(key);
      known.until = until[table]!;
    });
    this.#known.ts = ts;
  }

  /** Ids of the documents of a table by their primary keys. */
  async #knownOf(table: string, paths: Path[]): Promise<Known> {
    const name = JSON.stringify([table, paths]);
    if (this.#known.ts !== this.#engine.timestamp()) {
      this.#known = { ts: this.#engine.timestamp(), tables: new Map() };
    }
    const { tables } = this.#known;
    const before = tables.get(name);
    if (before) return before;
    const known: Known = { ids: new Map(), until: 0 };
    const pages = tablePages(
      this.#engine,
      { table, order: "asc", page: PAGE },
      () => ({ mayCallInternal: true }),
    );
    for await (const page of pages) {
      for (const document of page) {
        known.ids.set(keyOf(document, paths), document._id);
        known.until = document._creationTime as number;
      }
    }
    tables.set(name, known);
    return known;
  }

  async #call(name: string, args: Fields): Promise<CallOutcome> {
    try {
      return await this.#engine.run(
        "mutation",
        `_system/streamingImport:${name}`,
        args,
        { mayCallInternal: true },
      );
    } catch (error) {
      const failure = describeFailure(error, "import");
      if (failure.kind === "server") {
        throw new HttpFault(failure.status, failure.code, failure.message);
      }
      throw badRequest("ImportFailed", failure.errorMessage);
    }
  }
}

/** Renames fields that begin with `_`, which Convex reserves for the system. */
function withoutUnderscores(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [fieldNameOf(name), value]),
  );
}

function fieldNameOf(name: string): string {
  return name.startsWith("_") ? `source${name}` : name;
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
