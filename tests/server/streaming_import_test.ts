/** Records as a connector of streaming import, such as Airbyte's, brings them in. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  defineSchema,
  defineTable,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { v } from "convex/values";
import { openEngine } from "../../src/engine/engine.ts";
import { createConvexServer, DeploymentAdmin } from "../../src/server/mod.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { Admin } from "../support/admin.ts";

const schema = defineSchema({
  strict: defineTable({ name: v.string() }),
}, { schemaValidation: true, strictTableNameTypes: false });

const modules = {
  rows: {
    all: queryGeneric({
      args: { table: v.string() },
      handler: async (ctx, { table }) =>
        (await ctx.db.query(table).collect())
          .map(({ _id, _creationTime, ...fields }) => fields),
    }),
    add: mutationGeneric({
      handler: (ctx, user: { id: number; by: string }) =>
        ctx.db.insert("users", user),
    }),
    rename: mutationGeneric({
      handler: async (ctx, { from, to }: { from: number; to: number }) => {
        const found = await ctx.db.query("users").collect();
        const { _id } = found.find(({ id }) => id === from)!;
        await ctx.db.patch(_id, { id: to });
      },
    }),
  },
};

Deno.test("a connector clears tables, appends records and replaces them by their keys", async () => {
  const admin = new Admin({ app: { modules } });
  const { engine } = admin;
  const send = async (method: string, step: string, body?: object) => {
    const path = `streaming_import/${step}`;
    const response = await admin.send(
      path,
      body && JSON.stringify(body),
      method,
    );
    return [response.status, await response.json()];
  };
  const primaryKey = [["id"], ["of", "kind"]];
  const take = (...messages: [tableName: string, data: object][]) =>
    send("POST", "import_airbyte_records", {
      tables: {
        log: { primaryKey: null, jsonSchema: {} },
        users: { primaryKey, jsonSchema: {} },
      },
      messages: messages.map(([tableName, data]) => ({ tableName, data })),
    });
  const all = (table: string) => engine.query("rows:all", { table });
  const user = (id: number, name: string, more = {}) =>
    ["users", { id, of: { kind: "a" }, name, ...more }] as [string, object];

  const indexes = { users: primaryKey };
  assertEquals(await send("PUT", "add_primary_key_indexes", { indexes }), [
    200,
    null,
  ]);
  assertEquals(await send("GET", "primary_key_indexes_ready"), [
    200,
    { indexesReady: true },
  ]);
  const line = { at: 1, _ab_cdc_lsn: 7 };
  assertEquals(
    await take(["log", line], user(1, "ada"), user(2, "bob"), ["log", line]),
    [200, null],
  );
  assertEquals(await all("log"), [
    { at: 1, source_ab_cdc_lsn: 7 },
    { at: 1, source_ab_cdc_lsn: 7 },
  ]);
  await take(
    user(1, "eve"),
    user(3, "cyd"),
    user(1, "eva"),
    user(2, "bob", { _ab_cdc_deleted_at: "2026-01-01" }),
    user(4, "dan", { _ab_cdc_deleted_at: "2026-01-01" }),
  );
  await take(user(3, "cid"));
  assertEquals(await all("users"), [
    { id: 1, of: { kind: "a" }, name: "eva" },
    { id: 3, of: { kind: "a" }, name: "cid" },
  ]);
  assertEquals(await send("PUT", "clear_tables", { tableNames: ["users"] }), [
    200,
    null,
  ]);
  assertEquals(await all("users"), []);
  await take(user(1, "ada"));
  assertEquals((await all("users") as []).length, 1);

  for (
    const [method, step, body] of [
      ["POST", "replace_tables", { tableNames: {} }],
      ["PUT", "clear_tables", { tableNames: ["_storage"] }],
      ["PUT", "add_primary_key_indexes", { indexes: { users: ["id"] } }],
      ["POST", "import_airbyte_records", {
        tables: {},
        messages: [{ tableName: "log", data: {} }],
      }],
      ["POST", "import_airbyte_records", {
        tables: { log: {} },
        messages: [{ tableName: "log", data: [] }],
      }],
    ] as [string, string, object][]
  ) assertEquals((await send(method, step, body))[0], 400, step);
  await engine.close();
});

Deno.test("records that a schema forbids are refused", async () => {
  const admin = new Admin({ app: { schema, modules } });
  const { engine } = admin;
  const body = JSON.stringify({
    tables: { strict: {} },
    messages: [
      { tableName: "strict", data: { name: "a" } },
      { tableName: "strict", data: { name: 1 } },
    ],
  });
  const path = "streaming_import/import_airbyte_records";
  const response = await admin.send(path, body);
  const { code, message } = await response.json();
  assertEquals([response.status, code], [400, "ImportFailed"]);
  assertStringIncludes(message, ".name");
  assertEquals(await engine.query("rows:all", { table: "strict" }), []);
  await engine.close();
});

Deno.test("a record that another caller writes while an import looks for it is replaced, not duplicated", async () => {
  const admin = new DeploymentAdmin({ modules });
  const engine = openEngine({
    modules: { ...modules, ...admin.functions() },
    store: openMemoryStore(),
  });
  const meanwhile: (() => Promise<unknown>)[] = [];
  const run: typeof engine.run = async (type, name, ...rest) => {
    if (name.endsWith("streamingImport:write")) await meanwhile.shift()?.();
    const outcome = await engine.run(type, name, ...rest);
    if (name.endsWith("streamingImport:write")) await meanwhile.shift()?.();
    return outcome;
  };
  const server = createConvexServer({ ...engine, run }, {
    adminKey: "admin|01",
    admin,
  });
  const take = async (...records: object[]) => {
    const response = await server.handle(
      new Request(
        "http://127.0.0.1/api/streaming_import/import_airbyte_records",
        {
          method: "POST",
          headers: { authorization: "Convex admin|01" },
          body: JSON.stringify({
            tables: { users: { primaryKey: [["id"]] } },
            messages: records.map((data) => ({ tableName: "users", data })),
          }),
        },
      ),
    );
    assertEquals([response.status, await response.json()], [200, null]);
  };
  const add = (id: number) => () =>
    engine.mutation("rows:add", { id, by: "another" });
  const all = async () =>
    (await engine.query("rows:all", { table: "users" }) as {
      id: number;
      by: string;
    }[]).map(({ id, by }) => `${id} by ${by}`).sort();
  meanwhile.push(add(1), add(2));
  await take({ id: 1, by: "source" });
  assertEquals(await all(), ["1 by source", "2 by another"]);
  await take({ id: 2, by: "source" });
  assertEquals(await all(), ["1 by source", "2 by source"]);
  meanwhile.push(() => engine.mutation("rows:rename", { from: 1, to: 3 }));
  await take({ id: 1, by: "source" }, { id: 4, by: "source" });
  await take({ id: 4, by: "source again" });
  assertEquals(await all(), [
    "1 by source",
    "2 by source",
    "3 by source",
    "4 by source again",
  ]);
  server.close();
  await engine.close();
});
