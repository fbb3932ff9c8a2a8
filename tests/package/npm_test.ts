import { assertEquals } from "@std/assert";
import { build, stop } from "esbuild";
import { findNode, pathOf, run } from "../../tools/command.ts";
import { buildNpm, tsc } from "../../tools/npm.ts";

let building: Promise<string> | undefined;
/** Folder of the package, built once. */
const built = () => building ??= buildNpm();

/** A user's project with the package in `node_modules`, as npm would lay it. */
async function project(files: Record<string, string>): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "cortex-npm-" });
  const modules = `${folder}/node_modules/@cortex`;
  await Deno.mkdir(modules, { recursive: true });
  await Deno.symlink(await built(), `${modules}/memory`);
  await Deno.writeTextFile(`${folder}/package.json`, '{ "type": "module" }');
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
  return folder;
}

const program = `
import { AsyncConvexClient, Cortex } from "@cortex/memory";
import { createExecutor } from "@cortex/memory/executor";

const cortex = new Cortex();
await cortex.memory.remember({
  memorySpaceId: "mia",
  conversationId: "chat-1",
  agentId: "bot",
  userMessage: "My printer is a Brother HL-2030.",
  agentResponse: "Its drum lasts about 12,000 pages.",
});
const { items } = await cortex.memory.recall({ memorySpaceId: "mia", query: "Which printer?" });
console.log(items[0]?.content, items[0]?.score);
await cortex.close();

const client = new AsyncConvexClient("http://127.0.0.1:3210");
await client.close();
const executor = createExecutor({ handler: (n: number) => n ** 2, maxWorkers: 1 });
console.log(await executor.run(7), executor.kind);
await executor.close();
`;

/** What is read from the environment or a request may be missing, also under `exactOptionalPropertyTypes`. */
const missing = `
import { AsyncConvexClient, type ConvexClientLike, Cortex, type CortexConfig, createUserProfile, validateUserProfile } from "@cortex/memory";
import { openEngine } from "@cortex/memory/embedded";
import { createExecutor } from "@cortex/memory/executor";
import { createConvexServer } from "@cortex/memory/server";

declare const given: { path?: string; key?: string; signal?: AbortSignal; ms?: number };
const cortex = new Cortex({ path: given.path, convexUrl: given.path, accessKey: given.key, auth: undefined });
await cortex.mutable.set("config", "colour", "green", undefined, undefined, {
  idempotencyKey: given.key,
  signal: given.signal,
  timeoutMs: given.ms,
});
// Options and the Cortex that they make, each by its plain name.
const config: CortexConfig = given.path === undefined ? {} : { convexUrl: given.path };
const kept: Cortex[] = [new Cortex(config), await Cortex.create(config)];
kept[0]?.getClient().setAuth("token");
declare const own: CortexConfig<ConvexClientLike>;
const client: ConvexClientLike = new Cortex(own).getClient();
const memorySpaceId = "mia";
await cortex.memory.recall({ memorySpaceId, query: "x", userId: given.key, limit: given.ms });
await cortex.memory.search(memorySpaceId, "x", { userId: given.key, minImportance: given.ms });
await cortex.memory.store(memorySpaceId, {
  content: "x",
  contentType: "raw",
  userId: given.key,
  source: { type: "system", userName: given.key },
  metadata: { importance: 50, tags: [] },
});
// Structured outputs of models have null for what they leave out.
declare const extracted: { fact: string; factType: "custom"; confidence: number; subject: string | null; tags: string[] | null };
await cortex.memory.remember({
  conversationId: "c",
  userMessage: "x",
  agentResponse: "y",
  extractFacts: () => Promise.resolve([extracted]),
});
// Constants are readonly.
const fixed = { memorySpaceId, tags: ["a"], embedding: [1, 2] } as const;
await cortex.memory.recall({ ...fixed, query: "x" });
await cortex.memory.search(memorySpaceId, "x", fixed);
await cortex.memory.store(memorySpaceId, {
  content: "x",
  contentType: "raw",
  source: { type: "system" },
  embedding: fixed.embedding,
  metadata: { importance: 50, tags: fixed.tags },
});
await cortex.memory.update(memorySpaceId, "mem-1", { tags: fixed.tags, embedding: fixed.embedding });
await cortex.facts.store({ ...fixed, fact: "x", factType: "custom", confidence: 90, sourceType: "manual" });
await cortex.facts.list({ memorySpaceId, tags: fixed.tags });
await cortex.users.delete("mia", { cascade: true, dryRun: undefined });
await cortex.agents.register({ id: "a", name: "A", tenantId: given.key, description: given.key, config: undefined });
await cortex.agents.update("a", { name: given.key, description: given.key, metadata: undefined, status: undefined });
await cortex.conversations.create({
  memorySpaceId,
  type: "user-agent",
  participants: { userId: "mia", agentId: "bot", participantId: given.key },
});
await cortex.facts.store({
  memorySpaceId,
  fact: "x",
  factType: "custom",
  confidence: 90,
  sourceType: "manual",
  subject: given.key,
  validUntil: given.ms,
  sourceRef: { conversationId: given.key },
});
await cortex.immutable.store({ type: "a", id: "b", data: {}, userId: given.key, metadata: undefined });
await cortex.immutable.purgeMany({ type: "a", userId: given.key });
const profile = createUserProfile({ displayName: given.key, email: given.key }, { locale: given.key });
validateUserProfile(profile, { requiredFields: undefined, maxDataSize: given.ms, customValidator: undefined });
// As \`ws\` has it: events of its own, and constructors of several forms.
declare class OfWs {
  constructor(address: null);
  constructor(address: string | URL, options?: { headers?: object });
  readonly readyState: 0 | 1 | 2 | 3;
  onopen: ((event: { type: string; target: OfWs }) => void) | null;
  onmessage: ((event: { data: string | ArrayBuffer; target: OfWs }) => void) | null;
  onerror: ((event: { error: unknown; message: string; target: OfWs }) => void) | null;
  onclose: ((event: { code: number; reason: string; target: OfWs }) => void) | null;
  send(data: string | ArrayBuffer, sent?: (error?: Error) => void): void;
  send(data: string | ArrayBuffer, options: object, sent?: (error?: Error) => void): void;
  close(code?: number, data?: string | ArrayBuffer): void;
}
for (const Class of [OfWs, WebSocket]) {
  new AsyncConvexClient("http://127.0.0.1:3210", { WebSocket: Class, timeoutMs: given.ms, auth: given.key });
}
const executor = createExecutor({ handler: (n: number) => n, maxWorkers: given.ms });
await executor.run(1, { signal: given.signal, timeoutMs: given.ms });
const engine = openEngine({ modules: {}, store: given.path });
createConvexServer(engine, { adminKey: given.key });
await engine.run("query", "a:b", {}, { signal: given.signal, component: given.path, identity: undefined });
`;

/** A component's helper, which asks for a `t` of the types of `convex-test`, and a variable of what a test calls. */
const helper = `
import type { TestConvex } from "convex-test";
import { defineSchema, defineTable, type GenericSchema, makeFunctionReference, type SchemaDefinition } from "convex/server";
import { v } from "convex/values";
import { convexTest } from "@cortex/memory/testing";

const schema = defineSchema({ notes: defineTable({ text: v.string() }) });
const register = (t: TestConvex<SchemaDefinition<GenericSchema, boolean>>) =>
  t.registerComponent("notes", schema, {});
const t = convexTest(schema, {});
register(t);
const first: Parameters<typeof t.query>[0] = makeFunctionReference<"query">("notes:first");
await t.query(first, {});
`;

/** Types of `convex/server` 1.17.0 that the package may name. */
const OF_CONVEX_1_17 = [
  ...["ActionBuilder", "ApiFromModules", "DataModelFromSchemaDefinition"],
  ...["FilterApi", "FunctionReference", "FunctionReturnType", "UserIdentity"],
  ...["GenericActionCtx", "GenericDataModel", "GenericMutationCtx"],
  ...["GenericQueryCtx", "GenericSchema", "MutationBuilder"],
  ...["OptionalRestArgs", "QueryBuilder", "SchemaDefinition"],
];

Deno.test("the npm package runs on Node and its types serve TypeScript's compiler", async () => {
  const folder = await project({
    "program.mts": program,
    "helper.mts": helper,
    "missing.mts": missing,
    "program.mjs": program.replace("(n: number)", "(n)"),
  });
  try {
    for (const name of ["convex", "convex-test"]) {
      const of = pathOf(`node_modules/${name}`);
      await Deno.symlink(of, `${folder}/node_modules/${name}`);
    }
    await tsc([
      ...["program.mts", "helper.mts", "missing.mts"],
      ...["--ignoreConfig", "--noEmit", "--strict", "--module", "nodenext"],
      "--exactOptionalPropertyTypes",
      ...["--target", "es2022", "--lib", "es2022,dom,dom.iterable"],
    ], folder);
    const node = await findNode();
    if ("missing" in node) return console.log(`skipped: ${node.missing}`);
    const { code, stdout, stderr } = await run(node.path, {
      args: ["program.mjs"],
      cwd: folder,
      quiet: true,
    });
    assertEquals(
      { code, stdout, stderr },
      {
        code: 0,
        stdout: "My printer is a Brother HL-2030. 1\n49 worker-threads\n",
        stderr: "",
      },
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a bundler makes one file of a program and the package, which runs as ES module and as CommonJS", async () => {
  const node = await findNode();
  if ("missing" in node) return console.log(`skipped: ${node.missing}`);
  const folder = await project({
    "program.mjs": `
import { Cortex } from "@cortex/memory";
async function main() {
  const cortex = new Cortex();
  await cortex.mutable.set("config", "colour", "green");
  console.log(await cortex.mutable.get("config", "colour"));
  await cortex.close();
}
main();
`,
  });
  try {
    for (const format of ["esm", "cjs"] as const) {
      const file = format === "esm" ? "out.mjs" : "out.cjs";
      await build({
        entryPoints: [`${folder}/program.mjs`],
        outfile: `${folder}/${file}`,
        bundle: true,
        platform: "node",
        format,
        logLevel: "error",
      });
      // Alone: a bundle that still asks for the package would find none here.
      const alone = await Deno.makeTempDir({ prefix: "cortex-bundle-" });
      await Deno.copyFile(`${folder}/${file}`, `${alone}/${file}`);
      const { code, stdout, stderr } = await run(node.path, {
        args: [file],
        cwd: alone,
        quiet: true,
      });
      await Deno.remove(alone, { recursive: true });
      assertEquals(
        { code, stdout, stderr },
        { code: 0, stdout: "green\n", stderr: "" },
        format,
      );
    }
  } finally {
    await stop();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the npm package has a module and types for every export, and the licences", async () => {
  const folder = await built();
  const { exports, main, types } = JSON.parse(
    await Deno.readTextFile(`${folder}/package.json`),
  ) as {
    exports: Record<string, { types: string; default: string } | string>;
    main: string;
    types: string;
  };
  assertEquals(exports["."], { types, default: main });
  const { exports: wanted } = JSON.parse(
    await Deno.readTextFile(pathOf("deno.json")),
  );
  const itself = "./package.json";
  assertEquals(Object.keys(exports), [...Object.keys(wanted), itself]);
  assertEquals(exports[itself], itself);
  const files = Object.values(exports)
    .flatMap((path) => typeof path === "string" ? path : Object.values(path));
  for (const file of [...files, "LICENSE", "THIRD_PARTY_NOTICES"]) {
    assertEquals((await Deno.stat(`${folder}/${file}`)).isFile, true, file);
  }
});

async function filesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.filter(({ isFile }) => isFile)
    .map(({ name }) => `${folder}/${name}`);
}

Deno.test("the npm package installs beside older versions of convex: its types name nothing that came later", async () => {
  const folder = await built();
  const { peerDependencies } = JSON.parse(
    await Deno.readTextFile(`${folder}/package.json`),
  );
  assertEquals(peerDependencies, { convex: "^1.17.0" });
  const named = new Set<string>();
  const types = `${folder}/types/src/convex_test`;
  for (
    const name of [...await filesIn(types), ...await filesIn(`${types}/mock`)]
  ) {
    const text = await Deno.readTextFile(name);
    for (
      const [, names] of text.matchAll(
        // At the start of a line: examples in comments name what programs import.
        /^import (?:type )?\{([^}]*)\} from "convex\//gm,
      )
    ) {
      for (const one of names!.split(",")) {
        named.add(one.replace("type ", "").trim());
      }
    }
  }
  assertEquals(
    [...named].filter((name) => !OF_CONVEX_1_17.includes(name)),
    [],
  );
});
