/** What `openEngine` and its engine say of what no compiler keeps a caller from in JavaScript. */
import {
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { type EmbeddedOptions, openEngine } from "../../src/embedded/mod.ts";
import { openSqliteStore } from "../../src/embedded/mod.ts";
import { EngineError } from "../../src/errors.ts";

const add = {
  isMutation: true,
  isPublic: true,
  _handler: (ctx: { db: { insert(table: string, row: object): unknown } }) =>
    ctx.db.insert("notes", {}),
};
const list = {
  isQuery: true,
  isPublic: true,
  _handler: (
    ctx: { db: { query(table: string): { take(most: number): unknown } } },
  ) => ctx.db.query("notes").take(9),
};
const modules = { "notes.ts": { add, list } };
const handler = { now: () => "noon", set() {}, clear() {} };

const OPTIONS: [options: unknown, tells: string][] = [
  [5, "options of openEngine must be an object; got 5"],
  [{ schema: null }, "schema must be the result of defineSchema"],
  [{ components: [] }, "components must be an object of components by path"],
  [{ components: { pool: 5 } }, 'components["pool"] must be an object; got 5'],
  [
    { components: { pool: {} } },
    'components["pool"].modules must be modules by path',
  ],
  [
    { components: { pool: { modules: { "a.ts": 5 } } } },
    'components["pool"].modules["a.ts"] must be a module\'s exports',
  ],
  [
    { components: { pool: { modules, env: "A=1" } } },
    'components["pool"].env must be an object of strings by name; got "A=1"',
  ],
  [
    { components: { pool: { modules, prefix: "/a" } } },
    'a component has no option "prefix" (did you mean httpPrefix?)',
  ],
  [
    { components: { "pool/": { modules } } },
    'components["pool/"] must be under a path such as workpool',
  ],
  [{ httpPrefix: 5 }, "httpPrefix must be a path, such as /api; got 5"],
  [{ clock: { now: () => 1 } }, "clock must be { now, set, clear }"],
  [{ clock: handler }, "of which now gives the time in ms"],
  [{ random: null }, "random must be a function that fills an array"],
  [{ limits: NaN }, "limits must be an object of limits by name; got NaN"],
  [{ auth: "clerk" }, "auth must be a function that gives a token's user"],
  [{ crons: "no" }, 'crons must be true or false; got "no"'],
  [{ url: "127.0.0.1:80" }, "url must be an absolute http(s) URL"],
  [{ services: { ai: 5 } }, 'services["ai"] must be an object; got 5'],
  [
    { services: { ai: { url: "http://a" } } },
    'services["ai"].token must be a string, or a function that gives one',
  ],
  [{ log: "debug" }, 'log must be a function; got "debug"'],
];

for (const [options, tells] of OPTIONS) {
  Deno.test(`openEngine() refuses ${Deno.inspect(options)}`, () => {
    const given = typeof options === "object"
      ? { modules, ...options }
      : options;
    const error = assertThrows(
      () => openEngine(given as EmbeddedOptions),
      EngineError,
    );
    assertStringIncludes(error.message, tells);
  });
}

Deno.test("a wrong option opens no file", async () => {
  const folder = await Deno.makeTempDir();
  const store = `${folder}/app.db`;
  assertThrows(() => openEngine({ modules, store, crons: 1 as never }));
  assertThrows(
    () => openSqliteStore({ path: store, durabilty: "off" } as never),
    Error,
    'openSqliteStore has no option "durabilty" (did you mean durability?)',
  );
  assertEquals([...Deno.readDirSync(folder)], []);
  await Deno.remove(folder);
});

const CALL_OPTIONS: [options: unknown, tells: string][] = [
  [null, "must be an object; got null"],
  ["5s", 'must be an object; got "5s"'],
  [{ signal: 5 }, "signal must be an AbortSignal; got 5"],
  [{ signal: null }, "signal must be an AbortSignal; got null"],
  [{ timeoutMs: 5 }, 'has no option "timeoutMs": it has signal, journal, '],
  [{ identity: "mia" }, "identity must be an identity, such as { subject"],
  [{ journal: 5 }, "journal must be an object"],
];

Deno.test("a call with wrong options rejects before it begins", async () => {
  await using engine = openEngine({ modules });
  for (const [options, tells] of CALL_OPTIONS) {
    const wrong = options as never;
    const errors = [
      await assertRejects(() => engine.mutation("notes:add", {}, wrong)),
      await assertRejects(() => engine.query("notes:list", {}, wrong)),
      assertThrows(() => engine.watch("notes:list", {}, wrong)),
    ];
    for (const error of errors) {
      assertStringIncludes((error as Error).message, tells);
    }
  }
  await assertRejects(
    () => engine.query("notes:list", {}, { token: 5 as never }),
    EngineError,
    "token must be a string; got 5",
  );
  assertEquals(await engine.query("notes:list"), []);
});

Deno.test("what servers ask of an engine is checked, too", async () => {
  await using engine = openEngine({ modules });
  const wrong = [5, "never", null] as never[];
  for (const value of wrong) {
    await assertRejects(() => engine.fetch(value), EngineError, "request");
    await assertRejects(() => engine.importData(value), EngineError, "data");
    const calls: [string, () => unknown][] = [
      ["observer", () => engine.observe(value)],
      ["follower", () => engine.follow(value)],
      ["ts", () => engine.holdTimestamp(value)],
    ];
    for (const [name, call] of calls) {
      assertThrows(call, EngineError, `${name} must be `);
    }
  }
  assertThrows(() => engine.tables(5 as never), EngineError, "component");
  assertThrows(() => engine.schema(5 as never), EngineError, "component");
  assertThrows(() => engine.tableSize(5 as never), EngineError, "table");
  const run = () => engine.run("query", "notes:list", {}, 5 as never);
  await assertRejects(run, EngineError, "settings must be an object; got 5");
});
