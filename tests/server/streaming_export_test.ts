/** Documents as connectors of streaming export get them. */
import { assert, assertEquals } from "@std/assert";
import { defineSchema, defineTable, mutationGeneric } from "convex/server";
import { v } from "convex/values";
import { StreamingExport } from "../../src/server/streaming/streaming_export.ts";
import { Admin } from "../support/admin.ts";

const schema = defineSchema({
  notes: defineTable({
    text: v.string(),
    by: v.optional(v.id("users")),
    count: v.optional(v.int64()),
  }),
  users: defineTable({ name: v.string() }),
  free: defineTable(v.any()),
});

const modules = {
  any: {
    add: mutationGeneric({
      args: { table: v.string(), value: v.any() },
      handler: (ctx, { table, value }) => ctx.db.insert(table, value),
    }),
    remove: mutationGeneric({
      args: { id: v.string() },
      handler: (ctx, { id }) => ctx.db.delete(id as never),
    }),
  },
};

// deno-lint-ignore no-explicit-any -- answers of any shape
type Json = any;

interface Exporter {
  /** Asks as a connector does. */
  ask(path: string, body?: object, init?: RequestInit): Promise<Json>;
  run(name: string, args: object, component?: string): Promise<string>;
}

/** In nanoseconds, as a multiple of 256, this is `…982999808`, which a float in JSON shows as `…982999800`. */
const NOW_MS = 1_795_756_808_983;

function exportCase(name: string, run: (exporter: Exporter) => Promise<void>) {
  Deno.test(name, async () => {
    const app = { schema, modules, now: () => NOW_MS };
    const admin = new Admin({ app });
    await run({
      async ask(path, body, init) {
        const posted = body &&
          { method: "POST", body: JSON.stringify(body) };
        return await (await admin.fetch(path, { ...posted, ...init })).json();
      },
      run: async (name, args, component = "") => {
        const called = `any:${name}`;
        const { value } = await admin.engine
          .run("mutation", called, args as Json, { component });
        return value as string;
      },
    });
    await admin.engine.close();
  });
}

exportCase(
  "a connector reads a snapshot and what changes after it",
  async ({ ask, run }) => {
    const user = await run("add", { table: "users", value: { name: "ada" } });
    const note = { text: "é", by: user, count: 7n };
    const id = await run("add", { table: "notes", value: note });
    await run("add", { table: "notes", value: { text: "boxed" } }, "box");
    assertEquals(await ask("test_streaming_export_connection"), null);
    const whole = await ask("list_snapshot");
    assertEquals(
      whole.values.map((
        value: Json,
      ) => [value._component, value._table, value.text ?? value.name]),
      [["", "notes", "é"], ["", "users", "ada"], ["box", "notes", "boxed"]],
    );
    assertEquals(whole.hasMore, false);
    const page = await ask(
      `list_snapshot?tableName=notes&snapshot=${whole.snapshot}`,
    );
    const [{ _creationTime, _ts, ...rest }] = page.values;
    assert(_creationTime > 0 && _ts <= page.snapshot);
    const facts = { _component: "", _id: id, _table: "notes" };
    assertEquals(rest, { ...note, ...facts, count: "7" });
    const none = await ask(`document_deltas?cursor=${page.snapshot}`);
    assertEquals([none.values, none.hasMore], [[], false]);

    await run("remove", { id });
    await run("add", { table: "users", value: { name: "bob" } });
    const later = await ask("document_deltas", {
      cursor: none.cursor,
      format: "convex_encoded_json",
    });
    assert(later.values[0]._ts < later.values[1]._ts);
    assertEquals(later.values[0], {
      ...facts,
      _deleted: true,
      _ts: later.values[0]._ts,
    });
    assertEquals([later.values[1].name, later.values[1]._deleted], [
      "bob",
      false,
    ]);
    assertEquals(later.cursor, later.values[1]._ts);
    const ofNotes = await ask(
      `document_deltas?cursor=${page.snapshot}&tableName=notes`,
    );
    assertEquals(ofNotes.values.map((value: Json) => value._id), [id]);
  },
);

exportCase(
  "a connector chooses components, tables and fields",
  async ({ ask, run }) => {
    for (const component of ["", "box"]) {
      await run("add", { table: "notes", value: { text: "a" } }, component);
      await run("add", { table: "users", value: { name: "b" } }, component);
    }
    const seen = async (body: object) =>
      (await ask("list_snapshot", body)).values.map((value: Json) =>
        `${value._component}/${value._table} ${
          Object.keys(value).filter((name) => !name.startsWith("_"))
        } ${"_creationTime" in value}`
      );
    assertEquals(await seen({ component: "box" }), [
      "box/notes text true",
      "box/users name true",
    ]);
    const notes = { _other: "excl", notes: { _other: "excl", text: "incl" } };
    assertEquals(await seen({ selection: { _other: "excl", "": notes } }), [
      "/notes text false",
    ]);
    const text = { _other: "incl", text: "excl" };
    assertEquals(
      await seen({
        selection: { _other: "excl", box: { _other: "incl", notes: text } },
      }),
      ["box/notes  true", "box/users name true"],
    );
    for (
      const selection of [[], {}, { _other: "no" }, { _other: "incl", a: 1 }]
    ) {
      assertEquals(
        (await ask("list_snapshot", { selection })).code,
        "BadJsonBody",
      );
    }
  },
);

exportCase("a connector is refused what cannot be read", async ({ ask }) => {
  const code = async (path: string, body?: object) =>
    (await ask(path, body)).code;
  assertEquals(
    await code("document_deltas?cursor=1000"),
    "InvalidWindowToReadDocuments",
  );
  const { snapshot } = await ask("list_snapshot");
  assertEquals(await code("document_deltas"), "DocumentDeltasCursorRequired");
  assertEquals(
    await code("document_deltas?cursor=1000"),
    "InvalidWindowToReadDocuments",
  );
  assertEquals(
    await code(`list_snapshot?snapshot=${snapshot - 1000}`),
    "InvalidWindowToReadDocuments",
  );
  assertEquals(await code("document_deltas?cursor=x"), "BadTimestamp");
  assertEquals(await code("list_snapshot?cursor=x"), "BadCursor");
  assertEquals(await code("list_snapshot?format=xml"), "BadFormat");
  assertEquals(await code("v1/data/sync", { cursor: "x" }), "BadCursor");
  const outside = await ask("list_snapshot", undefined, { headers: {} });
  assertEquals(outside.code, "Forbidden");
});

exportCase(
  "tables are described by their schema, or by what is in them",
  async ({ ask, run }) => {
    await run("add", {
      table: "free",
      value: { n: 1, deep: [{ a: "x" }, { b: null }] },
    });
    await run("add", { table: "free", value: { n: "1" } });
    const schemas = await ask("json_schemas?deltaSchema=true&format=json");
    assertEquals(schemas.notes.properties, {
      _creationTime: { type: "number" },
      _id: { $description: "Id(notes)", type: "string" },
      by: { $description: "Id(users)", type: "string" },
      count: { $description: "Int64", type: "string" },
      text: { type: "string" },
      _ts: { type: "integer" },
      _deleted: { type: "boolean" },
      _component: { type: "string" },
      _table: { type: "string" },
    });
    assertEquals(schemas.notes.required, ["_creationTime", "_id", "text"]);
    assertEquals(schemas.free.properties.n, {
      anyOf: [{ type: "string" }, { type: "number" }],
    });
    const encoded = await ask("json_schemas?format=convex_json");
    assertEquals(Object.keys(encoded.notes.properties.count.properties), [
      "$integer",
    ]);
    assertEquals((await ask("get_tables_and_columns")).notes, [
      "_creationTime",
      "_id",
      "by",
      "count",
      "text",
    ]);
    const { byComponent } = await ask("get_table_column_names");
    assertEquals(byComponent.box, []);
    assertEquals(byComponent[""].map(({ name }: Json) => name), [
      "free",
      "notes",
      "users",
    ]);
    const shapes = await ask("shapes2");
    assertEquals(shapes.users, { type: "Never" });
    const deep = shapes.free.fields.find(({ fieldName }: Json) =>
      fieldName === "deep"
    );
    const field = (fieldName: string, type: string) => ({
      fieldName,
      optional: true,
      shape: { type },
    });
    assertEquals(deep, {
      fieldName: "deep",
      optional: true,
      shape: {
        type: "Array",
        shape: {
          type: "Object",
          fields: [field("a", "String"), field("b", "Null")],
        },
      },
    });
  },
);

exportCase("a sync goes on from its cursor", async ({ ask, run }) => {
  const id = await run("add", { table: "users", value: { name: "ada" } });
  const first = await ask("v1/data/sync", {});
  assertEquals(first.values.map(({ name }: Json) => name), ["ada"]);
  assertEquals([first.status.type, first.status.hasMore], ["synced", false]);
  await run("remove", { id });
  const next = await ask("v1/data/sync", { cursor: first.cursor });
  assertEquals(next.values.map(({ _id, _deleted }: Json) => [_id, _deleted]), [[
    id,
    true,
  ]]);
  assertEquals([next.syncId, next.truncates], [first.syncId, []]);
});

Deno.test("a sync has more while only changes of other tables were looked at", async () => {
  const changes = {
    snapshot: () =>
      Promise.resolve({ documents: [], snapshot: 256n, cursor: null }),
    // As after thousands of them: there is another page.
    after: () =>
      Promise.resolve({ documents: [], cursor: 512n, hasMore: true }),
  };
  const routes = new StreamingExport({ changes } as never, [""]).routes();
  const sync = routes.find(({ path }) => path.endsWith("/data/sync"))!;
  const url = new URL("http://x.test/api/v1/data/sync");
  const request = new Request(url, { method: "POST", body: "{}" });
  const answer = await sync.answer({ request, url, rest: "" }) as Response;
  assertEquals((await answer.json()).status, {
    type: "synced",
    syncedTs: 256,
    hasMore: true,
  });
});
