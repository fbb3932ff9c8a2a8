/** What `npx convex` of the npm package does with a server of `deno task serve`. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { ConvexClient, ConvexHttpClient } from "convex/browser";
import { anyApi as api } from "convex/server";
import { serving } from "../support/serving.ts";

const KEY = "admin|01";

const packages = new URL("../../node_modules", import.meta.url).pathname;

/** `npx convex`, in a project's folder. */
function command(cwd: string, url: string, line: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", "--quiet"],
      ...[`${packages}/convex/bin/main.js`, ...line],
    ],
    cwd,
    env: {
      CONVEX_SELF_HOSTED_URL: url,
      CONVEX_SELF_HOSTED_ADMIN_KEY: KEY,
      CI: "1",
    },
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs it, and gives what it says. Asserts that it succeeds, or fails. */
async function run(
  folder: string,
  url: string,
  line: string[],
  succeeds = true,
): Promise<string> {
  const { code, stdout, stderr } = await command(folder, url, line).output();
  const said = new TextDecoder().decode(stdout) +
    new TextDecoder().decode(stderr);
  assertEquals(code === 0, succeeds, said);
  return said;
}

Deno.test("npx convex reads and writes a server's data and variables", async () => {
  const folder = await Deno.makeTempDir();
  const write = (path: string, text: string) =>
    Deno.writeTextFile(`${folder}/${path}`, text);
  await Deno.mkdir(`${folder}/convex`);
  await write("package.json", `{ "dependencies": { "convex": "*" } }`);
  await write("key", KEY);
  await write("variables", `# of the functions\nOLD='one'\n`);
  await write("rows.jsonl", `{"text":"é"}`);
  await write(
    "convex/notes.ts",
    `import { query } from "./_generated/server";
    export const variables = query(() => [
      process.env.OLD, process.env.NEW, process.env.OF_THE_HOST ?? null, Object.keys(process.env).length,
    ]);`,
  );
  const args = ["--functions", `${folder}/convex`];
  const files = [
    "--admin-key-file",
    `${folder}/key`,
    "--env",
    `${folder}/variables`,
  ];
  await serving([...args, ...files], async (url) => {
    const convex = (...line: string[]) => run(folder, url, line);
    await convex("import", "--table", "notes", "rows.jsonl");
    assertStringIncludes(await convex("data", "notes"), `"é"`);
    await convex("env", "set", "NEW", "two\nlines");
    const client = new ConvexHttpClient(url);
    const variables = await client.query(api.notes!.variables!);
    assertEquals(variables, ["one", "two\nlines", null, 4]);
    await using logs = command(folder, url, [
      "logs",
      "--history",
      "9",
      "--success",
    ])
      .spawn();
    let logged = "";
    const lines = logs.stdout.pipeThrough(new TextDecoderStream());
    for await (const part of lines) {
      logged += part;
      if (logged.includes("Q(notes:variables)")) break;
    }
    assertStringIncludes(logged, "Function executed in");
    await logs.stderr.cancel();
    const inline = ["run", "--inline-query", "1 + 1"];
    const refused = await run(folder, url, inline, false);
    assertStringIncludes(refused, "FunctionsAreFixed");
    await Deno.symlink(packages, `${folder}/node_modules`);
    const codegen = await run(folder, url, ["codegen"], false);
    assertStringIncludes(codegen, "--push FILE");
    await convex("export", "--path", "out.zip");
    assert((await Deno.stat(`${folder}/out.zip`)).size > 0);
  }, { OF_THE_HOST: "host" });
  assertEquals(
    await Deno.readTextFile(`${folder}/variables`),
    `OLD='one'\nNEW='two\nlines'\n`,
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("npx convex dev and deploy push functions to a server, which keeps them", async () => {
  const folder = await Deno.makeTempDir();
  const write = async (path: string, text: string) => {
    const parts = `${folder}/${path}`.split("/").slice(0, -1);
    await Deno.mkdir(parts.join("/"), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  };
  await Deno.symlink(packages, `${folder}/node_modules`);
  await write("package.json", `{ "dependencies": { "convex": "*" } }`);
  await write("key", KEY);
  const schema = (type: string) =>
    write(
      "convex/schema.ts",
      `import { defineSchema, defineTable } from "convex/server";
      import { v } from "convex/values";
      export default defineSchema({
        notes: defineTable({ text: v.${type}() }).index("by_text", ["text"]) });`,
    );
  await schema("string");
  await write(
    "convex/lib/loud.ts",
    "// Source maps\n// know\nexport const loud = (s: string) => s.toUpperCase();",
  );
  const notes = (mark: string) =>
    write(
      "convex/notes.ts",
      `import { components } from "./_generated/api";
      import { mutation, query } from "./_generated/server";
      import { loud } from "./lib/loud";
      export const add = mutation((ctx, { text }: { text: string }) =>
        ctx.db.insert("notes", { text: loud(text) + "${mark}" }));
      export const level = query(() => process.env.LEVEL ?? null);
      export const fails = query((_ctx, args: {}) => loud(args as string));
      export const all = query(async (ctx) => [
        ...(await ctx.db.query("notes").collect()).map(({ text }) => text),
        await ctx.runQuery(components.mail.box.sender, {}),
      ]);`,
    );
  await notes("!");
  // As packages in CommonJS do.
  await write(
    "package/index.cjs",
    `exports.hi = require("buffer").Buffer.from("aGk=", "base64") + "";`,
  );
  await write(
    "convex/ofNode.ts",
    `"use node";
    import { hi } from "../package/index.cjs";
    import { action } from "./_generated/server";
    export const greeting = action(async () => hi);`,
  );
  await write(
    "convex/convex.config.ts",
    `import { defineApp } from "convex/server";
    import mail from "./mail/convex.config";
    const app = defineApp();
    app.use(mail, { env: { FROM: "ada@example.com" } });
    export default app;`,
  );
  await write(
    "convex/mail/convex.config.ts",
    `import { defineComponent } from "convex/server";
    import { v } from "convex/values";
    export default defineComponent("mail", { env: { FROM: v.string() } });`,
  );
  await write(
    "convex/mail/box.ts",
    `import { env, query } from "./_generated/server";
    import { v } from "convex/values";
    export const sender = query({
      args: {}, returns: v.string(), handler: async () => env.FROM,
    });`,
  );
  const args = [
    ...["--push", `${folder}/pushed.json`],
    ...["--admin-key-file", `${folder}/key`],
    ...["--db", `${folder}/data.db`],
  ];
  const dev = ["dev", "--once", "--typecheck", "disable"];
  const deploy = ["deploy", "-y", "--typecheck", "disable"];
  await serving(args, async (url) => {
    await run(folder, url, ["env", "set", "LEVEL", "7"]);
    const first = await run(folder, url, dev);
    assertStringIncludes(first, "[+] notes.by_text   text, _creationTime");
    assertStringIncludes(first, "Installed component mail.");
    const types = `${folder}/convex/mail/_generated/component.ts`;
    assertStringIncludes(await Deno.readTextFile(types), "sender");

    await Deno.remove(`${folder}/convex/_generated`, { recursive: true });
    await run(folder, url, ["codegen", "--typecheck", "disable"]);
    const ofApp = `${folder}/convex/_generated/api.d.ts`;
    assertStringIncludes(await Deno.readTextFile(ofApp), "typeof notes");

    const dry = await run(folder, url, [...deploy, "--dry-run"]);
    assertEquals(dry.includes("function version"), false, dry);

    const client = new ConvexClient(url);
    const seen: unknown[] = [];
    const next = Promise.withResolvers<void>();
    client.onUpdate(api.notes!.all!, {}, (result) => {
      seen.push(result);
      if (seen.length === 3) next.resolve();
    });
    await client.mutation(api.notes!.add!, { text: "a" });
    await notes("?");
    await run(folder, url, deploy);
    await client.mutation(api.notes!.add!, { text: "b" });
    await next.promise;
    assertEquals(seen.at(-1), ["A!", "B?", "ada@example.com"]);
    await client.close();

    const inline = (text: string, succeeds?: boolean) =>
      run(folder, url, ["run", "--inline-query", text], succeeds);
    const said = await inline(`export default query(async ({ db }) => {
      console.log("é", 1n);
      return (await db.query("notes").collect()).length + 40;
    });`);
    assertStringIncludes(said, "'é' 1n");
    assertStringIncludes(said, "42");
    const insert = `ctx.db.insert("notes", { text: "c" })`;
    assertStringIncludes(await inline(insert, false), "insert");

    await schema("number");
    const refused = await run(folder, url, dev, false);
    assertStringIncludes(refused, "does not match the schema");
    await schema("string");
    await write(
      "convex/broken.ts",
      `export const a = 1; throw new Error("no");`,
    );
    assertStringIncludes(
      await run(folder, url, dev, false),
      "Uncaught Error: no\n    at <anonymous> (../convex/broken.ts:1:26)",
    );
    const http = new ConvexHttpClient(url);
    assertEquals(await http.query(api.notes!.all!), seen.at(-1));
  });
  await serving(args, async (url) => {
    const http = new ConvexHttpClient(url);
    assertEquals(await http.query(api.notes!.level!), "7");
    await assertRejects(
      () => http.query(api.notes!.fails!),
      Error,
      "is not a function\n    at loud (../../convex/lib/loud.ts:3:37)\n" +
        "    at <anonymous> (../convex/notes.ts:7:53)\n",
    );
    const all = await http.query(api.notes!.all!);
    assertEquals(all, ["A!", "B?", "ada@example.com"]);
    assertEquals(await http.action(api.ofNode!.greeting!), "hi");
  });
  await Deno.remove(folder, { recursive: true });
});
