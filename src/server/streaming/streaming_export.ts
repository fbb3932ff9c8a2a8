import type { ChangeGate, ExportedDocument } from "../../engine/engine.ts";
import { isCortexError } from "../../errors.ts";
import { formatJson } from "../../values/format_json.ts";
import { stringifyValue } from "../../values/json.ts";
import { isAbsent } from "../../values/kinds.ts";
import type { Value } from "../../values/types.ts";
import {
  type AdminRequest,
  type AdminRoute,
  get,
  MAX_ADMIN_JSON_BYTES,
  post,
} from "../admin/admin_routes.ts";
import { cleanJson } from "../http/clean_json.ts";
import { defaultFormat, type Format } from "../http/client_version.ts";
import { type ExportSelection, readSelection } from "./export_selection.ts";
import { parseFormat } from "../http/http_call.ts";
import { badRequest } from "../http/http_fault.ts";
import { readJson } from "../http/json_body.ts";
import { tableSchema } from "./json_schema.ts";
import type { ServedEngine } from "../served_engine.ts";
import { shapeOf } from "./shape.ts";
import { userTables } from "../admin/table_data.ts";
import { foundType, tableTypes, withSystemFields } from "./table_types.ts";

/** A request for a page of documents. */
interface PageRequest {
  fields: { [name: string]: unknown };
  selection: ExportSelection;
  format: Format;
}

/**
 * Convex's streaming export, by which connectors keep a copy of the documents elsewhere, and its endpoints about
 * tables.
 */
export class StreamingExport {
  readonly #engine: ServedEngine;
  readonly #components: readonly string[];

  /** Takes the engine, and the paths of its components. */
  constructor(engine: ServedEngine, components: readonly string[]) {
    this.#engine = engine;
    this.#components = components;
  }

  /** The routes that it answers. */
  routes(): AdminRoute[] {
    const lost = "InvalidWindowToReadDocuments";
    return [
      {
        path: "/api/list_snapshot",
        methods: ["GET", "POST"],
        answer: (asked) =>
          this.#page(asked, lost, (page) => this.#snapshot(page)),
      },
      {
        path: "/api/document_deltas",
        methods: ["GET", "POST"],
        answer: (asked) =>
          this.#page(asked, lost, (page) => this.#deltas(page)),
      },
      post(
        "/api/v1/data/sync",
        (asked) =>
          this.#page(
            asked,
            "DataSyncCursorExpired",
            (page) => this.#sync(page),
          ),
      ),
      get("/api/test_streaming_export_connection", () => null),
      get("/api/json_schemas", (asked) => this.#schemas(asked)),
      get("/api/get_tables_and_columns", () => this.#columns("")),
      get("/api/get_table_column_names", () => this.#columnNames()),
      get(
        "/api/shapes2",
        ({ url }) => this.#shapes(url.searchParams.get("component") ?? ""),
      ),
    ];
  }

  /** Answers with a page of documents. `lostCode` is the error code for a state that is no longer known. */
  async #page(
    { request, url: { searchParams } }: AdminRequest,
    lostCode: string,
    read: (asked: PageRequest) => Promise<string>,
  ): Promise<Response> {
    const fields = request.method === "POST"
      ? await readJson(request, MAX_ADMIN_JSON_BYTES)
      : Object.fromEntries(searchParams);
    const client = defaultFormat(request.headers.get("convex-client"));
    const format = parseFormat(fields.format, client);
    try {
      const selection = readSelection(fields);
      return jsonOf(await read({ fields, selection, format }));
    } catch (error) {
      if (!isCortexError(error)) throw error;
      if (error.code === "OUT_OF_RETENTION") {
        throw badRequest(lostCode, error.message);
      }
      if (error.code !== "INVALID_ARGUMENT") throw error;
      throw badRequest("BadCursor", error.message);
    }
  }

  async #snapshot({ fields, selection, format }: PageRequest): Promise<string> {
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

  async #deltas({ fields, selection, format }: PageRequest): Promise<string> {
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

  /** A snapshot and then the changes since, with a single cursor. */
  async #sync({ fields, selection, format }: PageRequest): Promise<string> {
    const before = syncCursorOf(fields.cursor);
    const { id, place } = before;
    const snapshot = before.ts === undefined ? undefined : BigInt(before.ts);
    const page = place !== null
      ? await this.#changes.snapshot(selection.hasTable, snapshot, place)
      : await this.#changes.after(selection.hasTable, snapshot!);
    const ts = "snapshot" in page ? page.snapshot : page.cursor;
    const next = "snapshot" in page ? page.cursor : null;
    const cursor: SyncCursor = { id, ts: String(ts), place: next };
    const status = next !== null
      ? `{"type":"inProgress"}`
      : `{"type":"synced","syncedTs":${ts},"hasMore":${
        "hasMore" in page ? page.hasMore : await this.#hasAfter(selection, ts)
      }}`;
    const values = page.documents
      .map((one) => valueOf(one, selection, format, true));
    return `{"syncId":"${id}","cursor":${
      JSON.stringify(JSON.stringify(cursor))
    },"status":${status},"truncates":[],"values":[${values.join(",")}]}`;
  }

  /** Whether there are changes after a timestamp; also if what was looked at are those of other tables. */
  async #hasAfter(
    { hasTable }: ExportSelection,
    ts: bigint,
  ): Promise<boolean> {
    const { documents, hasMore } = await this.#changes.after(hasTable, ts);
    return hasMore || documents.length > 0;
  }

  async #schemas(
    { request, url: { searchParams } }: AdminRequest,
  ): Promise<{ [table: string]: unknown }> {
    const client = defaultFormat(request.headers.get("convex-client"));
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

  async #columnNames(): Promise<object> {
    const byComponent: { [component: string]: object[] } = {};
    for (const component of this.#components) {
      byComponent[component] = Object.entries(await this.#columns(component))
        .map(([name, columns]) => ({ name, columns }));
    }
    return { byComponent };
  }

  async #shapes(component: string): Promise<{ [table: string]: object }> {
    if (!this.#components.includes(component)) {
      throw badRequest(
        "NoSuchComponent",
        `there is no component ${formatJson(component)}`,
      );
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

/** A document with the fields that an export adds. */
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
  // The timestamp is appended as text, as a number cannot represent all its digits.
  return `${encode(fields as Value).slice(0, -1)},"_component":${
    JSON.stringify(component)
  },"_table":"${table}","_ts":${ts}${deletion}}`;
}

/**
 * How far a sync has come: in its snapshot, after a place (undefined: at the beginning), or after a timestamp (null).
 */
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
    // Not JSON.
  }
  throw badRequest(
    "BadCursor",
    `"cursor" must be from a sync; got ${formatJson(text)}`,
  );
}

function timestampOf(ts: unknown, name: string): bigint | undefined {
  if (isAbsent(ts)) return undefined;
  if (typeof ts === "number" && Number.isSafeInteger(Math.round(ts / 256))) {
    return BigInt(Math.round(ts));
  }
  if (typeof ts === "string" && /^\d{1,19}$/.test(ts)) {
    // By way of a number: clients that parse JSON with floats send only the shortest digits that identify the float.
    return BigInt(Number(ts));
  }
  throw badRequest(
    "BadTimestamp",
    `"${name}" must be a timestamp; got ${formatJson(ts)}`,
  );
}
