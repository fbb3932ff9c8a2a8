/** What `npx convex` of the npm package does with a server of `deno task serve`. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ConvexHttpClient } from "convex/browser";
import { anyApi as api } from "convex/server";
import { serving } from "../support/serving.ts";

const KEY = "admin|01";

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
    export const variables = query(() => [process.env.OLD ?? null, process.env.NEW ?? null]);`,
  );
  const command = new URL(
    "../../node_modules/convex/bin/main.js",
    import.meta.url,
  ).pathname;
  const args = ["--functions", `${folder}/convex`];
  const files = [
    "--admin-key-file",
    `${folder}/key`,
    "--env",
    `${folder}/variables`,
  ];
  await serving([...args, ...files], async (url) => {
    const program = (...line: string[]) =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", "--quiet", command, ...line],
        cwd: folder,
        env: {
          CONVEX_SELF_HOSTED_URL: url,
          CONVEX_SELF_HOSTED_ADMIN_KEY: KEY,
          CI: "1",
        },
        stdout: "piped",
        stderr: "piped",
      });
    const convex = async (...line: string[]) => {
      const { code, stdout, stderr } = await program(...line).output();
      const said = new TextDecoder().decode(stdout) +
        new TextDecoder().decode(stderr);
      assertEquals(code, 0, said);
      return said;
    };
    await convex("import", "--table", "notes", "rows.jsonl");
    assertStringIncludes(await convex("data", "notes"), `"é"`);
    await convex("env", "set", "NEW", "two\nlines");
    const client = new ConvexHttpClient(url);
    const variables = await client.query(api.notes!.variables!);
    assertEquals(variables, ["one", "two\nlines"]);
    await using logs = program("logs", "--history", "9", "--success").spawn();
    let logged = "";
    const lines = logs.stdout.pipeThrough(new TextDecoderStream());
    for await (const part of lines) {
      logged += part;
      if (logged.includes("notes.js:variables")) break;
    }
    assertStringIncludes(logged, "Function executed in");
    await logs.stderr.cancel();
    await convex("export", "--path", "out.zip");
    assert((await Deno.stat(`${folder}/out.zip`)).size > 0);
  });
  assertEquals(
    await Deno.readTextFile(`${folder}/variables`),
    `OLD="one"\nNEW="two\\nlines"\n`,
  );
  await Deno.remove(folder, { recursive: true });
});
