/** Imports and exports by admins, and what they report. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { DeploymentAdmin, HttpFault } from "../../src/server/mod.ts";
import { writeZip } from "../../src/server/transfer/zip.ts";
import { Admin, modules } from "../support/admin.ts";

async function archiveOf(files: { [name: string]: string }) {
  async function* entries() {
    for (const [name, text] of Object.entries(files)) {
      const content = (async function* () {
        yield new TextEncoder().encode(text);
      })();
      yield { name, content };
    }
  }
  return await new Response(writeZip(entries())).blob();
}

/** Ids of another deployment, whose tables have other numbers. */
const USER = "k57a0vq5w2b5x8m1y3t6d9g4fh7jn2cr";
const NOTE = "j97b1wr6x3c6y9n2z4v7e0h5gk8kp3ds";
const FILE = "kg2c2xs7y4d7z0p3a5w8f1j6hm9mq4et";

Deno.test("the states of the last hundred imports are known", async () => {
  const admin = new Admin();
  const started: string[] = [];
  for (let at = 0; at < 101; at++) {
    const { uploadToken } = await (await admin.send("import/start_upload"))
      .json();
    const { importId } = await admin.tell("import/finish_upload", {
      import: { mode: "append", format: "none" },
      uploadToken,
      partTokens: [],
    });
    started.push(importId);
  }
  const stateOf = (importId: string) =>
    admin.ask("_system/cli/queryImport", { importId });
  assertEquals(await stateOf(started[0]!), null);
  for (const id of [started[1]!, started[100]!]) {
    assertEquals((await stateOf(id)).state.state, "failed");
  }
  await admin.engine.close();
});

Deno.test("what comes from another deployment keeps its order and values, and what refers to it follows", async () => {
  const admin = new Admin();
  const line = (row: object) => `${JSON.stringify(row)}\n`;
  const archive = await archiveOf({
    "README.md": "a snapshot",
    "notes/generated_schema.jsonl": "{}",
    "notes/documents.jsonl": line({
      _id: NOTE,
      _creationTime: 1700000000001.25,
      text: "second",
      by: USER,
      count: "-7",
      bytes: "AAEC",
      deep: { a: ["NaN", "Infinity", 1] },
      kind: { size: "7", of: "AAEC" },
    }) +
      line({ _id: "x", _creationTime: 1700000000000.5, text: "first" }),
    "users/documents.jsonl": line({
      _id: USER,
      _creationTime: 1600000000000,
      name: "Ann",
      notes: [NOTE, "plain", FILE],
    }),
    "_storage/documents.jsonl": line({
      _id: FILE,
      _creationTime: 1700000000000,
      contentType: "text/plain",
      size: 4,
    }),
    [`_storage/${FILE}.txt`]: "file",
    "_components/box/things/documents.jsonl": line({ of: USER }),
  });
  assertEquals(await admin.import({ format: "zip" }, archive), [
    {
      state: "waiting_for_confirmation",
      message_to_confirm: "",
      require_manual_confirmation: false,
    },
    { state: "completed", num_rows_written: { $integer: "BAAAAAAAAAA=" } },
  ]);
  const [user] = await admin.ask("notes:all", { table: "users" });
  const [first, second] = await admin.ask("notes:all", { table: "notes" });
  const [thing] = await admin.ask("notes:all", { table: "things" }, "box");
  assertEquals(user._creationTime, 1600000000000);
  assertEquals([first.text, first._creationTime], ["first", 1700000000000.5]);
  const { _id, ...fields } = second;
  assertEquals(fields, {
    _creationTime: 1700000000001.25,
    text: "second",
    by: user._id,
    count: { $integer: "+f////////8=" },
    bytes: { $bytes: "AAEC" },
    deep: { a: [{ $float: "AAAAAAAA+H8=" }, { $float: "AAAAAAAA8H8=" }, 1] },
    kind: { size: "7", of: { $bytes: "AAEC" } },
  });
  assertEquals(thing.of, user._id);
  assertEquals(user.notes.slice(0, 2), [_id, "plain"]);
  const file = await admin.ask("notes:file", { id: user.notes[2] });
  assertEquals([file.size, file.contentType], [4, "text/plain"]);
  // Its own ids are kept: what is exported and imported is what it was.
  const before = await admin.export();
  await admin.ask("notes:add", { text: "third" });
  const [waiting, ended] = await admin.import(
    { format: "zip", mode: "replaceAll" },
    before,
  );
  assertStringIncludes(waiting.message_to_confirm, "notes, users");
  assertEquals(ended.state, "completed");
  const after = await admin.ask("notes:all", { table: "notes" });
  assertEquals(after, [first, second]);
  const again = await admin.ask("notes:file", { id: user.notes[2] });
  assertEquals(again, file);
  // Files stay where an archive has none.
  const without = await archiveOf({
    "notes/documents.jsonl": "",
    "my_storage/documents.jsonl": "",
  });
  await admin.import({ format: "zip", mode: "replaceAll" }, without);
  assertEquals(await admin.ask("notes:all", { table: "users" }), []);
  const files = new TextDecoder("latin1").decode(await admin.export());
  assert(/_storage\/[0-9a-z]{31,37}/.test(files));
  await admin.engine.close();
});

Deno.test("an import that fails leaves everything as it was", async () => {
  const admin = new Admin();
  await admin.ask("notes:add", { text: "kept" });
  const failures: [plan: object, file: string | Blob, says: string][] = [
    [{}, `{"text":"x"}`, "there are documents in notes"],
    [{ mode: "append" }, `{"text":"x"}\n{"text":5}`, "Path: .text"],
    [{ mode: "replace" }, `{"text":"x"}\n{"text":5}`, "Path: .text"],
    [{ mode: "append" }, `{"text":"x"}\n[]`, "line 2 is not an object"],
    [{ mode: "append" }, `{"text":`, "line 1 is not JSON"],
    [{ mode: "append", format: "jsonArray" }, `{}`, "not an array"],
    [
      { mode: "append", format: "csv" },
      `text\n"a`,
      "line 2, column 1: extraneous",
    ],
    [
      { mode: "append", format: "csv" },
      `text,by\na`,
      "line 2: expected 2 fields but got 1",
    ],
    [{ mode: "append", format: "zip" }, `{}`, "not a ZIP archive"],
    [
      { mode: "replaceAll", format: "zip" },
      await archiveOf({ "snapshot/notes/documents.jsonl": `{"text":"x"}` }),
      "has no TABLE/documents.jsonl",
    ],
    [{ mode: "append", format: "xml" }, `{}`, "no format xml"],
    [{ mode: "append", tableName: "_storage" }, `{}`, "names no table"],
    [{ mode: "append", componentPath: "none" }, `{}`, "no component none"],
  ];
  for (const [plan, file, says] of failures) {
    const states = await admin.import({ tableName: "notes", ...plan }, file);
    const { state, error_message: message } = states.at(-1);
    assertEquals([state, message?.includes(says)], ["failed", true], message);
  }
  const notes = await admin.ask("notes:all", { table: "notes" });
  assertEquals(notes.map((note: { text: string }) => note.text), ["kept"]);
  // Truncated files are reported, wherever they end.
  const archive = new Uint8Array(await admin.export());
  for (let length = 0; length < archive.length; length += 7) {
    const [{ state }] = await admin.import(
      { format: "zip", mode: "append" },
      archive.slice(0, length),
    );
    assertEquals(state, "failed", `${length} bytes`);
  }
  for (
    const [path, code] of [
      ["deploy2/start_push", "FunctionsAreFixed"],
      ["update_environment_variables", "NoEnvironment"],
      ["import/upload_part?uploadToken=x&partNumber=1", "BadUpload"],
    ] as const
  ) {
    const response = await admin.send(path, `{"changes":[]}`);
    const fault = await response.json();
    assertEquals([response.status, fault.code], [400, code]);
    if (code === "NoEnvironment") {
      assertStringIncludes(fault.message, "--env FILE");
    }
  }
  await admin.engine.close();
});

Deno.test("a program's own receiver of pushes refuses a step as it likes", async () => {
  const admin = new Admin({
    push: {
      take: (step) => Promise.reject(new HttpFault(409, "Frozen", step)),
    },
  });
  const response = await admin.send("deploy2/start_push", "{}");
  assertEquals(response.status, 409);
  const message = "deploy2/start_push";
  assertEquals(await response.json(), { code: "Frozen", message });
  await admin.engine.close();
});

Deno.test("a part of an upload has a whole number, or is refused", async () => {
  const admin = new Admin();
  const { uploadToken } = await admin.tell("import/start_upload", {});
  for (const partNumber of ["0", "1.5", "10001", "x"]) {
    const path =
      `import/upload_part?uploadToken=${uploadToken}&partNumber=${partNumber}`;
    const { code, message } = await (await admin.send(path, "a")).json();
    assertEquals(code, "BadUpload", partNumber);
    assertStringIncludes(message, "an integer from 1 to 10000");
  }
  await admin.engine.close();
});

Deno.test("outsiders are refused what admins are answered, and nothing else", async () => {
  const admin = new Admin();
  const statuses = [];
  for (
    const path of [
      "deploy2/start_push",
      "get_config_hashes",
      "export/zip/1",
      "import/start_upload",
      "list_snapshot",
      "streaming_import/clear_tables",
      "stream_function_logs",
      "v1/deployment_info",
      "v1/nothing",
      "query",
    ]
  ) {
    const response = await admin.fetch(path, { method: "POST", headers: {} });
    await response.body?.cancel();
    statuses.push(response.status);
  }
  assertEquals(statuses, [403, 403, 403, 403, 403, 403, 403, 403, 404, 400]);
  await admin.engine.close();
});

Deno.test("what is imported is bounded", async () => {
  const admin = new Admin({ maxImportBytes: 10 });
  const { uploadToken } = await (await admin.send("import/start_upload"))
    .json();
  const path = `import/upload_part?uploadToken=${uploadToken}&partNumber=`;
  const statuses = [];
  for (const [at, text] of ["12345678", "123", "12"].entries()) {
    const response = await admin.send(`${path}${at + 1}`, text);
    await response.body?.cancel();
    statuses.push(response.status);
  }
  assertEquals(statuses, [200, 413, 200]);
  await admin.engine.close();
});

Deno.test("an archive that unpacks to too much is refused before it does", async () => {
  const admin = new Admin({ maxImportBytes: 2000 });
  const archive = await archiveOf({
    "notes/documents.jsonl": `{"text":"${"x".repeat(10_000)}"}`,
  });
  assert(archive.size < 2000);
  const [state] = await admin.import({ format: "zip" }, archive);
  assertEquals(state, {
    state: "failed",
    error_message:
      "notes/documents.jsonl: the ZIP archive unpacks to more than 8000 bytes",
  });
  await admin.engine.close();
});

Deno.test("parts that arrive at the same time are bounded together", async () => {
  const admin = new Admin({ maxImportBytes: 10 });
  const { uploadToken } = await admin.tell("import/start_upload", {});
  const path = `import/upload_part?uploadToken=${uploadToken}&partNumber=`;
  const uploads = [1, 2].map(async (at) => {
    // Without a length.
    const body = new Blob(["123456"]).stream();
    const response = await admin.send(`${path}${at}`, body);
    await response.body?.cancel();
    return response.status;
  });
  assertEquals((await Promise.all(uploads)).sort(), [200, 413]);
  // What did not fit takes no room.
  const response = await admin.send(`${path}3`, "1234");
  assertEquals([response.status, await response.json()], [200, "3"]);
  await admin.engine.close();
});

Deno.test("an upload is finished when all its parts have arrived", async () => {
  const admin = new Admin();
  const { uploadToken } = await admin.tell("import/start_upload", {});
  const send = async (partNumber: number, text: string) => {
    const path = "import/upload_part";
    const query = `uploadToken=${uploadToken}&partNumber=${partNumber}`;
    return await (await admin.send(`${path}?${query}`, text)).json();
  };
  const finish = (partTokens: string[]) =>
    admin.tell("import/finish_upload", {
      import: { tableName: "rows", mode: "append", format: "jsonArray" },
      uploadToken,
      partTokens,
    });
  await send(1, "one");
  await send(3, "three");
  const hole = await finish(["1", "3"]);
  assertEquals([hole.code, hole.message], [
    "BadUpload",
    "part 2 of the upload has not arrived",
  ]);
  await send(2, "two");
  const short = await finish(["1", "2", "3", "4"]);
  assertEquals(short.message, "part 4 of the upload has not arrived");
  assertEquals(typeof (await finish(["1", "2", "3"])).importId, "string");
  assertEquals((await send(4, "four")).code, "BadUpload");
  await admin.engine.close();
});

Deno.test("an admin can list the functions, and where they answer", async () => {
  const admin = new Admin({ url: "http://127.0.0.1:9" });
  const urls = await admin.send("v1/get_canonical_urls", undefined, "GET");
  assertEquals(await urls.json(), {
    convexCloudUrl: "http://127.0.0.1:9",
    convexSiteUrl: "http://127.0.0.1:9/http",
  });
  const [all, add] = await admin.ask("_system/cli/modules:apiSpec", {});
  assertEquals([all.identifier, add], ["notes.js:all", {
    functionType: "Mutation",
    identifier: "notes.js:add",
    args: {
      type: "object",
      value: { text: { fieldType: { type: "string" }, optional: false } },
    },
    returns: { type: "any" },
    visibility: { kind: "public" },
  }]);
  await admin.engine.close();
});

Deno.test("functions are listed for an admin by the names that calls use", async () => {
  const { apiSpec } = new DeploymentAdmin({
    modules: { "./convex/notes.ts": modules.notes },
  }).functions()["_system/cli/modules"] as {
    [name: string]: { _handler(ctx: object, args: object): unknown };
  };
  const [all] = await apiSpec!._handler({}, {}) as { identifier: string }[];
  assertEquals(all!.identifier, "notes.js:all");
});

Deno.test("a row of a CSV file becomes a document", async () => {
  const admin = new Admin();
  // Nearly a number, and long: it must not be read again from each of its digits.
  const digits = `${"1".repeat(200_000)}x`;
  const text = `text,extra\r\n"a, ""b""\nc",1e3\n\nd,\n${digits},1.\n`;
  const plan = { tableName: "rows", format: "csv", componentPath: "box" };
  await admin.import(plan, text);
  const rows = await admin.ask("notes:all", { table: "rows" }, "box");
  assertEquals(
    rows.map(({ text, extra }: { text: string; extra: unknown }) => [
      text,
      extra,
    ]),
    [['a, "b"\nc', 1000], ["d", ""], [digits, 1]],
  );
  await admin.engine.close();
});
