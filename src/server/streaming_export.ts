import type { ChangeGate, ExportedDocument } from "../engine/engine.ts";
import { isCortexError } from "../errors.ts";
import { stringifyValue } from "../values/json.ts";
import { isAbsent } from "../values/kinds.ts";
import type { Value } from "../values/types.ts";
import { cleanJson } from "./clean_json.ts";
import { defaultFormat, type Format } from "./client_version.ts";
import { type ExportSelection, readSelection } from "./export_selection.ts";
import { parseFormat, readJson } from "./http_call.ts";
import { badRequest, HttpFault, requireMethod } from "./http_fault.ts";
import { tableSchema } from "./json_schema.ts";
import type { ServedEngine } from "./served_engine.ts";
import { shapeOf } from "./shape.ts";
import { userTables } from "./table_data.ts";
import { foundType, tableTypes, withSystemFields } from "./table_types.ts";

const MAX_JSON_BYTES = 4 * 1024 * 1024;

/** One request for exported documents. */
interface Asked {
  fields: { [name: string]: unknown };
  selection: ExportSelection;
  format: Format;
}

/** Convex's streaming export, by which connectors keep a copy of the documents elsewhere, and what tells of tables. */
export class StreamingExport {
  readonly #engine: ServedEngine;
  readonly #components: readonly string[];

  /** Takes whose documents they are, and the paths of its components. */
  constructor(engine: ServedEngine, components: readonly string[]) {
    this.#engine = engine;
    this.#components = components;
  }

  /** Answers a request of an admin; undefined for paths that are not its own. Throws `HttpFault`. */
  async answer(request: Request, url: URL): Promise<Response | undefined> {
    const [, name = ""] = /^\/api\/([a-z0-9_/]+)$/.exec(url.pathname) ?? [];
    const own: { [name: string]: () => Promise<string> } = {
      list_snapshot: () => this.#pageOf(request, url, this.#snapshot),
      document_deltas: () => this.#pageOf(request, url, this.#deltas),
      "v1/data/sync": () => {
        requireMethod(request, "POST");
        return this.#pageOf(request, url, this.#sync);
      },
    };
    const told: { [name: string]: () => unknown } = {
      test_streaming_export_connection: () => null,
      json_schemas: () => this.#schemas(request, url),
      get_tables_and_columns: () => this.#columns(""),
      get_table_column_names: async () => ({
        byComponent: Object.fromEntries(
          await Promise.all(
            this.#components.map(async (path) => [
              path,
              Object.entries(await this.#columns(path))
                .map(([table, columns]) => ({ name: table, columns })),
            ]),
          ),
        ),
      }),
      shapes2: () => this.#shapes(url.searchParams.get("component") ?? ""),
    };
    if (Object.hasOwn(own, name)) return jsonOf(await own[name]!());
    if (!Object.hasOwn(told, name)) return undefined;
    requireMethod(request, "GET");
    return Response.json(await told[name]!());
  }

  async #pageOf(
    request: Request,
    { searchParams }: URL,
    page: (asked: Asked) => Promise<string>,
  ): Promise<string> {
    if (request.method !== "POST") requireMethod(request, "GET");
    const fields = request.method === "POST"
      ? await readJson(request, MAX_JSON_BYTES)
      : Object.fromEntries(searchParams);
    const client = defaultFormat(request.headers.get("convex-client"));
    const format = parseFormat(fields.format, client);
    try {
      const selection = readSelection(fields);
      return await page.call(this, { fields, selection, format });
    } catch (error) {
      if (!isCortexError(error)) throw error;
      if (error.code === "OUT_OF_RETENTION") {
        const code = page === this.#sync
          ? "DataSyncCursorExpired"
          : "InvalidWindowToReadDocuments";
        throw badRequest(code, error.message);
      }
      if (error.code !== "INVALID_ARGUMENT") throw error;
      throw badRequest("BadCursor", error.message);
    }
  }

  async #snapshot({ fields, selection, format }: Asked): Promise<string> {
    const { snapshot, cursor } = fields;
    const page = await this.#changes.snapshot(
      selection.hasTable,
      timestampOf(snapshot, "snapshot"),
      isAbsent(cursor) ? undefined : String(cursor),
    );
    const values = page.documents.map((one) => valueOf(one, selection, format));
    return `{"values":[${
      values.join(",")
    }],"snapshot":${page.snapshot},"cursor":${
      JSON.stringify(page.cursor)
    },"hasMore":${page.cursor !== null}}`;
  }

  async #deltas({ fields, selection, format }: Asked): Promise<string> {
    const after = timestampOf(fields.cursor, "cursor");
    if (after === undefined) {
      throw badRequest(
        "DocumentDeltasCursorRequired",
        "/api/document_deltas requires a cursor",
      );
    }
    const page = await this.#changes.after(selection.hasTable, after);
    const values = page.documents
      .map((one) => valueOf(one, selection, format, true));
    return `{"values":[${
      values.join(",")
    }],"cursor":${page.cursor},"hasMore":${page.hasMore}}`;
  }

  /** A snapshot and what has changed since, by one cursor. */
  async #sync({ fields, selection, format }: Asked): Promise<string> {
    const before = syncCursorOf(fields.cursor);
    const { id, place } = before;
    const snapshot = before.ts === undefined ? undefined : BigInt(before.ts);
    const page = place !== null
      ? await this.#changes.snapshot(selection.hasTable, snapshot, place)
      : await this.#changes.after(selection.hasTable, snapshot!);
    const ts = "snapshot" in page ? page.snapshot : page.cursor;
    const next = "snapshot" in page ? page.cursor : null;
    const cursor: SyncCursor = { id, ts: String(ts), place: next };
    const hasMore = "hasMore" in page
      ? page.hasMore
      : (await this.#changes.after(selection.hasTable, ts)).documents.length >
        0;
    const status = next !== null
      ? `{"type":"inProgress"}`
      : `{"type":"synced","syncedTs":${ts},"hasMore":${hasMore}}`;
    const values = page.documents
      .map((one) => valueOf(one, selection, format, true));
    return `{"syncId":"${id}","cursor":${
      JSON.stringify(JSON.stringify(cursor))
    },"status":${status},"truncates":[],"values":[${values.join(",")}]}`;
  }

  async #schemas(
    { headers }: Request,
    { searchParams }: URL,
  ): Promise<{ [table: string]: unknown }> {
    const client = defaultFormat(headers.get("convex-client"));
    const format = parseFormat(searchParams.get("format"), client);
    const hasAddedFields = searchParams.get("deltaSchema") === "true";
    const types = await tableTypes(this.#engine, "");
    return Object.fromEntries(
      [...types].map(([table, type]) => [
        table,
        tableSchema(type, format, hasAddedFields),
      ]),
    );
  }

  async #columns(component: string): Promise<{ [table: string]: string[] }> {
    const types = await tableTypes(this.#engine, component);
    return Object.fromEntries(
      [...types].map(([table, type]) => {
        const { value } = type ??
          withSystemFields(table, { type: "object", value: {} });
        return [table, Object.keys(value)];
      }),
    );
  }

  async #shapes(component: string): Promise<{ [table: string]: object }> {
    if (!this.#components.includes(component)) {
      throw badRequest("NoSuchComponent", "there is no such component");
    }
    const shapes: { [table: string]: object } = {};
    for (const table of userTables(this.#engine, component)) {
      const type = await foundType(this.#engine, component, table);
      shapes[table] = type
        ? shapeOf(withSystemFields(table, type))
        : { type: "Never" };
    }
    return shapes;
  }

  get #changes(): ChangeGate {
    return this.#engine.changes!;
  }
}

function jsonOf(text: string): Response {
  const headers = { "content-type": "application/json" };
  return new Response(text, { headers });
}

/** A document with what an export adds to it. */
function valueOf(
  { component, table, id, ts, document }: ExportedDocument,
  { hasField }: ExportSelection,
  format: Format,
  tellsDeletion = false,
): string {
  const encode = format === "clean" ? cleanJson : stringifyValue;
  const fields: { [name: string]: Value | undefined } = {};
  for (const [name, value] of Object.entries(document ?? { _id: id })) {
    if (name === "_id" || hasField(component, table, name)) {
      fields[name] = value;
    }
  }
  const deletion = tellsDeletion ? `,"_deleted":${document === undefined}` : "";
  // The timestamp has more digits than a number that is written.
  return `${encode(fields as Value).slice(0, -1)},"_component":${
    JSON.stringify(component)
  },"_table":"${table}","_ts":${ts}${deletion}}`;
}

/** Where a sync is: in its snapshot behind a place (`""`: at its begin), or behind a timestamp. */
interface SyncCursor {
  id: string;
  ts?: string;
  place: string | null | undefined;
}

function syncCursorOf(text: unknown): SyncCursor {
  if (isAbsent(text)) return { id: crypto.randomUUID(), place: undefined };
  try {
    const { id, ts, place } = JSON.parse(String(text)) as SyncCursor;
    const isPlace = place === null || typeof place === "string";
    if (/^[0-9a-f-]{36}$/.test(id) && /^\d{1,19}$/.test(ts!) && isPlace) {
      return { id, ts: ts!, place };
    }
  } catch {
    // It is none of ours.
  }
  throw badRequest("BadCursor", "the cursor is not from a sync");
}

function timestampOf(ts: unknown, name: string): bigint | undefined {
  if (isAbsent(ts)) return undefined;
  if (typeof ts === "number" && Number.isSafeInteger(Math.round(ts / 256))) {
    return BigInt(Math.round(ts));
  }
  if (typeof ts === "string" && /^\d{1,19}$/.test(ts)) {
    // As a number: who reads JSON with floats sends the shortest digits that mean it.
    return BigInt(Number(ts));
  }
  throw new HttpFault(
    400,
    "BadTimestamp",
    `"${name}" must be a timestamp; got ${
      String(JSON.stringify(ts)).slice(0, 80)
    }`,
  );
}
