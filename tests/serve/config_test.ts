/** What `deno task serve --functions` takes from a project: its configuration, environment and kinds of module. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { ConvexHttpClient } from "convex/browser";
import { anyApi as api } from "convex/server";
import { makeIssuer } from "../support/jwt_issuer.ts";
import { runServe, serving } from "../support/serving.ts";

const project: { [path: string]: string } = {
  "tsconfig.json": `{ "compilerOptions": { "paths": { "@/*": ["./lib/*"] } } }`,
  "convex.json": `{ "node": { "externalPackages": ["reads-a-file"] } }`,
  "node_modules/reads-a-file/package.json":
    `{ "name": "reads-a-file", "main": "index.js" }`,
  "node_modules/reads-a-file/index.js":
    `exports.text = require("node:fs").readFileSync(__dirname + "/text.txt", "utf8");`,
  "node_modules/reads-a-file/text.txt": "read",
  "node_modules/two-builds/package.json":
    `{ "name": "two-builds", "browser": { "fs": false }, "exports": { "node": "./node.js", "default": "./web.js" } }`,
  "node_modules/two-builds/node.js":
    `exports.build = require("crypto").createHash ? "node" : "";`,
  "node_modules/two-builds/web.js":
    `try { require("fs").none; } catch {}\nexports.build = "web";`,
  "lib/names.ts": `export const name = "lib";`,
  "convex/convex.config.ts": `import { defineApp } from "convex/server";
    import { v } from "convex/values";
    import site from "./site/convex.config";
    import teller from "../teller/convex.config.js";
    const app = defineApp({ httpPrefix: "/api", env: {
      SERVE_TEST_TOKEN: v.string(),
      SERVE_TEST_MODE: v.optional(v.union(v.literal("a"), v.literal("b"))),
    } });
    app.use(site, { httpPrefix: "/" });
    app.use(teller, { name: "one", env: { WORD: "first" } });
    app.use(teller, { name: "two", env: { WORD: app.env.SERVE_TEST_TOKEN } });
    export default app;`,
  "convex/site/convex.config.ts":
    `import { defineComponent } from "convex/server";
    import teller from "../../teller/convex.config.js";
    const site = defineComponent("site");
    site.use(teller, { httpPrefix: "/told", env: { WORD: "nested" } });
    export default site;`,
  "convex/site/http.ts": `import { httpRouter } from "convex/server";
    import { httpAction } from "./_generated/server";
    const http = httpRouter();
    http.route({ pathPrefix: "/", method: "GET",
      handler: httpAction(async () => new Response("site " + process.env.CONVEX_SITE_URL)) });
    export default http;`,
  "teller/convex.config.js": `import { defineComponent } from "convex/server";
    import { v } from "convex/values";
    const NAME = "teller";
    export default defineComponent(NAME, {
      env: { WORD: v.string(), OTHER: v.optional(v.string()) },
    });`,
  "teller/_generated/server.ts":
    `import { queryGeneric, httpActionGeneric } from "convex/server";
    export const query = queryGeneric, httpAction = httpActionGeneric;
    export const env = (globalThis as unknown as { process: { env: { [name: string]: string } } }).process.env;`,
  "teller/say.ts": `import { env, query } from "./_generated/server";
    export const word = query(() =>
      [env.WORD, env.OTHER ?? null, process.env["PATH"] ?? null, env.CONVEX_SITE_URL]);`,
  "teller/http.ts": `import { httpRouter } from "convex/server";
    import { env, httpAction } from "./_generated/server";
    const http = httpRouter();
    http.route({ path: "/", method: "GET",
      handler: httpAction(async () => Response.json([env.WORD, env.CONVEX_SITE_URL])) });
    export default http;`,
  "convex/http.ts": `import { httpRouter } from "convex/server";
    import { env, httpAction } from "./_generated/server";
    const http = httpRouter();
    http.route({ path: "/ping", method: "GET", handler: httpAction(async () =>
      Response.json([env.SERVE_TEST_TOKEN, env.CONVEX_CLOUD_URL, env.CONVEX_SITE_URL])) });
    export default http;`,
  "convex/auth.config.js": `export default { providers: [
    { domain: process.env.CONVEX_SITE_URL, applicationID: "convex" },
    { type: "customJwt", issuer: process.env.SERVE_TEST_ISSUER ?? "https://none.test",
      jwks: process.env.SERVE_TEST_KEYS ?? "https://none.test/keys", algorithm: "ES256" },
  ] };`,
  "convex/told.ts": `import { components } from "./_generated/api";
    import { query } from "./_generated/server";
    export const who = query(async (ctx) => (await ctx.auth.getUserIdentity()).subject);
    export const words = query(async (ctx) => [
      await ctx.runQuery(components.one.say.word, {}),
      await ctx.runQuery(components.two.say.word, {}),
    ]);`,
  "convex/nodejs.mts": `"use node";
    import path from "path";
    import { text } from "reads-a-file";
    import { build } from "two-builds";
    import { name } from "@/names";
    import { action } from "./_generated/server";
    export const names = action(async () => path.join(name, text, build));`,
  "convex/deep/er/plain.cjs":
    `const { queryGeneric } = require("convex/server");
    exports.hello = queryGeneric(() => "hello");`,
  "convex/bytes.js": `import add from "./add.wasm";
    import "server-only";
    import { build } from "two-builds";
    import { Buffer } from "node:buffer";
    import { query } from "./_generated/server";
    export const sum = query(() => new WebAssembly.Instance(add).exports.add(2, 3));
    export default query(() => Buffer.from(build).toString());`,
  "convex/words.helper.ts": `throw new Error("no module with functions");`,
  "convex/with space.ts": `throw new Error("no module with functions");`,
};

/** `(i32, i32) → i32` that adds. */
const WASM = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1],
  ...[0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11],
]);

async function withProject(
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  for (const [path, text] of Object.entries(project)) {
    const file = `${folder}/${path}`;
    await Deno.mkdir(file.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(file, text);
  }
  await Deno.writeFile(`${folder}/convex/add.wasm`, WASM);
  await use(folder);
  await Deno.remove(folder, { recursive: true });
}

Deno.test("serve gives functions the environment that their configuration says", () =>
  withProject(async (folder) => {
    const args = ["--functions", `${folder}/convex`];
    const env = { SERVE_TEST_TOKEN: "token" };
    await serving(args, async (url, site) => {
      assertEquals(
        await (await fetch(`${site}/api/ping`)).json(),
        ["token", url, `${site}/api`],
      );
      // The component at the root answers what the app's prefix does not cover, and its own child below it.
      assertEquals(
        await (await fetch(`${site}/page`)).text(),
        `site ${site}`,
      );
      assertEquals(
        await (await fetch(`${url}/http/told`)).json(),
        ["nested", `${site}/told`],
      );
      const http = new ConvexHttpClient(url, { logger: false });
      assertEquals(await http.query(api.told!.words!), [
        ["first", null, null, site],
        ["token", null, null, site],
      ]);
      assertEquals(await http.action(api.nodejs!.names!), "lib/read/node");
      assertEquals(await http.query(api.deep!.er!.plain!.hello!), "hello");
      assertEquals(await http.query(api.bytes!.sum!), 5);
      assertEquals(await http.query(api.bytes!.default!), "web");
    }, env);

    const missing = await runServe(args, {});
    assertEquals(missing.code, 1);
    assertStringIncludes(
      missing.stderr,
      "the app needs the environment variable SERVE_TEST_TOKEN",
    );
    const wrong = await runServe(args, { ...env, SERVE_TEST_MODE: "c" });
    assert(wrong.stderr.includes("SERVE_TEST_MODE"), wrong.stderr);
  }));

Deno.test("components and auth.config see the app's variables as they are, and none gets a value that contradicts the configuration", () =>
  withProject(async (folder) => {
    await Deno.writeTextFile(`${folder}/key`, "admin|01");
    await Deno.writeTextFile(`${folder}/variables`, "SERVE_TEST_TOKEN=token");
    const args = ["--functions", `${folder}/convex`];
    args.push("--admin-key-file", `${folder}/key`);
    await serving([...args, "--env", `${folder}/variables`], async (url) => {
      const set = async (name: string, value: string | null) => {
        const answer = await fetch(`${url}/api/update_environment_variables`, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            authorization: "Convex admin|01",
          },
          body: JSON.stringify({ changes: [{ name, value }] }),
        });
        return [answer.status, await answer.text()] as const;
      };
      const refused = async (name: string, value: string | null) => {
        const [status, text] = await set(name, value);
        assertEquals(status, 400);
        assertStringIncludes(text, "InvalidEnvironmentVariable");
        assertMatch(text, new RegExp(`${name}|auth.config`));
      };
      const http = new ConvexHttpClient(url, { logger: false });
      const word = async () => {
        const [, [word]] = await http.query(api.told!.words!);
        return word;
      };
      assertEquals(await word(), "token");
      await refused("SERVE_TEST_TOKEN", null);
      await refused("SERVE_TEST_MODE", "c");
      assertEquals((await set("SERVE_TEST_MODE", "b"))[0], 200);
      assertEquals((await set("SERVE_TEST_TOKEN", "next"))[0], 200);
      assertEquals(await word(), "next");

      const { issuer, jwksUrl, sign } = await makeIssuer();
      http.setAuth(await sign("ann"));
      await assertRejects(() => http.query(api.told!.who!), Error, "NoAuth");
      await refused("SERVE_TEST_ISSUER", "");
      assertEquals((await set("SERVE_TEST_KEYS", jwksUrl))[0], 200);
      await assertRejects(() => http.query(api.told!.who!), Error, "NoAuth");
      assertEquals((await set("SERVE_TEST_ISSUER", issuer))[0], 200);
      assertEquals(await http.query(api.told!.who!), "ann");
    });
  }));
