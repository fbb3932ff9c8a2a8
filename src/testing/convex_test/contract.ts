import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import {
  componentsGeneric,
  type FunctionReference,
  httpActionGeneric,
  httpRouter,
  queryGeneric,
} from "convex/server";
import { CommitTsPlaceholder, convexToJson } from "convex/values";
import { convexTest } from "../../convex_test/mod.ts";
import { convexTestAppContract } from "./app_contract.ts";
import { convexTestComponentContract } from "./component_contract.ts";
import { convexTestGlobalsContract } from "./globals_contract.ts";
import { convexTestTimeContract } from "./time_contract.ts";
import { convexTestTogetherContract } from "./together_contract.ts";
import {
  a,
  type ConvexTestSubject,
  count,
  type Ctx,
  insert,
  m,
  q,
  type Row,
  type Test,
  testCase,
} from "./subject.ts";
import { convexTestQueryContract } from "./query_contract.ts";
import { convexTestRefusalContract } from "./refusal_contract.ts";
import { convexTestWordsContract } from "./words_contract.ts";
import type { ContractCase } from "../types.ts";

/** The API of `convex-test` over the engine. */
export const convexTestContract: ContractCase<ConvexTestSubject>[] = [
  ...convexTestAppContract,
  ...convexTestComponentContract,
  ...convexTestGlobalsContract,
  ...convexTestTimeContract,
  ...convexTestTogetherContract,
  ...convexTestQueryContract,
  ...convexTestRefusalContract,
  ...convexTestWordsContract,

  testCase(
    "functions are called by reference, internal ones too",
    async (t) => {
      const id = await t.mutation(m("notes:add"), { owner: "ada", text: "a" });
      assertEquals(
        (await t.query(q("notes:get"), { id }) as Row).text,
        "a",
      );
      assertEquals(
        await t.query(q("flow:secret"), {}),
        "secret",
      );
      assertEquals(
        await t.action(a("system:allowedInActions"), {}),
        "number",
      );
    },
  ),

  testCase("functions are given inline", async (t) => {
    const id = await t.run((ctx) => insert(ctx, "ada"));
    assertEquals(typeof id, "string");
    assertEquals(await t.query((ctx) => count(ctx as Ctx)), 1);
    assertEquals(
      await t.mutation((ctx) => insert(ctx, "bob").then(() => 7)),
      7,
    );
    assertEquals(
      await t.action((ctx) => ctx.runQuery(q("flow:count"), { owner: "bob" })),
      1,
    );
    assertEquals(await t.run(() => Promise.resolve(undefined)), null);
    await assertRejects(
      () => t.run(() => Promise.resolve(new Map())),
      Error,
      "Map",
    );
  }),

  testCase(
    "what a run wrote is gone when it throws, its error comes out",
    async (t) => {
      const thrown = new RangeError("as it is");
      const error = await t.run(async (ctx) => {
        await insert(ctx, "ada");
        throw thrown;
      }).catch((error) => error);
      assertEquals(error, thrown);
      assertEquals(await t.run(count), 0);
    },
  ),

  testCase("a call from inside a run becomes part of it", async (t) => {
    await t.run(async (ctx) => {
      await insert(ctx, "ada");
      assertEquals(
        await t.query(q("flow:count"), { owner: "ada" }),
        1,
      );
      await t.mutation(m("notes:add"), { owner: "ada", text: "b" });
      assertEquals(await count(ctx), 2);
    });
  }, { isExact: true }),

  testCase(
    "the timestamp of a commit to come is that of convex/values",
    async (t) => {
      const seen = await t.mutation((ctx) => {
        const { commitTs } = ctx.db.vars;
        return Promise.resolve([
          commitTs instanceof CommitTsPlaceholder,
          JSON.stringify(convexToJson(commitTs)),
        ]);
      });
      assertEquals(seen, [true, '{"$commitTs":null}']);
    },
  ),

  testCase("each test has data of its own", async (t, subject) => {
    await t.run((ctx) => insert(ctx, "ada"));
    const other = subject.make();
    assertEquals(await other.run(count), 0);
    await other.close();
  }),

  testCase(
    "a user has the claims given, and made-up names that stay the same",
    async (t) => {
      const ann = t.withIdentity({ name: "Ann" });
      const first = await ann.query(q("system:whoAmI"), {}) as Row;
      const again = await t.withIdentity({ name: "Ann" })
        .query(q("system:whoAmI"), {}) as Row;
      const bob = await ann.withIdentity({ name: "Bob" })
        .query(q("system:whoAmI"), {}) as Row;
      assertEquals(first.name, "Ann");
      assertEquals(first.issuer, "https://convex.test");
      assertEquals(first.tokenIdentifier, `${first.issuer}|${first.subject}`);
      assertEquals(first, again);
      assertNotEquals(first.subject, bob.subject);
      assertEquals(await t.query(q("system:whoAmI"), {}), null);
      assertEquals(
        await ann.query(q("system:componentWho"), {}),
        null,
      );
    },
  ),

  testCase("a request's metadata are those given", async (t) => {
    const meta = await t.withRequestMetadata({ ip: "192.0.2.1" })
      .mutation((ctx) => ctx.meta.getRequestMetadata());
    assertEquals([meta.ip, meta.userAgent], ["192.0.2.1", null]);
    const { ip } = await t.mutation((ctx) => ctx.meta.getRequestMetadata());
    assertEquals(ip, null);
    assertEquals(Object.keys(meta).sort(), [
      "authToken",
      "ip",
      "requestId",
      "scheduledFunctionId",
      "userAgent",
    ]);
  }),

  {
    name: "a default export has its module's name, and HTTP actions have http",
    async run() {
      type Meta = { meta: { getFunctionMetadata(): Promise<unknown> } };
      const read = (ctx: unknown) => (ctx as Meta).meta.getFunctionMetadata();
      const http = httpRouter();
      const answer = async (ctx: unknown) => Response.json(await read(ctx));
      const handler = httpActionGeneric(answer);
      http.route({ path: "/a", method: "GET", handler });
      const t = convexTest({
        modules: {
          "./_generated/api.js": () => Promise.resolve({}),
          "./dir/only.ts": () =>
            Promise.resolve({ default: queryGeneric(read) }),
          "./http.ts": () => Promise.resolve({ default: http }),
        },
      });
      const inApp = { componentPath: "", visibility: "public" };
      assertEquals(
        await t.query(q("dir/only:default"), {}),
        { ...inApp, name: "dir/only", type: "query" },
      );
      assertEquals(
        // An edge runtime's json() makes objects of another realm.
        JSON.parse(await (await t.fetch("/a")).text()),
        { ...inApp, name: "http", type: "action" },
      );
      await t.close();
    },
  },

  testCase("a user has a token with the claims", async (t) => {
    const ann = t.withIdentity({ name: "Ann", givenName: "A.", level: 3 });
    const read = async (from: Pick<Test, "mutation">) =>
      (await from.mutation((ctx) => ctx.meta.getRequestMetadata())).authToken;
    const token = await read(ann);
    assertEquals(token, await read(ann.withRequestMetadata({ ip: "::1" })));
    const [header, payload, signature] = token!.split(".").map((part) =>
      part.replaceAll("-", "+").replaceAll("_", "/")
    ) as [string, string, string];
    assertEquals(JSON.parse(atob(header)), { alg: "none", typ: "JWT" });
    const { sub, ...claims } = JSON.parse(atob(payload));
    assertEquals(typeof sub, "string");
    assertEquals(claims, {
      name: "Ann",
      given_name: "A.",
      level: 3,
      iss: "https://convex.test",
    });
    assertEquals(signature, "");
    assertEquals(await read(t), null);
  }),

  testCase("a registered component is called, also by the test", async (t) => {
    await t.mutation(m("system:useComponent"), {});
    assertEquals(
      await t.query(q("system:componentTotal"), {}),
      3,
    );
    const { lib } = componentsGeneric().counter as unknown as {
      lib: { total: FunctionReference<"query", "internal"> };
    };
    assertEquals(await t.query(lib.total, {}), 3);
    const hi = { isQuery: true, isPublic: true, _handler: () => "hi" };
    const other = t.registerComponent("other", undefined as never, {
      "./deep/lib.ts": () => Promise.resolve({ hi }),
    }) as { deep: { lib: { hi: FunctionReference<"query", "internal"> } } };
    assertEquals(await t.query(other.deep.lib.hi, {}), "hi");
  }),

  testCase("an HTTP action answers", async (t) => {
    const response = await t.fetch("/echo?x=1", { method: "POST", body: "b" });
    assertEquals(response.status, 201);
    assertEquals((await response.json()).query, "?x=1");
    assertEquals((await t.fetch("/nowhere")).status, 404);
    await assertRejects(() => t.fetch("nowhere"), Error, "must start");
  }),

  testCase("scheduled functions run on the host's timers", async (t) => {
    await t.mutation(m("system:later"), { delayMs: 0, owner: "ada" });
    await t.finishInProgressScheduledFunctions();
    assertEquals(await t.run(count), 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await t.finishInProgressScheduledFunctions();
    assertEquals(await t.run(count), 1);
  }),

  testCase(
    "finishing all scheduled functions leaves those whose time does not come",
    async (t) => {
      await t.mutation(m("system:later"), { delayMs: 0, owner: "ada" });
      await t.mutation(m("system:later"), { delayMs: 3_600_000, owner: "bob" });
      let turns = 0;
      await t.finishAllScheduledFunctions(() => void turns++);
      assert(turns > 0 && turns <= 100, String(turns));
      assertEquals(await t.run(count), 1);
    },
  ),

  testCase(
    "finishing functions that schedule themselves for ever is given up",
    async (t) => {
      await t.mutation(m("system:forever"), {});
      await assertRejects(
        () => t.finishAllScheduledFunctions(() => {}, 5),
        Error,
        "too many iterations",
      );
    },
  ),

  testCase("a file is stored, read and deleted in a run", async (t) => {
    await t.run(async (ctx) => {
      const id = await ctx.storage.store(new Blob(["hello"], { type: "a/b" }));
      const blob = await ctx.storage.get(id);
      assertEquals([await blob!.text(), blob!.type], ["hello", "a/b"]);
      assert(await ctx.storage.getUrl(id) !== null);
      await ctx.storage.delete(id);
      assertEquals(await ctx.storage.getUrl(id), null);
    });
  }),

  {
    name: "a transaction has no limits unless they are asked for",
    async run(subject) {
      const many = async (t: Test, rows: number) => {
        await t.run(async (ctx) => {
          for (let at = 0; at < rows; at++) await insert(ctx, "ada");
        });
        await t.close();
      };
      await many(subject.make(), 20);
      const error = await many(
        subject.make({ transactionLimits: { documentsWritten: 10 } }),
        11,
      ).catch((error) => error);
      assertInstanceOf(error, Error);
      assert(error.message.includes("10"), error.message);
    },
  },

  {
    name: "the answers of convex-test are to be had",
    async run(subject) {
      const read = async (compat: "convex" | "convex-test") => {
        const t = subject.make({ compat });
        await t.mutation(m("system:later"), { delayMs: 1e6, owner: "a" });
        const [job] = await t.query(q("system:jobs"), {}) as Row[];
        const hidden = await t.mutation(m("system:componentSecret"), {})
          .catch(() => "refused");
        const page = await t.run((ctx) =>
          ctx.db.query("notes").paginate({ numItems: 9, cursor: null })
        );
        await t.run((ctx) => insert(ctx, "a"));
        const full = await t.run((ctx) =>
          ctx.db.query("notes").paginate({ numItems: 1, cursor: null })
        );
        const missing = await (await t.fetch("/nowhere")).text();
        const garbage = await t.run((ctx) => ctx.db.get("nonsense" as never))
          .catch(() => "refused");
        const ranges = await t.run(async (ctx) => {
          const id = await insert(ctx, "b") as never;
          await ctx.db.patch(id, { text: "b" });
          await ctx.db.delete(id);
          return (await ctx.meta.getTransactionMetrics()).databaseQueries.used;
        });
        const nested = JSON.parse(`${"[".repeat(70)}${"]".repeat(70)}`);
        const deep = await t.run(() => Promise.resolve(nested))
          .then(() => "returned", () => "refused");
        await t.close();
        return [
          job!.name,
          hidden,
          page.isDone,
          full.isDone,
          missing,
          garbage,
          ranges,
          deep,
        ];
      };
      assertEquals(await read("convex"), [
        "system.js:write",
        "refused",
        true,
        false,
        "No matching routes found",
        "refused",
        2,
        "refused",
      ]);
      assertEquals(await read("convex-test"), [
        "system:write",
        "hidden",
        true,
        true,
        "No HttpAction routed for /nowhere",
        null,
        0,
        "returned",
      ]);
    },
  },
];
