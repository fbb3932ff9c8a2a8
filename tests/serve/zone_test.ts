/** The time zone and the language that functions see in `deno task serve`. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { ConvexHttpClient } from "convex/browser";
import { anyApi as api } from "convex/server";
import { serving } from "../support/serving.ts";

const functions = `import { action, query } from "./_generated/server";
const shown = () => [
  new Date(2024, 0, 1).toISOString(),
  new Date(0).getHours(),
  Intl.DateTimeFormat().resolvedOptions().timeZone,
];
const loaded = shown();
export const ofQuery = query(() => shown());
export const ofAction = action(() => shown());
export const ofModule = query(() => loaded);
`;

Deno.test("functions see UTC, wherever the server is", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/zone.js`, functions);
  await serving(["--functions", folder], async (url) => {
    const client = new ConvexHttpClient(url);
    const { zone } = api;
    const utc = ["2024-01-01T00:00:00.000Z", 0, "UTC"];
    assertEquals(await client.query(zone!.ofQuery!, {}), utc);
    assertEquals(await client.action(zone!.ofAction!, {}), utc);
    assertEquals(await client.query(zone!.ofModule!, {}), utc);
  }, { TZ: "America/New_York" });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the task asks for the language of Convex, which cannot be set later", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile("deno.json"));
  assertStringIncludes(tasks.serve, " LC_ALL=en_US.UTF-8 deno run ");
});
