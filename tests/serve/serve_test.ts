/** `deno task serve` as a process of its own. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ConvexClient, ConvexHttpClient } from "convex/browser";
import { anyApi as api } from "convex/server";
import { Cortex } from "../../mod.ts";
import { makeIssuer } from "../support/jwt_issuer.ts";
import { runServe, serving } from "../support/serving.ts";

Deno.test("serve runs Cortex's functions over a file", async () => {
  const folder = await Deno.makeTempDir();
  const db = `${folder}/cortex.db`;
  await serving(["--db", db], async (url) => {
    await using cortex = new Cortex({ convexUrl: url });
    await cortex.memory.remember({
      memorySpaceId: "space",
      conversationId: "conv",
      userMessage: "I like green tea",
      agentResponse: "Noted.",
      userId: "ada",
      userName: "Ada",
      agentId: "agent",
    });
  });
  await serving(["--db", db], async (url) => {
    await using cortex = new Cortex({ convexUrl: url });
    const { context } = await cortex.memory.recall({
      memorySpaceId: "space",
      query: "tea",
    });
    assertStringIncludes(context ?? "", "green tea");
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("serve names the port that another server has", async () => {
  await serving([], async (_, site) => {
    const { port } = new URL(site);
    const { code, stderr } = await runServe(["--site-port", port], {});
    assertEquals(code, 1);
    assertStringIncludes(stderr, `port ${port} of 127.0.0.1 is in use`);
  });
});

Deno.test("serve says that there is no file of variables", async () => {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/variables`;
  const args = ["--env", file, "--functions", folder];
  await Deno.writeTextFile(`${folder}/throws.ts`, "throw new Error('ended');");
  const none = await runServe(args, {});
  assertStringIncludes(none.stderr, `serve: there is no ${file}, so`);
  await Deno.writeTextFile(file, "");
  const some = await runServe(args, {});
  assertEquals([some.code, some.stderr.includes(file)], [1, false]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("serve refuses a project's own folder, and names the module that throws", async () => {
  const prefix = "ä b#100% ";
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix }));
  await Deno.mkdir(`${folder}/convex/lib`, { recursive: true });
  const files = {
    "package.json": "{}",
    "build.ts": `console.error("ran")`,
    "convex/lib/key.ts": `const need = (name: string): string => {
  throw new Error(name + " is not set");
};
export const key = need("THE_KEY");`,
    "convex/tasks.ts": `export { key } from "./lib/key";`,
  };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
  const whole = await runServe(["--functions", `${folder}/`], {});
  assertEquals(
    [whole.code, whole.stderr],
    [
      1,
      `serve: ${folder}/ is the folder of a project, not of its functions: those are in ${folder}/convex\n`,
    ],
  );
  const { code, stderr } = await runServe(
    ["--functions", `${folder}/convex`],
    {},
  );
  assertEquals(
    [code, stderr],
    [
      1,
      `serve: ${folder}/convex/lib/key.ts:2:9 threw while it was loaded: THE_KEY is not set\n`,
    ],
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("serve runs anyone's functions as they are", async () => {
  const folder = await Deno.makeTempDir();
  const issuer = await makeIssuer();
  const files = {
    "schema.ts": `import { defineSchema, defineTable } from "convex/server";
      import { v } from "convex/values";
      export default defineSchema({
        tasks: defineTable({ text: v.string(), by: v.string() }).index("by_by", ["by"]),
      });`,
    "auth.config.ts": `export default { providers: [{ type: "customJwt",
      issuer: ${JSON.stringify(issuer.issuer)}, jwks: ${
      JSON.stringify(issuer.jwksUrl)
    }, algorithm: "ES256", applicationID: "app" }] };`,
    "model/names.ts":
      `export const nameOf = (user: { subject: string } | null) =>
      user?.subject ?? "nobody";`,
    "tasks.ts": `import { v } from "convex/values";
      import { internal } from "./_generated/api";
      import { action, internalMutation, query } from "./_generated/server";
      import { nameOf } from "./model/names";
      export const list = query({
        args: {},
        handler: async (ctx) => (await ctx.db.query("tasks").collect())
          .map(({ text, by }) => by + ": " + text),
      });
      export const add = internalMutation({
        args: { text: v.string() },
        handler: async (ctx, { text }) => {
          const by = nameOf(await ctx.auth.getUserIdentity());
          await ctx.db.insert("tasks", { text, by });
        },
      });
      export const addLater = action({
        args: { text: v.string() },
        handler: (ctx, { text }) => ctx.runMutation(internal.tasks.add, { text }),
      });`,
    "http.ts": `import { httpRouter } from "convex/server";
      import { httpAction } from "./_generated/server";
      import { internal } from "./_generated/api";
      const http = httpRouter();
      http.route({ path: "/add", method: "POST",
        handler: httpAction(async (ctx, request) => {
          await ctx.runMutation(internal.tasks.add, { text: await request.text() });
          return new Response("added");
        }) });
      export default http;`,
    "convex.config.ts": `import { defineApp } from "convex/server";
      import counter from "./counter/convex.config";
      const app = defineApp();
      app.use(counter, { name: "tally" });
      export default app;`,
    "counter/convex.config.ts":
      `import { defineComponent } from "convex/server";
      export default defineComponent("counter");`,
    "counter/schema.ts":
      `import { defineSchema, defineTable } from "convex/server";
      import { v } from "convex/values";
      export default defineSchema({ counts: defineTable({ n: v.number() }) });`,
    "counter/count.ts": `import { ConvexError, v } from "convex/values";
      import { mutation } from "./_generated/server";
      export const next = mutation({ args: {}, returns: v.number(), handler: async (ctx) => {
        const found = await ctx.db.query("counts").first();
        const n = (found?.n ?? 0) + 1;
        if (found) await ctx.db.patch(found._id, { n });
        else await ctx.db.insert("counts", { n });
        return n;
      } });
      export const refuse = mutation(() => { throw new ConvexError("no"); });`,
    "caught.ts": `"use node";
      import { ConvexError } from "convex/values";
      import { api } from "./_generated/api";
      import { action } from "./_generated/server";
      export const inNode = action((ctx) => ctx.runMutation(api.tally.refuse, {})
        .catch((error) => error instanceof ConvexError && error.data));`,
    "tally.ts": `import { ConvexError } from "convex/values";
      import { components } from "./_generated/api";
      import { mutation } from "./_generated/server";
      class Own extends ConvexError<string> {}
      const refuse = (ctx) => ctx.runMutation(components.tally.count.refuse, {});
      export const refused = mutation((ctx) => refuse(ctx).catch((error) =>
        [error instanceof ConvexError, error instanceof Own, error.data]));
      export { refuseTwice as refuse };
      const refuseTwice = mutation((ctx) => refuse(ctx));
      export const next = mutation((ctx) => ctx.runMutation(components.tally.count.next, {}));`,
    "tasks.test.ts": "throw new Error('tests are not functions');",
  };
  await Deno.mkdir(`${folder}/model`);
  await Deno.mkdir(`${folder}/counter`);
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
  await serving(["--functions", folder], async (url) => {
    const client = new ConvexClient(url, { logger: false });
    await client.action(api.tasks!.addLater!, { text: "one" });
    const token = await issuer.sign("ada");
    const http = new ConvexHttpClient(url, { auth: token, logger: false });
    await http.action(api.tasks!.addLater!, { text: "two" });
    const added = await fetch(`${url}/http/add`, {
      method: "POST",
      body: "three",
    });
    assertEquals(await added.text(), "added");
    assertEquals(await client.query(api.tasks!.list!, {}), [
      "nobody: one",
      "ada: two",
      "nobody: three",
    ]);
    assertEquals(await client.mutation(api.tally!.next!, {}), 1);
    assertEquals(await client.mutation(api.tally!.next!, {}), 2);
    // The three have each a `convex` of their own.
    assertEquals(await client.mutation(api.tally!.refused!, {}), [
      ...[true, false],
      "no",
    ]);
    assertEquals(await client.action(api.caught!.inNode!, {}), "no");
    await assertRejects(
      () => client.action(api.caught!.inNode!, { much: "x".repeat(6 << 20) }),
      Error,
      "Arguments for caught:inNode are too large",
    );
    // Only the app may call a component's functions.
    await assertRejects(() => client.mutation(api.counter!.count!.next!, {}));
    await client.close();
  });
  await Deno.remove(folder, { recursive: true });
});
