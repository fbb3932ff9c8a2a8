/** Checks of the options of `new Cortex()`. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Cortex } from "../../cortex/cortex.ts";
import { closedWithin } from "../../cortex/shutdown.ts";
import type { CortexConfig } from "../../cortex/types/cortex_config.ts";
import {
  assertCode,
  exchange,
  keepingLogger,
  record,
  RecordingClient,
  rejectionOf,
} from "./subject.ts";
import { refused, type RefusedRow as Row } from "./refused.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

const client = new RecordingClient();
const url = "http://127.0.0.1:1";

const storage = { sql: {}, transactionSync: () => {} };

// deno-fmt-ignore
const configRows: readonly Row[] = [
  [{ path: "" }, "INVALID_OPTION", "path", "path must be a string that is not blank"],
  [{ path: 5 }, "INVALID_OPTION", "path", "path must be a string that is not blank: got number"],
  [{ convexUrl: "" }, "INVALID_OPTION", "convexUrl", "convexUrl must be an absolute http(s) URL"],
  [{ convexUrl: "ftp://a.example" }, "INVALID_OPTION", "convexUrl", "ftp://a.example"],
  [{ convexUrl: "happy-otter-1.convex.cloud" }, "INVALID_OPTION", "convexUrl", "happy-otter-1"],
  [{ path: "a.db", convexUrl: url }, "CONFLICTING_OPTIONS", "path", "a.db"],
  [{ path: "a.db", client }, "CONFLICTING_OPTIONS", "path", "client"],
  [{ storage: {} }, "INVALID_OPTION", "storage", "transactionSync"],
  [{ storage, path: "a.db" }, "CONFLICTING_OPTIONS", "path", "storage"],
  [{ storage, client }, "CONFLICTING_OPTIONS", "storage", "client"],
  [{ convexUrl: url, client }, "CONFLICTING_OPTIONS", "convexUrl", url],
  [{ client: { query() {} } }, "INVALID_OPTION", "client", "query, mutation, action"],
  [{ client: null }, "INVALID_OPTION", "client", "null"],
  [{ accessKey: "secret" }, "CONFLICTING_OPTIONS", "accessKey", "accessKey needs convexUrl or client"],
  [{ accessKey: " ", convexUrl: url }, "INVALID_OPTION", "accessKey", "accessKey must be a string that is not blank"],
  [{ logger: { warn() {} } }, "INVALID_OPTION", "logger", "debug, info, warn, error"],
  [{ embedder: "openai" }, "INVALID_OPTION", "embedder", "must be a function"],
  [{ path: "a.db", durability: "most" }, "INVALID_OPTION", "durability", "full, normal, off"],
  [{ durability: "off" }, "CONFLICTING_OPTIONS", "durability", "path"],
  [{ executorKinds: ["thread"] }, "INVALID_OPTION", "executorKinds", "web-worker"],
  [{ executorKinds: ["inline"], convexUrl: url }, "CONFLICTING_OPTIONS", "executorKinds", url],
  [{ workerUrl: 5 }, "INVALID_OPTION", "workerUrl", "5"],
  [{ workerUrl: "./w.js", client }, "CONFLICTING_OPTIONS", "workerUrl", "client"],
  [{ convexURL: url }, "UNKNOWN_OPTION", "convexURL", "convexUrl"],
];

/** Cases of the constructor; none needs a backend. */
export const facadeConfigContract: ContractCase<void>[] = [
  ...configRows.map((row, i): ContractCase<void> => ({
    name: `new Cortex() refuses ${Object.keys(row[0])} with ${row[1]} (row ${
      i + 1
    })`,
    run: () =>
      refused(() => new Cortex(row[0] as CortexConfig), "ConfigError", row),
  })),
  {
    name: "new Cortex() refuses options that are no object",
    run() {
      for (const wrong of ["cortex.db", null, []]) {
        refused(() => new Cortex(wrong as CortexConfig), "ConfigError", [
          {},
          "INVALID_OPTION",
          "config",
          "must be an object",
        ]);
      }
    },
  },
  {
    name: "new Cortex() does no I/O, whatever its options name",
    async run() {
      for (
        const config of [
          {},
          { path: "no/such/folder/cortex.db" },
          { convexUrl: "http://127.0.0.1:1" },
          { client },
        ]
      ) {
        const cortex = new Cortex(config);
        assertEquals(cortex.stats(), { calls: 0, requests: 0 });
        await cortex.close();
      }
      assertEquals(client.calls, []);
    },
  },
  {
    name: "cortex.auth is what was given, and undefined otherwise",
    run() {
      const context = { userId: "ada", tenantId: "acme" };
      assertEquals(new Cortex({ auth: context }).auth, context);
      assertEquals(new Cortex().auth, undefined);
    },
  },
  {
    name:
      "options of parts that are not built yet are taken and warned of; undefined ones are none",
    async run() {
      const logger = keepingLogger();
      const llm = { provider: "openai", apiKey: "key" } as const;
      const options = { llm, resilience: { enabled: false } };
      const cortex = new Cortex({
        client: new RecordingClient(),
        logger,
        ...options,
        graph: undefined,
        ...{ future: undefined },
      });
      await cortex.mutable.get("stock", "pens");
      await cortex.mutable.get("stock", "pens");
      assertEquals(logger.lines, [
        "warn: The option llm has no effect yet",
        "warn: The option resilience has no effect yet",
      ]);
    },
  },
  {
    name: "autoEmbed without an embedder is warned of",
    async run() {
      const logger = keepingLogger();
      const { cortex } = record({ logger });
      const generateEmbedding = () => Promise.resolve([1]);
      await cortex.memory.remember(exchange());
      await cortex.memory.remember(
        exchange({ autoEmbed: true, generateEmbedding }),
      );
      assertEquals(logger.lines, []);
      await cortex.memory.remember(exchange({ autoEmbed: true }));
      assertEquals(logger.lines.length, 1);
      assertStringIncludes(
        logger.lines[0]!,
        "warn: autoEmbed needs an embedder",
      );
    },
  },
  {
    name:
      "a place that is undefined is warned of, for nothing outlives the process",
    run() {
      const logger = keepingLogger();
      const client = new RecordingClient();
      const convexUrl = undefined as unknown as string;
      for (
        const config of [{ convexUrl, client }, { convexUrl, path: "x.db" }, {}]
      ) new Cortex({ ...config, logger });
      assertEquals(logger.lines, []);
      new Cortex({ convexUrl, logger });
      new Cortex({ path: undefined as unknown as string, logger });
      assertEquals(logger.lines, [
        "warn: convexUrl is undefined: memories are kept only in this process",
        "warn: path is undefined: memories are kept only in this process",
      ]);
    },
  },
  {
    name: "the extractor of the option llm serves a remember without its own",
    async run() {
      const client = new RecordingClient();
      const logger = keepingLogger();
      const find = (fact: string) => () =>
        Promise.resolve([
          { fact, factType: "knowledge" as const, confidence: 1 },
        ]);
      const extractFacts = find("of the option");
      const llm = { provider: "custom", apiKey: "", extractFacts } as const;
      const cortex = new Cortex({ client, logger, llm });
      await cortex.memory.remember(exchange());
      await cortex.memory.remember(exchange({ extractFacts: find("own") }));
      await cortex.memory.remember(exchange({ skipLayers: ["facts"] }));
      await cortex.memory.remember(exchange(), { extractFacts: false });
      const sent = client.calls.filter(({ name }) => name === "memory:remember")
        .map(({ args }) =>
          (args.facts as { fact: string }[]).map(({ fact }) => fact)
        );
      assertEquals(sent, [["of the option"], ["own"], [], []]);
      assertEquals(logger.lines, []);
    },
  },
  {
    name: "Cortex.create() makes an instance, whose client has two names",
    async run() {
      const cortex = await Cortex.create({ client });
      assertEquals(cortex["client"], client);
      assertEquals(cortex.getClient(), client);
      const has = (name: string) => name in cortex.mutable;
      assertEquals(
        ["get", "then", "toJSON", "inspect", "asymmetricMatch"].map(has),
        [true, false, false, false, false],
      );
      // Serialising a `Cortex` must not call its modules.
      assert(JSON.stringify({ cortex }).startsWith('{"cortex":{"memory":{},'));
      await cortex.load();
      assertEquals(["get", "then", "gets"].map(has), [true, false, false]);
      const wrong = { client: null } as unknown as CortexConfig;
      assertEquals(
        (await rejectionOf(() => Cortex.create(wrong))).name,
        "ConfigError",
      );
    },
  },
  {
    name:
      "test doubles find a module's methods before it is loaded, as node:test's mock",
    async run() {
      const { mutable } = new Cortex({ client });
      const before = Object.getOwnPropertyDescriptor(mutable, "get")!;
      Object.defineProperty(mutable, "get", {
        ...before,
        value: () => Promise.resolve("a double's"),
      });
      assertEquals(await mutable.get("stock", "pens"), "a double's");
      Object.defineProperty(mutable, "get", before);
      assertEquals(await mutable.get("stock", "pens"), null);
      assertEquals(Object.getOwnPropertyDescriptor(mutable, "then"), undefined);
      assertEquals(Object.keys(new Cortex({ client }).mutable), []);
    },
  },
  {
    name:
      "shutdown() closes, and waits no longer than it is told, with a warning",
    async run() {
      const answered: unknown[] = [];
      const cortex = new Cortex({
        client: new RecordingClient(async ({ name }) => {
          await pause(5);
          answered.push(name);
          return null;
        }),
      });
      const calls = [1, 2, 3].map(() => cortex.mutable.get("stock", "pens"));
      assert(cortex.isHealthy());
      const closing = cortex.shutdown();
      await closing;
      assertEquals(cortex.shutdown() === closing, true);
      assert(!cortex.isHealthy());
      assertEquals(answered.length, 3);
      assertEquals(await Promise.all(calls), [null, null, null]);
      await cortex.shutdown(1);
      await assertCode(() => cortex.users.get("ada"), "CLIENT_CLOSED");
      const logger = keepingLogger();
      const life = { calls: 1, isClosed: true };
      const none = Promise.resolve();
      const never = () => new Promise<void>(() => {});
      await closedWithin(none, never, life, 1, logger);
      assertEquals(logger.lines.length, 1);
    },
  },
  {
    name: "shutdown() refuses an invalid time limit, and does not begin",
    async run() {
      const { cortex } = record({}, () => Promise.resolve(null));
      for (const wrong of ["5s", "5", NaN, -1, 0, null, {}] as never[]) {
        refused(() => cortex.shutdown(wrong), "ClientError", [
          {},
          "INVALID_ARGUMENT",
          undefined,
          "timeoutMs must be a number over 0 and at most",
        ]);
      }
      assert(cortex.isHealthy());
      assertEquals(await cortex.mutable.get("stock", "pens"), null);
      await cortex.shutdown();
    },
  },
  {
    name: "shutdown() rejects the calls that outlast it, once it has warned",
    async run() {
      const logger = keepingLogger();
      const { cortex, client } = record(
        { logger },
        () => new Promise(() => {}),
      );
      const hanging = cortex.mutable.get("stock", "pens");
      const refused = assertCode(() => hanging, "CLIENT_CLOSED");
      while (client.calls.length === 0) {
        await pause(1);
      }
      await cortex.shutdown(1);
      await refused;
      assertEquals(logger.lines.length, 1);
      const slow = record({}, async () => {
        await pause(20);
        return null;
      });
      const answer = slow.cortex.mutable.get("stock", "pens");
      await slow.cortex.shutdown(Infinity);
      assertEquals(await answer, null);
    },
  },
];
