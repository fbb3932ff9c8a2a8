/** What a client's JSON costs that no value can be: it is refused before it is parsed. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { cutJson, heapOf } from "../../src/server/cut_json.ts";
import { apiCase } from "../support/api_case.ts";
import { ruleCase } from "../support/sync_case.ts";

const fields = (count: number, name = "a") =>
  Array.from({ length: count }, (_, at) => `"${name}${at}":${at}`).join(",");
const wide = `{${fields(40_000)}}`;
const deep = "[".repeat(300_000);
const tooWide = "Object has too many fields (1025 > maximum number 1024)";
const long = `"${"x".repeat(1 << 18)}"`;

Deno.test("cutJson() leaves what may be a value as it is", () => {
  const brackets = String.raw`"{[\"\\",{"a\\":["]}","\\\""]}`;
  for (
    const text of [
      `[${brackets},${long}]`,
      `{"a":${long},"b":{${fields(8000)}},"c":{${fields(8000)}}}`,
      `[${"[".repeat(200)}${"]".repeat(200)},${long}]`,
      `{"a":"${":".repeat(300_000)}"}`,
      `"${"\\".repeat(300_000)}`,
      `}${long}`,
      wide.slice(0, 1000),
    ]
  ) assertEquals(cutJson(text) === text, true, text.slice(0, 40));
});

Deno.test("cutJson() puts one field too many in place of far too many", () => {
  const inner = `{"b":${wide},${fields(9000)}}`;
  const text = `{"k":[${wide},1,{"l":${wide}},${inner},"{"],"m":${long}}`;
  const { k, m } = JSON.parse(cutJson(text)!);
  const [first, one, { l }, outermost, brace] = k;
  for (const object of [first, l, outermost]) {
    assertEquals(Object.keys(object).length, 1025);
  }
  assertEquals([one, brace, m.length], [1, "{", 1 << 18]);
  assertEquals(cutJson(deep), undefined);
});

Deno.test("heapOf() estimates what small values take, and ignores what is written in strings", () => {
  assertEquals(heapOf(`"{,[:"`), 6);
  assertEquals(heapOf(`{"a":[1,{}]}`), 12 + 5 * 32);
});

apiCase("an object of far too many fields is refused", async (ask) => {
  const path = `"path":"messages:list"`;
  const query = (args: string) => `{${path},"args":${args}}`;
  const { status, json } = await ask("/api/query", query(wide));
  assertEquals(status, 200);
  assertStringIncludes(json.errorMessage, tooWide);
  const batch = `{"queries":[${query(wide)},${query('{"channel":"a"}')}]}`;
  const { json: { results } } = await ask("/api/query_batch", batch);
  assertStringIncludes(results[0].errorMessage, tooWide);
  assertEquals(results[1].value, []);
  const nested = await ask("/api/query", query(deep));
  assertEquals([nested.status, nested.json], [400, {
    code: "BadJsonBody",
    message: "The body is nested too deep",
  }]);
});

ruleCase(
  "a mutation with far too many fields fails alone",
  async (socket) => {
    socket.hello();
    socket.send(
      `{"type":"Mutation","requestId":7,"udfPath":"messages:send","args":[${wide}]}`,
    );
    await socket.until(({ requestId }) => requestId === 7);
    const { success, result } = socket.messages.find(({ requestId }) =>
      requestId === 7
    )!;
    assert(!success);
    assertStringIncludes(result, tooWide);
  },
);
