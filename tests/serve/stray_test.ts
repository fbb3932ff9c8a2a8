/** What functions start and do not await, in `deno task serve`. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { ConvexHttpClient } from "convex/browser";
import { anyApi as api } from "convex/server";
import { serving } from "../support/serving.ts";

const functions =
  `import { action, httpAction, mutation, query } from "./_generated/server";
import { api } from "./_generated/api";

// Later than the end of the call that sets such a timer, also where the machine is busy.
const LEFT_MS = 200;
const reject = async (text) => {
  await null;
  throw new Error(text);
};
export const add = mutation((ctx, { text }) => ctx.db.insert("notes", { text }));
export const texts = query(async (ctx) =>
  (await ctx.db.query("notes").collect()).map(({ text }) => text));
export const addAndReject = mutation(async (ctx) => {
  await ctx.db.insert("notes", { text: "lost" });
  reject("of a mutation");
});
export const addRefused = mutation((ctx) => {
  ctx.db.insert("notes", { text: () => {} });
});
export const rejectInQuery = query(() => { reject("of a query"); });
export const rejectInAction = action(() => { reject("of an action"); });
export const catchNested = mutation(async (ctx) => {
  try {
    await ctx.runMutation(api.stray.addAndReject, {});
  } catch (error) {
    await ctx.db.insert("notes", { text: error.message.split("\\n")[0] });
  }
});
export const addLater = mutation(async (ctx) => {
  (async () => {
    await ctx.db.insert("notes", { text: "first" });
    await ctx.runMutation(api.stray.add, { text: "second" });
    await ctx.db.insert("notes", { text: "third" });
  })();
});
export const leave = action(() => {
  setTimeout(() => reject("late"), LEFT_MS);
  setTimeout(() => { throw new Error("of a timer"); }, LEFT_MS);
});
export const leaveMany = action(() => {
  for (let at = 0; at < 50; at++) {
    setTimeout(() => reject("many"), LEFT_MS);
    setTimeout(() => { throw new Error("y".repeat(9000)); }, LEFT_MS);
  }
});
export const scheduleMany = mutation(async (ctx) => {
  for (let at = 0; at < 50; at++) {
    await ctx.scheduler.runAfter(0, api.stray.addAndReject, {});
  }
});
export const wait = action(() => new Promise((done) => setTimeout(done, LEFT_MS)));
export const rejected = httpAction(async () => {
  reject("of an HTTP action");
  return new Response("unseen");
});`;

const http = `import { httpRouter } from "convex/server";
import { rejected } from "./stray";
const http = httpRouter();
http.route({ path: "/rejected", method: "GET", handler: rejected });
export default http;`;

Deno.test("what functions reject and do not await fails them, and no other call", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/stray.js`, functions);
  await Deno.writeTextFile(`${folder}/http.js`, http);
  const said = await serving(["--functions", folder], async (url, site) => {
    const client = new ConvexHttpClient(url);
    const stray = api.stray!;
    const fails = (call: Promise<unknown>, text: string) =>
      assertRejects(() => call, Error, text);
    const waiting = client.action(stray.wait!, {});
    await fails(client.mutation(stray.addAndReject!, {}), "of a mutation");
    await fails(client.mutation(stray.addRefused!, {}), "not a supported");
    await fails(client.query(stray.rejectInQuery!, {}), "of a query");
    await fails(client.action(stray.rejectInAction!, {}), "of an action");
    const answer = await fetch(`${site}/rejected`);
    assertEquals(
      [answer.status, (await answer.text()).includes("of an HTTP action")],
      [500, true],
    );
    await client.mutation(stray.catchNested!, {});
    await client.mutation(stray.addLater!, {});
    await client.action(stray.leave!, {});
    await client.action(stray.wait!, {});
    await waiting;
    assertEquals(await client.query(stray.texts!, {}), [
      "Uncaught Error: of a mutation",
      "first",
      "second",
      "third",
    ]);
  });
  assertStringIncludes(
    said,
    "error: HTTP action GET /rejected failed: Error: of an HTTP action",
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("of many failures that clients cause, a few are written down", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/stray.js`, functions);
  const said = await serving(["--functions", folder], async (url) => {
    const client = new ConvexHttpClient(url);
    await client.action(api.stray!.leaveMany!, {});
    await client.mutation(api.stray!.scheduleMany!, {});
    await client.action(api.stray!.wait!, {});
    await client.action(api.stray!.wait!, {});
  });
  const lines = said.split("\n").filter((line) => line.startsWith("error: "));
  assertEquals(lines.length, 20);
  const ofJob = "error: Error when running scheduled function";
  assertEquals(lines.filter((line) => line.startsWith(ofJob)).length, 10);
  assert(said.length < 40_000, `${said.length} characters`);
  await Deno.remove(folder, { recursive: true });
});
