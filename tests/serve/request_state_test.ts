/** What a library keeps for a request, in `deno task serve`, where requests share its modules. */
import { assertEquals } from "@std/assert";
import { serving } from "../support/serving.ts";

/** As libraries do that are written for Convex, where a variable would do. */
const http = `import { httpRouter } from "convex/server";
import { httpAction } from "./_generated/server";
class Alone {
  async run(store, work) {
    const before = this.current;
    this.current = store;
    try { return await work(); } finally { this.current = before; }
  }
  getStore() { return this.current; }
}
const Storage = Promise.resolve().then(() =>
  "AsyncLocalStorage" in globalThis ? globalThis.AsyncLocalStorage : Alone
);
let storage;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const http = httpRouter();
http.route({ pathPrefix: "/", method: "GET", handler: httpAction(async (_, request) => {
  const { pathname, searchParams } = new URL(request.url);
  storage ??= new (await Storage)();
  return storage.run(pathname, async () => {
    await pause(searchParams.get("ms"));
    return new Response(String(storage.getStore()));
  });
}) });
export default http;`;

Deno.test("requests in flight together keep apart what a library keeps for each", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/http.js`, http);
  await serving(["--functions", folder], async (_, site) => {
    const ask = async (path: string) => await (await fetch(site + path)).text();
    assertEquals(await ask("/first?ms=0"), "/first");
    // The shorter one begins later and is over sooner.
    const answers = [ask("/a?ms=300"), ask("/b?ms=100"), ask("/c?ms=500")];
    assertEquals(await Promise.all(answers), ["/a", "/b", "/c"]);
  });
  await Deno.remove(folder, { recursive: true });
});
