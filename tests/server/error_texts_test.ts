/** What a client sees of what a function throws: Convex's texts, which are V8's for values that are not errors. */
import { assertEquals } from "@std/assert";
import {
  httpActionGeneric,
  httpRouter,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { ConvexError } from "convex/values";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { createConvexServer } from "../../src/server/mod.ts";

class Missing extends Error {
  override name = "Missing";
}
class Refusal extends ConvexError<string> {
  override name = "Refusal";
}

const thrown: [name: string, value: unknown, text: string][] = [
  ["text", "a text", "Uncaught a text"],
  ["number", 42, "Uncaught 42"],
  ["nothing", null, "Uncaught null"],
  ["missing", undefined, "Uncaught undefined"],
  ["object", { code: 5 }, "Uncaught #<Object>"],
  ["map", new Map(), "Uncaught #<Map>"],
  ["empty", new Error(), "Uncaught Error"],
  ["type", new TypeError("no"), "Uncaught TypeError: no"],
  ["own", new Missing("it"), "Uncaught Missing: it"],
  ["refusal", new Refusal("no"), "Uncaught Refusal: no"],
];

const throwers = thrown.map(([name, value]) => [
  name,
  queryGeneric(() => {
    throw value;
  }),
]);
const http = httpRouter();
http.route({
  path: "/text",
  method: "GET",
  handler: httpActionGeneric(() => Promise.reject("a text")),
});
const modules = {
  throws: {
    ...Object.fromEntries(throwers),
    date: queryGeneric(() => new Date(0) as never),
    garbled: queryGeneric((ctx) => ctx.db.get("garbled" as never)),
    lost: queryGeneric((ctx) => ctx.runQuery("throws:none" as never)),
    nested: mutationGeneric((ctx) => ctx.runQuery("throws:own" as never)),
  },
  http: { default: http },
};

Deno.test("what a function throws is reported in Convex's words", async () => {
  const engine = openEngine({ modules, store: openMemoryStore() });
  const server = createConvexServer(engine);
  const errorOf = async (kind: string, name: string): Promise<string> => {
    const response = await server.handle(
      new Request(`http://127.0.0.1/api/${kind}`, {
        method: "POST",
        body: JSON.stringify({ path: `throws:${name}`, args: {} }),
      }),
    );
    const { errorMessage } = await response.json();
    return errorMessage.replace(/^\[Request ID: \w+\] Server Error\n/, "");
  };
  try {
    for (const [name, , text] of thrown) {
      assertEquals(await errorOf("query", name), text);
    }
    assertEquals(
      await errorOf("mutation", "nested"),
      "Uncaught Missing: it",
    );
    assertEquals(
      (await errorOf("query", "garbled")).split(". ")[0]!.slice(0, 15),
      "Uncaught Error:",
    );
    const none =
      "Could not find public function for 'throws:none'. Did you forget to run `npx convex dev`?";
    assertEquals(await errorOf("query", "none"), none);
    assertEquals(
      await errorOf("query", "lost"),
      `Uncaught Error: ${none.replace("public ", "")}`,
    );
    const date = await errorOf("query", "date");
    assertEquals(date.slice(0, 15), "Uncaught Error:");
    const answer = await server.handleSite(
      new Request("http://127.0.0.1/text"),
      {},
    );
    assertEquals((await answer.json()).trace, "Uncaught a text");
  } finally {
    server.close();
    await engine.close();
  }
});

Deno.test("a cursor of another query is recognisable by the error's data, also where messages are redacted", async () => {
  const page = queryGeneric((ctx) =>
    ctx.db.query("notes").paginate({ numItems: 1, cursor: "another's" })
  );
  const engine = openEngine({
    modules: { a: { page } },
    store: openMemoryStore(),
  });
  try {
    for (const redactErrors of [false, true]) {
      const server = createConvexServer(engine, { redactErrors });
      const response = await server.handle(
        new Request("http://127.0.0.1/api/query", {
          method: "POST",
          body: JSON.stringify({ path: "a:page", args: {} }),
        }),
      );
      const { errorMessage, errorData } = await response.json();
      assertEquals(errorMessage.includes("InvalidCursor"), !redactErrors);
      assertEquals(errorData, {
        isConvexSystemError: true,
        paginationError: "InvalidCursor",
      });
      server.close();
    }
  } finally {
    await engine.close();
  }
});
