/** `deno task serve` behind a proxy. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { runServe, serving } from "../support/serving.ts";

const files = {
  "seen.js": `import { mutation } from "./_generated/server";
    export const here = mutation(async (ctx) => [
      (await ctx.meta.getRequestMetadata()).ip,
      await ctx.storage.generateUploadUrl(),
      process.env.CONVEX_CLOUD_URL,
      process.env.CONVEX_SITE_URL,
    ]);`,
  "http.js": `import { httpRouter, makeFunctionReference } from "convex/server";
    import { httpAction } from "./_generated/server";
    const http = httpRouter();
    http.route({ path: "/here", method: "GET", handler: httpAction(async (ctx) =>
      Response.json(await ctx.runMutation(makeFunctionReference("seen:here"), {}))) });
    export default http;`,
};

Deno.test("functions see what a proxy says only if the proxy is trusted", async () => {
  const folder = await Deno.makeTempDir();
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
  const args = ["--functions", folder];
  const headers = {
    "content-type": "application/json",
    "x-forwarded-for": "6.6.6.6, 1.2.3.4",
  };
  const seen = async (url: string) => {
    const answer = await fetch(`${url}/api/mutation`, {
      method: "POST",
      headers,
      body: JSON.stringify({ path: "seen:here", args: {} }),
    });
    const [ip, upload, cloud, site] = (await answer.json()).value;
    return [ip, new URL(upload).origin, cloud, site];
  };
  await serving(args, async (url, site) => {
    assertEquals(await seen(url), ["127.0.0.1", url, url, site]);
  });
  const proxied = ["--url", "https://api.test/", "--site-url", "http://h.test"];
  await serving([...args, ...proxied, "--trust-proxy"], async (url, site) => {
    const all = ["1.2.3.4", "https://api.test"];
    assertEquals(await seen(url), [
      ...all,
      "https://api.test",
      "http://h.test",
    ]);
    const [ip] = await (await fetch(`${site}/here`, { headers })).json();
    assertEquals(ip, "1.2.3.4");
    const alone = await (await fetch(`${site}/here`)).json();
    assertEquals(alone[0], "127.0.0.1");
  });
  const { code, stderr } = await runServe([...args, "--url", "api.test"], {});
  assertEquals(code, 1);
  assertStringIncludes(stderr, "--url must be http:// or https:// and a host");
  await Deno.remove(folder, { recursive: true });
});
