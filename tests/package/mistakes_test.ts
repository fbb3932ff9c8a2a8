import {
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { AsyncConvexClient, ClientError, Cortex } from "../../mod.ts";
import { openEngine, openSqliteStore } from "../../src/embedded/mod.ts";
import { createExecutor } from "../../src/executor/mod.ts";
import {
  createConvexServer,
  denoHandler,
  DeploymentAdmin,
  jwtVerifier,
  serveNode,
} from "../../src/server/mod.ts";
import * as compat from "../../src/convex_test/compat.ts";
import { convexTest, defineTestApp } from "../../src/convex_test/mod.ts";
import { unknownOption } from "../../src/unknown_option.ts";

/** As much of an engine as is looked at when a server is made. */
const engine = { run: () => {} } as never;

const url = "http://127.0.0.1:9";

/** Mistakes that no compiler prevents in JavaScript, and what their errors must say. */
const mistakes: [mistake: string, make: () => unknown, tells: string][] = [
  [
    "new Cortex(url)",
    () => new Cortex("https://a.convex.cloud" as never),
    "config must be an object, such as { path } or { convexUrl }",
  ],
  [
    "new Cortex({ convexUrl }) of HTTP actions",
    () => new Cortex({ convexUrl: "https://a.convex.site" }),
    "convexUrl must be under .convex.cloud, such as",
  ],
  [
    "new Cortex(readConfig())",
    () => new Cortex(Promise.resolve({ path: "a.db" }) as never),
    "config must be an object, such as { path } or { convexUrl }: got [object Promise]",
  ],
  [
    "new AsyncConvexClient(url, readOptions())",
    () => new AsyncConvexClient(url, Promise.resolve({}) as never),
    "options of AsyncConvexClient must be an object; got [object Promise]",
  ],
  [
    "new AsyncConvexClient()",
    () => new AsyncConvexClient(undefined as never),
    "source must be a deployment's URL",
  ],
  [
    "createExecutor()",
    () => createExecutor(undefined as never),
    "options of createExecutor must be an object, not undefined",
  ],
  [
    "createExecutor({})",
    () => createExecutor({}),
    "options.handler must be given",
  ],
  ["openEngine()", () => openEngine(undefined as never), "modules must be"],
  ["openEngine({})", () => openEngine({} as never), "modules must be"],
  [
    "openEngine({ modules, path })",
    () => openEngine({ modules: {}, path: "a.db" } as never),
    'no option "path": it has schema',
  ],
  [
    "openEngine({ modules, store: 3 })",
    () => openEngine({ modules: {}, store: 3 as never }),
    "store must be the path of a SQLite file, or a store; got 3",
  ],
  [
    "openEngine({ modules: [tasks] })",
    () => openEngine({ modules: [{}] as never }),
    'modules must be modules by path, { "tasks.ts": tasks }; got an array',
  ],
  [
    'openEngine({ modules: { "tasks.ts": import("./tasks.ts") } })',
    () => openEngine({ modules: { "tasks.ts": Promise.resolve({}) as never } }),
    'modules["tasks.ts"] must be a module\'s exports, or a function that loads them; got [object Promise]',
  ],
  [
    "openEngine({ modules: tasks })",
    () =>
      openEngine({
        modules: {
          add: Object.assign(() => {}, { isMutation: true }),
        } as never,
      }),
    'modules["add"] must be a module\'s exports, or a function that loads them',
  ],
  [
    'openSqliteStore("app.db")',
    () => openSqliteStore("app.db" as never),
    'options: expected an object such as { path: "app.db" }, got "app.db"',
  ],
  [
    "convexTest(null)",
    () => convexTest(null as never),
    "schema must be the default export of schema.ts, or options; got null",
  ],
  [
    "convexTest(schema, glob)",
    () => convexTest(undefined, "./**/*.*s" as never),
    'modules must be what import.meta.glob gives; got "./**/*.*s"',
  ],
  [
    "convexTest({ modules: glob })",
    () => convexTest({ modules: "./**/*.*s" as never }),
    'modules must be what import.meta.glob gives; got "./**/*.*s"',
  ],
  [
    'convexTest({ compat: "convex_test" })',
    () => convexTest({ modules: {}, compat: "convex_test" as never }),
    'compat must be "convex" or "convex-test"; got "convex_test"',
  ],
  [
    'convexTest({ crons: "no" })',
    () => convexTest({ modules: {}, crons: "no" as never }),
    'crons must be true or false; got "no"',
  ],
  [
    "convexTest({ transactionLimits: 5 })",
    () => convexTest({ modules: {}, transactionLimits: 5 as never }),
    "transactionLimits must be true, false, or an object of limits by name; got 5",
  ],
  [
    "convexTest({ componentEnv: 5 })",
    () => convexTest({ modules: {}, componentEnv: 5 as never }),
    "componentEnv must be an object of variables by a component's path; got 5",
  ],
  [
    "defineTestApp({ components: 5 })",
    () => defineTestApp({ schema: {} as never, components: 5 as never }),
    "components must be an object of helpers by name; got 5",
  ],
  [
    "defineTestApp()",
    () => defineTestApp(undefined as never),
    "options of defineTestApp must be an object, { schema }; got undefined",
  ],
  [
    "defineTestApp() of compat",
    () => compat.defineTestApp(undefined as never),
    "options of defineTestApp must be an object, { schema }; got undefined",
  ],
  [
    "createConvexServer(engine, { adminKey: 5 })",
    () => createConvexServer(engine, { adminKey: 5 as never }),
    "createConvexServer: adminKey must be of type string, got 5",
  ],
  [
    "createConvexServer(engine, 3210)",
    () => createConvexServer(engine, 3210 as never),
    "createConvexServer: options must be an object, got 3210",
  ],
  [
    "denoHandler(engine)",
    () => denoHandler(engine as never),
    "denoHandler: server must be what createConvexServer returns, got { run }",
  ],
  [
    "serveNode(server)",
    () => serveNode({ handle() {} } as never, undefined as never, {} as never),
    "serveNode: http must be an object with the method on, got undefined",
  ],
  [
    "createConvexServer()",
    () => createConvexServer(undefined as never),
    "the first argument must be an engine, got undefined",
  ],
  [
    "new DeploymentAdmin()",
    () => new DeploymentAdmin(undefined as never),
    "DeploymentAdmin: options must be an object, got undefined",
  ],
  [
    "new DeploymentAdmin({})",
    () => new DeploymentAdmin({} as never),
    "DeploymentAdmin: modules must be an object, got undefined",
  ],
  [
    'new DeploymentAdmin({ modules: "./convex" })',
    () => new DeploymentAdmin({ modules: "./convex" as never }),
    'DeploymentAdmin: modules must be of type object, got "./convex"',
  ],
  [
    "jwtVerifier()",
    () => jwtVerifier(undefined as never),
    "providers of the auth config must be a list of providers, got undefined",
  ],
  [
    "jwtVerifier({ providers: [null] })",
    () => jwtVerifier({ providers: [null as never] }),
    "providers[0] of the auth config must be an object, got null",
  ],
  [
    "jwtVerifier(config, 5)",
    () => jwtVerifier({ providers: [] }, 5 as never),
    "jwtVerifier: options must be an object, got 5",
  ],
  [
    "jwtVerifier(config, { now: time })",
    () => jwtVerifier({ providers: [] }, { now: 5 as never }),
    "jwtVerifier: now must be of type function, got 5",
  ],
];

for (const [mistake, make, tells] of mistakes) {
  Deno.test(`${mistake} says what it lacks`, () => {
    assertStringIncludes(assertThrows(make, Error).message, tells);
  });
}

const inline = () => () => ({ handle: () => null });
const server = (options: object) =>
  createConvexServer({ run() {} } as never, options);
/** Options that are called so elsewhere, or were misspelt: none of them may be left out in silence. */
const misnamed: [
  options: object,
  make: (options: never) => unknown,
  meant: string,
][] = [
  [{ pth: "a.db" }, (o) => new Cortex(o), "path"],
  [
    { timeout: 5 },
    (o) => createExecutor({ inline, ...o as object }),
    "timeoutMs",
  ],
  [
    { resourceLimits: { maxOldGenerationSizeMB: 5 } },
    (o) => createExecutor({ inline, ...o as object }),
    "maxOldGenerationSizeMb",
  ],
  [{ timeout: 5 }, (o) => new AsyncConvexClient(url, o), "timeoutMs"],
  [{ inFlight: 5 }, (o) => AsyncConvexClient.http(url, o), "maxInFlight"],
  [{ timeoutMS: 5 }, (o) => AsyncConvexClient.http(url, o), "timeoutMs"],
  [
    { retry: { attempts: 5 } },
    (o) => AsyncConvexClient.http(url, o),
    "maxAttempts",
  ],
  [
    { circuitBreaker: { open: 5 } },
    (o) => AsyncConvexClient.http(url, o),
    "openMs",
  ],
  [
    { timeout: 5 },
    (o) =>
      AsyncConvexClient.wrap({ query() {}, mutation() {}, action() {} }, o),
    "timeoutMs",
  ],
  [
    { schemas: {} },
    (o) => openEngine({ modules: {}, ...o as object }),
    "schema",
  ],
  [{ admin_key: "a|b" }, server, "adminKey"],
  [{ limits: { maxQuery: 5 } }, server, "maxQueries"],
  [
    { siteURL: url },
    (o) => new DeploymentAdmin({ modules: {}, ...o as object }),
    "siteUrl",
  ],
  [{ Fetch: fetch }, (o) => jwtVerifier({ providers: [] }, o), "fetch"],
  [{ cron: true }, (o) => convexTest(o), "crons"],
  [
    { component: {} },
    (o) => defineTestApp({ schema: {} as never, ...o as object }),
    "components",
  ],
];

for (const [options, make, meant] of misnamed) {
  const [name] = Object.keys(options);
  Deno.test(`an option ${name} that there is not is refused, for ${meant}`, () => {
    const { message } = assertThrows(() => make(options as never), Error);
    assertStringIncludes(message, "has no option");
    assertStringIncludes(message, `did you mean ${meant}?`);
  });
}

Deno.test("an option of a call or a task that there is not is refused", async () => {
  const client = new AsyncConvexClient(url);
  const call = () => client.query("a:b", {}, { timeout: 5 } as never);
  assertStringIncludes(
    (await assertRejects(call, Error)).message,
    'a call has no option "timeout" (did you mean timeoutMs?)',
  );
  await client.close();
  await using executor = createExecutor({ inline, kinds: ["inline"] });
  const run = () => executor.run(1, { afinity: 5 } as never);
  assertStringIncludes(
    (await assertRejects(run, Error)).message,
    'a task has no option "afinity" (did you mean affinity?)',
  );
});

Deno.test("an option of a source that loads later is refused by the first call", async () => {
  const durability = AsyncConvexClient.embedded({ durability: "ful" as never });
  assertStringIncludes(
    (await assertRejects(() => durability.query("a:b"), ClientError)).message,
    'durability must be "full" or "normal" or "off"; got "ful"',
  );
  const embedded = AsyncConvexClient.embedded({ pathh: "a.db" } as never);
  const module = AsyncConvexClient.fromModule(`${url}/a.js`, {}, {
    workers: 2,
  } as never);
  for (
    const [client, meant] of [[embedded, "path"], [
      module,
      "maxWorkers",
    ]] as const
  ) {
    const call = () => client.query("a:b");
    const { message } = await assertRejects(call, Error);
    assertStringIncludes(message, `did you mean ${meant}?`);
    await client.close();
  }
});

Deno.test("options of a source that are no object are refused by the first call", async () => {
  const owners: [string, (options: never) => AsyncConvexClient][] = [
    ["embedded", (options) => AsyncConvexClient.embedded(options)],
    [
      "fromModule",
      (options) => AsyncConvexClient.fromModule(`${url}/a.js`, {}, options),
    ],
  ];
  for (const [name, make] of owners) {
    for (const wrong of [null, "a.db", 5, Promise.resolve({})]) {
      const client = make(wrong as never);
      const call = () => client.query("a:b");
      const { message } = await assertRejects(call, ClientError);
      assertEquals(
        message,
        `options of AsyncConvexClient.${name} must be an object; got ${
          wrong instanceof Promise ? String(wrong) : JSON.stringify(wrong)
        }`,
      );
      await client.close();
    }
  }
});

Deno.test("an option of a wrong type of a source that loads later is refused by the first call", async () => {
  const wrong: [AsyncConvexClient, string][] = [
    [
      AsyncConvexClient.embedded({ storage: 5 as never }),
      "storage must be an object; got 5",
    ],
    [
      AsyncConvexClient.fromModule(`${url}/a.js`, {}, {
        blocking: "no" as never,
      }),
      'blocking must be a boolean; got "no"',
    ],
  ];
  for (const [client, says] of wrong) {
    const call = () => client.query("a:b");
    assertEquals((await assertRejects(call, ClientError)).message, says);
    await client.close();
  }
});

Deno.test("an unknown option that is like none has no suggestion", () => {
  const known = { path: 1, log: 1 };
  assertEquals(
    unknownOption("it", { store: undefined, path: 3 }, known),
    undefined,
  );
  assertEquals(unknownOption("it", { store: 3 }, known), {
    name: "store",
    text: 'it has no option "store": it has path, log',
  });
  assertEquals(
    unknownOption("it", { ["no option ".repeat(20)]: 3 }, known, "event")?.text,
    `it has no event "${
      "no option ".repeat(8).slice(0, -1)
    }…: it has path, log`,
  );
});
