/** What `npx convex logs` shows. */
import { assertEquals, assertMatch } from "@std/assert";
import {
  actionGeneric,
  httpActionGeneric,
  httpRouter,
  internalMutationGeneric,
  makeFunctionReference,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { openEngine } from "../../src/embedded/mod.ts";
import { createConvexServer, DeploymentAdmin } from "../../src/server/mod.ts";

const KEY = "admin|01";
const later_ = makeFunctionReference<"mutation">("talk:later");
const say_ = makeFunctionReference<"mutation">("talk:say");

const http = httpRouter();
http.route({
  path: "/hello",
  method: "GET",
  handler: httpActionGeneric(() => {
    console.warn("asked");
    return Promise.resolve(new Response("hello"));
  }),
});

const modules = {
  http: { default: http },
  talk: {
    quiet: queryGeneric(() => Promise.resolve(null)),
    say: mutationGeneric((_ctx, { text }: { text: string }) => {
      console.log(text, { n: 1 });
      return Promise.resolve(null);
    }),
    act: actionGeneric(async (ctx) => {
      console.info("before");
      await ctx.runMutation(say_, { text: "inside" });
      console.info("after");
      await ctx.scheduler.runAfter(0, later_, {});
    }),
    later: internalMutationGeneric(() => {
      console.error("later");
      return Promise.reject(new Error("no luck"));
    }),
  },
};

interface Entry {
  udfType: string;
  identifier: string;
  logLines: { level: string; messages: string[] }[];
  error: string | null;
}

Deno.test("functions that have run are reported once each, with what they logged", async () => {
  const admin = new DeploymentAdmin({ modules });
  const engine = openEngine({ modules });
  const server = createConvexServer(engine, { adminKey: KEY, admin });
  const headers = { authorization: `Convex ${KEY}` };
  const after = async (cursor: number) => {
    const url = `http://127.0.0.1/api/stream_function_logs?cursor=${cursor}`;
    const response = await server.handle(new Request(url, { headers }));
    const { entries, newCursor } = await response.json();
    return {
      entries: (entries as Entry[]).map((
        { udfType, identifier, logLines, error },
      ) => [
        udfType,
        identifier,
        logLines.map(({ level, messages }) => `${level} ${messages.join(" ")}`),
        error,
      ]),
      newCursor,
    };
  };
  try {
    const begin = await after(0);
    assertEquals(begin.entries, []);
    const waiting = after(begin.newCursor);
    await engine.query("talk:quiet");
    const first = await waiting;
    assertEquals(first.entries, [["Query", "talk:quiet", [], null]]);

    await engine.action("talk:act");
    await server.handleSite(new Request("http://127.0.0.1/hello"));
    const seen: unknown[][] = [];
    let cursor = first.newCursor;
    while (seen.length < 4) {
      const { entries, newCursor } = await after(cursor);
      seen.push(...entries);
      cursor = newCursor;
    }
    const named = (name: string) => seen.filter((entry) => entry[1] === name);
    assertEquals(named("talk:say"), [
      ["Mutation", "talk:say", ["LOG 'inside' {\n  n: 1\n}"], null],
    ]);
    assertEquals(named("talk:act"), [
      ["Action", "talk:act", ["INFO 'before'", "INFO 'after'"], null],
    ]);
    assertEquals(named("GET /hello"), [
      ["HttpAction", "GET /hello", ["WARN 'asked'"], null],
    ]);
    const [later] = named("talk:later");
    assertEquals(later!.slice(0, 3), [
      "Mutation",
      "talk:later",
      ["ERROR 'later'"],
    ]);
    assertMatch(String(later![3]), /^Uncaught Error: no luck/);
    // A cursor of before the server was started anew begins at the beginning.
    assertEquals((await after(cursor + 1000)).entries.length, 5);
  } finally {
    server.close();
    await engine.close();
  }
});

Deno.test("the log of functions continues when one admin replaces another", async () => {
  let admin: DeploymentAdmin | undefined;
  const told: unknown[] = [];
  let cursor = 0;
  for (const text of ["first", "second"]) {
    admin = new DeploymentAdmin({ modules, previous: admin });
    const engine = openEngine({ modules });
    const server = createConvexServer(engine, { adminKey: KEY, admin });
    await engine.mutation("talk:say", { text });
    const request = new Request(
      `http://127.0.0.1/api/stream_function_logs?cursor=${cursor}`,
      { headers: { authorization: `Convex ${KEY}` } },
    );
    const { entries, newCursor } = await (await server.handle(request)).json();
    cursor = newCursor;
    told.push(
      (entries as Entry[]).map(({ logLines }) => logLines[0]!.messages),
    );
    server.close();
    await engine.close();
  }
  assertEquals(told, [[["'first' {\n  n: 1\n}"]], [["'second' {\n  n: 1\n}"]]]);
});

Deno.test("what functions have logged is kept up to a length, the latest of it", async () => {
  const { log } = console;
  console.log = () => {};
  const say = queryGeneric((_ctx, { list }: { list: string[] }) => {
    for (const text of list) console.log(text);
    return Promise.resolve(null);
  });
  const admin = new DeploymentAdmin({ modules: { talk: { say } } });
  const engine = openEngine({ modules: { talk: { say } } });
  const server = createConvexServer(engine, { adminKey: KEY, admin });
  try {
    // 7.5 MiB each.
    const list = Array(240).fill("x".repeat(32 * 1024 - 100));
    for (let call = 0; call < 5; call++) {
      await engine.query("talk:say", { list });
    }
    const response = await server.handle(
      new Request("http://127.0.0.1/api/stream_function_logs?cursor=0", {
        headers: { authorization: `Convex ${KEY}` },
      }),
    );
    const { entries, newCursor } = await response.json();
    assertEquals([entries.length, newCursor], [2, 6]);
    assertEquals(entries[1].logLines.length, 240);
  } finally {
    console.log = log;
    server.close();
    await engine.close();
  }
});
