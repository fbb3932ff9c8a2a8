/** A server in memory, and its admin. */
import { assertEquals } from "@std/assert";
import {
  defineSchema,
  defineTable,
  internalQueryGeneric,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { v } from "convex/values";
import {
  type Engine,
  type EngineOptions,
  openEngine,
} from "../../src/engine/engine.ts";
import {
  type ConvexServer,
  createConvexServer,
  DeploymentAdmin,
  type DeploymentAdminOptions,
} from "../../src/server/mod.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";

const schema = defineSchema({
  notes: defineTable({
    text: v.string(),
    by: v.optional(v.id("users")),
    count: v.optional(v.int64()),
    bytes: v.optional(v.union(v.null(), v.bytes())),
    deep: v.optional(v.record(v.string(), v.array(v.number()))),
    kind: v.optional(
      v.union(
        v.object({ size: v.int64() }),
        v.object({ size: v.literal("7"), of: v.bytes() }),
      ),
    ),
  }).index("by_text", ["text"]),
  users: defineTable({ name: v.string(), notes: v.array(v.string()) }),
});

/** Environment variables, as functions see them. */
export const variables: Map<string, string> = new Map();

/** Functions of an app and of its component. */
export const modules = {
  notes: {
    all: queryGeneric({
      args: { table: v.string() },
      handler: (ctx, { table }) => ctx.db.query(table).collect(),
    }),
    add: mutationGeneric({
      args: { text: v.string() },
      handler: (ctx, note) => ctx.db.insert("notes", note),
    }),
    file: internalQueryGeneric({
      args: { id: v.id("_storage") },
      handler: (ctx, { id }) => ctx.db.system.get(id),
    }),
    variable: queryGeneric(() => Promise.resolve(variables.get("NEW") ?? null)),
  },
};

const KEY = "admin|01";

/** An admin of a server in memory whose app uses one component, `box`, with the same functions. */
export class Admin {
  /** What is served. */
  readonly engine: Engine;
  /** What serves it. */
  readonly server: ConvexServer;

  /** Opens an engine in memory and a server of it. */
  constructor(
    { app = { schema, modules }, ...options }:
      & Partial<DeploymentAdminOptions>
      & { app?: Pick<EngineOptions, "schema" | "modules" | "now"> } = {},
  ) {
    const { modules } = app;
    const components = { box: { modules } };
    const admin = new DeploymentAdmin({ modules, components, ...options });
    this.engine = openEngine({
      ...app,
      modules: { ...modules, ...admin.functions() },
      components: {
        box: { modules: { ...modules, ...admin.functions("box") } },
      },
      store: openMemoryStore(),
    });
    this.server = createConvexServer(this.engine, { adminKey: KEY, admin });
  }

  /** Asks the server, with the admin's key unless other headers are given. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Convex ${KEY}` };
    const url = `http://127.0.0.1/api/${path}`;
    return await this.server.handle(new Request(url, { headers, ...init }));
  }

  /** Sends a body. */
  async send(path: string, body?: BodyInit, method = "POST") {
    return await this.fetch(path, { method, body: body ?? null });
  }

  /** Posts JSON, and gives the JSON that comes back. */
  async tell(path: string, body: object) {
    return await (await this.send(path, JSON.stringify(body))).json();
  }

  /** Calls a function. */
  async ask(path: string, args: object, componentPath = "") {
    const call = { path, args, componentPath, format: "convex_encoded_json" };
    return (await this.tell("function", call)).value;
  }

  /** Imports a file, and returns the states that it waits in and ends in. */
  async import(plan: object, file: BodyInit) {
    const started = await (await this.send("import/start_upload")).json();
    const { uploadToken } = started;
    await this.send(
      `import/upload_part?uploadToken=${uploadToken}&partNumber=1`,
      file,
    );
    const { importId } = await this.tell("import/finish_upload", {
      import: { mode: "requireEmpty", format: "jsonLines", ...plan },
      uploadToken,
      partTokens: [],
    });
    const state = async () =>
      (await this.ask("_system/cli/queryImport", { importId })).state;
    const waiting = await state();
    if (waiting.state !== "waiting_for_confirmation") return [waiting];
    await this.tell("perform_import", { importId });
    return [waiting, await state()];
  }

  /** Everything, as an archive. */
  async export(): Promise<ArrayBuffer> {
    await this.send("export/request/zip?includeStorage=true");
    const latest = await this.ask("_system/cli/exports:getLatest", {});
    const ts = this.engine.timestamp();
    assertEquals(latest.state, "completed");
    const response = await this.send(`export/zip/${ts}`, undefined, "GET");
    assertEquals(response.headers.get("content-type"), "application/zip");
    return await response.arrayBuffer();
  }
}
