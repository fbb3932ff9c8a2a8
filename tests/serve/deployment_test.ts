/** What `deno task serve` serves, and what becomes of requests while that changes. */
import { gzipSync } from "node:zlib";
import {
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  mutationGeneric as mutation,
  queryGeneric as query,
} from "convex/server";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import type { SyncStore } from "../../src/store/types.ts";
import { checkAuth } from "../../tools/serve/check_auth.ts";
import { Deployment } from "../../tools/serve/deployment.ts";
import type { LoadedFunctions } from "../../tools/serve/load_functions.ts";
import { type PushedPart, readPush } from "../../tools/serve/push_request.ts";
import { PushReceiver } from "../../tools/serve/push_receiver.ts";
import { openOnDisk } from "../support/full_disk.ts";

const url = "http://127.0.0.1:3210";
function functions(version: number): LoadedFunctions {
  const exports = { version: query(() => version) };
  return {
    modules: { "./a.ts": exports },
    schema: undefined,
    authConfig: undefined,
    components: {},
  };
}

function deploy(openStore: () => SyncStore = openMemoryStore): Deployment {
  return new Deployment({
    openStore,
    url,
    siteUrl: url,
    adminKey: undefined,
    production: false,
    admin: {},
  });
}

async function ask(deployment: Deployment): Promise<unknown> {
  const request = new Request(`${url}/api/query`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ path: "a:version", args: {}, format: "json" }),
  });
  const response = await deployment.answer(request, "127.0.0.1");
  return response.ok ? (await response.json()).value : response.status;
}

Deno.test("requests that come before functions are served, or while they change, wait for them", async () => {
  const deployment = deploy();
  const early = [ask(deployment), ask(deployment)];
  await deployment.serve(functions(1));
  assertEquals(await Promise.all(early), [1, 1]);
  const change = deployment.serve(functions(2));
  const during: unknown[] = [];
  let isChanged = false;
  change.then(() => isChanged = true);
  while (!isChanged) during.push(await ask(deployment));
  assertEquals(
    during.filter((answer) => answer !== 1 && answer !== 2),
    [],
  );
  assertEquals(await ask(deployment), 2);
  await deployment.close();
});

Deno.test("what was served is served still where what comes after it has no valid auth config", async () => {
  const folder = await Deno.makeTempDir();
  const deployment = deploy(() => openSqliteStore({ path: `${folder}/data` }));
  await deployment.serve(functions(1));
  const authConfig = { providers: [{ applicationID: "convex" }] };
  await assertRejects(
    () => deployment.serve({ ...functions(2), authConfig }),
    TypeError,
    "providers[0].domain",
  );
  assertEquals(await ask(deployment), 1);
  await deployment.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a full disk is logged, and reads and writes go on as soon as they can", async () => {
  const folder = await Deno.makeTempDir();
  const disk = { isFull: false, opened: 0 };
  const deployment = deploy(() => {
    // As after a disk that is gone for a moment.
    if (++disk.opened === 3) throw new Error("cannot be opened");
    return openOnDisk(`${folder}/data`, disk);
  });
  const exports = {
    version: query(async ({ db }) =>
      (await db.query("notes").collect()).length
    ),
    add: mutation(async ({ db }) => {
      await db.insert("notes", {});
    }),
  };
  await deployment.serve({ ...functions(1), modules: { "./a.ts": exports } });
  const add = async () => {
    const request = new Request(`${url}/api/mutation`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ path: "a:add", args: {}, format: "json" }),
    });
    const response = await deployment.answer(request, "127.0.0.1");
    const text = await response.text();
    assertEquals(text.includes(folder), false, text);
    return response.status;
  };
  const lines: string[] = [];
  const { error } = console;
  console.error = (line: string) => lines.push(line);
  try {
    assertEquals(await add(), 200);
    disk.isFull = true;
    assertEquals(await Promise.all([add(), add()]), [500, 500]);
    assertEquals(await ask(deployment), 1);
    assertEquals(await add(), 500);
    disk.isFull = false;
    assertEquals(await add(), 200);
    assertEquals(await ask(deployment), 2);
  } finally {
    console.error = error;
    await deployment.close();
    await Deno.remove(folder, { recursive: true });
  }
  assertStringIncludes(lines[0]!, "error: No space is left");
});

Deno.test("a push is refused by all variables that its configuration requires and that are not set", async () => {
  const source = `const env = { SERVE_NO_A: { json: { type: "string" } },
    SERVE_NO_B: { json: { type: "string" } },
    SERVE_NO_C: { json: { type: "string" }, isOptional: "optional" } };
  export default { _childComponents: [], _env: env };`;
  const receiver = new PushReceiver("", { cloud: url, site: url }, () => {
    throw new Error("nothing is served");
  });
  const environment = "isolate" as const;
  const body = JSON.stringify({
    dryRun: false,
    appDefinition: {
      definition: { path: "convex.config.js", source, environment },
      dependencies: [],
      schema: null,
      changedModules: [],
    },
    componentDefinitions: [],
    nodeDependencies: [],
  });
  const { code, message } = await assertRejects(() =>
    receiver.take(
      "deploy2/start_push",
      new Request(url, { method: "POST", body }),
    )
  ) as Error & { code: string };
  assertEquals(code, "MissingEnvironmentVariables");
  assertStringIncludes(message, "are not set: SERVE_NO_A, SERVE_NO_B.");
});

Deno.test("a pushed auth config is refused by the variable that it lacks", () => {
  const part = (source: string): PushedPart => ({
    definition: null,
    dependencies: [],
    schema: null,
    changedModules: [
      { path: "auth.config.js", source, environment: "isolate" },
    ],
  });
  const config = (domain?: string) => ({
    providers: [{ domain, applicationID: "convex" }],
  });
  const source = "const domain = process.env.NO_SUCH_ISSUER;";
  checkAuth(part(source), undefined);
  checkAuth(part(source), config("https://example.com"));
  assertThrows(
    () => checkAuth(part(source), config()),
    Error,
    "Environment variable NO_SUCH_ISSUER is used in auth config file",
  );
  assertThrows(
    () => checkAuth(part("let domain;"), config()),
    TypeError,
    "providers[0].domain of the auth config must be a text",
  );
});

Deno.test("requests that wait for a deployment that is closed are answered with 503", async () => {
  const deployment = deploy();
  const early = ask(deployment);
  await deployment.close();
  assertEquals(await early, 503);
  assertEquals(await ask(deployment), 503);
});

Deno.test("a push loads the modules of the app and of each use of a component once, and reports them", async () => {
  const loaded: string[] = [];
  const environment = "isolate" as const;
  const module = (path: string, name: string, exported: string) => ({
    path,
    source: `globalThis.pushLoaded?.push("${name}"); ${exported}`,
    environment,
  });
  const part = { dependencies: [] as string[], schema: null };
  const uses = `[["one", {componentDefinitionPath: "c"}, [], undefined],
    ["two", {componentDefinitionPath: "c"}, [], undefined]]`;
  const child = `{ name: "one", path: "c" }, { name: "two", path: "c" }`;
  const config = (kind: string, children: string, exported: string) =>
    `export default { _childComponents: ${children}, export: () => ({
      definitionType: { type: "${kind}" }, httpMounts: {},
      childComponents: [${exported}] }) }`;
  const configFile = "convex.config.js";
  const body = JSON.stringify({
    dryRun: true,
    appDefinition: {
      ...part,
      definition: module(configFile, "app", config("app", uses, child)),
      dependencies: ["c"],
      changedModules: [module("a.js", "a", "")],
    },
    componentDefinitions: [{
      ...part,
      definitionPath: "c",
      definition: module(configFile, "c", config("component", "[]", "")),
      functions: [module("b.js", "b", "")],
    }],
  });
  const receiver = new PushReceiver("", { cloud: url, site: url }, () => {
    throw new Error("nothing is served");
  });
  const host = globalThis as { pushLoaded?: string[] };
  host.pushLoaded = loaded;
  try {
    const { analysis } = await receiver.take(
      "deploy2/start_push",
      new Request(url, { method: "POST", body }),
    ) as { analysis: { [path: string]: { functions: object } } };
    assertEquals(
      Object.entries(analysis).map((
        [path, { functions }],
      ) => [path, functions]),
      [["", { "a.js": { functions: [] } }], ["c", {
        "b.js": { functions: [] },
      }]],
    );
  } finally {
    delete host.pushLoaded;
  }
  assertEquals(loaded.sort(), ["a", "app", "b", "b", "c"]);
});

Deno.test("a push of a command line that is too old is refused by a reason", async () => {
  const receiver = new PushReceiver("", { cloud: url, site: url }, () => {
    throw new Error("nothing is served");
  });
  const request = () =>
    new Request(`${url}/api/prepare_schema`, {
      method: "POST",
      body: JSON.stringify({ bundle: "" }),
    });
  const { status, message } = await assertRejects(() =>
    receiver.take("prepare_schema", request())
  ) as Error & { status: number };
  assertEquals(status, 400);
  assertStringIncludes(message, "`npx convex` 1.28 and later");
});

Deno.test("a push whose modules leave its folder, or that cannot be read, is refused, and nothing is written", async () => {
  const receiver = new PushReceiver("", { cloud: url, site: url }, () => {
    throw new Error("nothing is served");
  });
  const push = async (body: BodyInit, encoding = "identity") => {
    const request = new Request(url, {
      method: "POST",
      body,
      headers: { "content-encoding": encoding },
    });
    const { status, code } = await assertRejects(() =>
      receiver.take("deploy2/start_push", request)
    ) as Error & { status: number; code: string };
    return [status, code];
  };
  const target = `${await Deno.makeTempDir()}/written.js`;
  const steps = "../".repeat(20);
  for (const path of [`${steps}${target}`, target, "a/../../b.js", "a\\b.js"]) {
    const module = { path, source: "", environment: "isolate" as const };
    for (const name of ["definition", "schema", "changedModules"]) {
      const part = { definition: null, schema: null, changedModules: [] };
      const appDefinition = {
        ...part,
        dependencies: [],
        [name]: name === "changedModules" ? [module] : module,
      };
      const body = { appDefinition, componentDefinitions: [] };
      assertEquals(await push(JSON.stringify(body)), [400, "InvalidModules"]);
    }
  }
  await assertRejects(() => Deno.stat(target), Deno.errors.NotFound);
  assertEquals(await push("{"), [400, "BadJsonBody"]);
  assertEquals(await push("no gzip", "gzip"), [400, "BadJsonBody"]);
  // A few bytes unpack to many.
  for (const bytes of [gzipSync("x".repeat(2000)), new Uint8Array(1001)]) {
    const request = new Request(url, {
      method: "POST",
      body: new Uint8Array(bytes),
      headers: bytes.length < 1000 ? { "content-encoding": "gzip" } : {},
    });
    const { status } = await assertRejects(() => readPush(request, 1000)) as
      & Error
      & { status: number };
    assertEquals(status, 413);
  }
});
