/** Prints what an edge host loads, beside others that are used there. Run by `deno task bench:size`. */
import { stop } from "esbuild";
import { pathOf } from "../../../tools/command.ts";
import { installPackages } from "../../../tools/install_packages.ts";
import { bundle, loaded } from "./measure.ts";
import { measureOurs } from "./programs.ts";

const PACKAGES = {
  "hono": "4.13.19",
  "@upstash/redis": "1.39.0",
  "@libsql/client": "0.18.0",
  "@supabase/supabase-js": "2.109.0",
};

const OTHERS: readonly (readonly [what: string, program: string])[] = [
  ["hono", 'export { Hono } from "hono";'],
  ["@upstash/redis", 'export { Redis } from "@upstash/redis/cloudflare";'],
  ["@libsql/client/web", 'export { createClient } from "@libsql/client/web";'],
  ["supabase-js", 'export { createClient } from "@supabase/supabase-js";'],
];

const row = (what: string, bytes: number) =>
  console.log(`| ${what} | ${(bytes / 1000).toFixed(1)} |`);

const folder = pathOf(".ci/rt/size");
await installPackages(folder, PACKAGES);

const ours = await measureOurs();
console.log("| bundled, split, minified | kB by gzip |");
console.log("| --- | ---: |");
row("AsyncConvexClient, at once", ours.client);
row("… with what its first call loads", ours.clientCalling);
row("AsyncConvexClient and Cortex, at once", ours.facade);
row("… with remember, recall and live queries", ours.facadeRemembering);
row("… with every module", ours.everything);
row(
  "ConvexHttpClient",
  loaded(
    await bundle('export { ConvexHttpClient } from "convex/browser";'),
  ),
);
row(
  "ConvexClient",
  loaded(await bundle('export { ConvexClient } from "convex/browser";')),
);
for (const [what, program] of OTHERS) {
  row(what, loaded(await bundle(program, folder)));
}
await stop();
