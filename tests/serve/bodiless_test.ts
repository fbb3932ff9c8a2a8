/** Responses without a body, which functions write with an empty one, in `deno task serve`. */
import { assertEquals } from "@std/assert";
import { serving } from "../support/serving.ts";

const http = `import { httpRouter } from "convex/server";
import { httpAction } from "./_generated/server";
const http = httpRouter();
const answers = {
  "/204": () => new Response("", { status: 204, headers: { "x-sent": "1" } }),
  "/205": () => new Response("", { status: 205 }),
  "/200": () => new Response("text"),
  "/class": () => new (class extends Response {})("", { status: 204 }),
  "/is": async () => {
    const made = [new Response(), Response.json({}), await fetch("data:,a")];
    return Response.json(made.map((response) => response instanceof Response));
  },
};
for (const [path, answer] of Object.entries(answers)) {
  http.route({ path, method: "GET", handler: httpAction(async () => answer()) });
}
export default http;`;

Deno.test("a response without a body may be made with an empty one, as on Convex", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/http.js`, http);
  await serving(["--functions", folder], async (_, site) => {
    const ask = async (path: string) => {
      const response = await fetch(site + path);
      return [response.status, await response.text()];
    };
    assertEquals(await ask("/204"), [204, ""]);
    assertEquals(await ask("/205"), [205, ""]);
    assertEquals(await ask("/200"), [200, "text"]);
    assertEquals(await ask("/class"), [204, ""]);
    assertEquals(await ask("/is"), [200, "[true,true,true]"]);
  });
  await Deno.remove(folder, { recursive: true });
});
