/** Where in the functions an error was thrown, as clients of `deno task serve` learn it. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { placesIn } from "../../tools/serve/places.ts";
import { serving } from "../support/serving.ts";

const notes = `import { mutation, query } from "./_generated/server";
import { ConvexError } from "convex/values";
import { refuse } from "./lib/refuse";

export const plain = query({
  args: {},
  handler: async () => {
    throw new Error("no\\n    at all");
  },
});
export const deep = mutation({
  handler: async (ctx) => {
    await ctx.db.insert("notes", {});
    await refuse();
  },
});
export const ofEngine = query({
  handler: async (ctx) => {
    await ctx.db.get("nonsense");
  },
});
export const withData = query({
  handler: () => {
    throw new ConvexError("data");
  },
});
export const traced = query({
  handler: () => {
    console.trace("here", 1);
    throw new Error("told");
  },
});
`;
const refuse = `export async function refuse() {
  await null;
  throw new TypeError("deep");
}
`;
const http = `import { httpRouter } from "convex/server";
import { httpAction } from "./_generated/server";
const http = httpRouter();
http.route({ path: "/fails", method: "GET", handler: httpAction(async function fails() {
  throw new Error("of HTTP");
}) });
export default http;
`;

async function withFunctions(
  options: string[],
  use: (
    call: (kind: string, name: string) => Promise<string>,
    site: string,
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ä b#100% " });
  await Deno.mkdir(`${folder}/convex/lib`, { recursive: true });
  await Deno.writeTextFile(`${folder}/convex/notes.ts`, notes);
  await Deno.writeTextFile(`${folder}/convex/lib/refuse.ts`, refuse);
  await Deno.writeTextFile(`${folder}/convex/http.ts`, http);
  const args = ["--functions", `${folder}/convex`, ...options];
  await serving(args, async (url, site) => {
    const call = async (kind: string, name: string) => {
      const body = JSON.stringify({ path: `notes:${name}`, args: {} });
      const request = { method: "POST", body };
      const { errorMessage, logLines } =
        await (await fetch(`${url}/api/${kind}`, request)).json();
      const text = logLines.join("\n") + errorMessage;
      return text.replace(/[0-9a-f]{16}/, "id");
    };
    await use(call, site);
  });
  await Deno.remove(folder, { recursive: true });
}

Deno.test("an error states where in the functions it was thrown, and nothing about the machine", async () => {
  await withFunctions([], async (call, site) => {
    const start = "[Request ID: id] Server Error\nUncaught ";
    assertEquals(
      await call("query", "plain"),
      `${start}Error: no\n    at all\n    at handler (../convex/notes.ts:8:10)\n`,
    );
    assertEquals(
      await call("mutation", "deep"),
      `${start}TypeError: deep\n    at refuse (../convex/lib/refuse.ts:3:8)\n` +
        "    at async handler (../convex/notes.ts:14:4)\n",
    );
    assertEquals(
      await call("query", "withData"),
      `${start}ConvexError: data\n    at handler (../convex/notes.ts:24:10)\n`,
    );
    const ofEngine = await call("query", "ofEngine");
    assertStringIncludes(ofEngine, `${start}Error: `);
    assertStringIncludes(
      ofEngine,
      "\n    at handler (../convex/notes.ts:19:17)\n",
    );
    assertEquals(ofEngine.match(/^ +at /gm)?.length, 1);
    assertStringIncludes(
      await call("query", "traced"),
      "[LOG] 'here' 1 \n    at handler (../convex/notes.ts:29:12)\n[Request",
    );
    const { trace } = await (await fetch(`${site}/fails`)).json();
    assertEquals(
      trace,
      "Uncaught Error: of HTTP\n    at fails (../convex/http.ts:5:8)\n",
    );
  });
});

Deno.test("production says nothing of where an error was thrown", async () => {
  await withFunctions(["--production"], async (call, site) => {
    assertEquals(await call("query", "plain"), "[Request ID: id] Server Error");
    const said = await (await fetch(`${site}/fails`)).text();
    assertEquals(said.includes("http.ts"), false, said);
  });
});

Deno.test("code that eval ran has no place, and a path may have spaces and brackets", () => {
  const stack = `Error: told
    at eval (eval at told (file:///app/convex/notes.ts:3:5), <anonymous>:1:7)
    at told (file:///app/convex/notes.ts:3:5)
    at async file:///app/convex/a copy (1).ts:4:6`;
  assertEquals(placesIn("/app/convex")(stack), [
    "    at told (../convex/notes.ts:3:4)",
    "    at async <anonymous> (../convex/a copy (1).ts:4:5)",
  ]);
});
