/** Long answers are held until they are read, and who does not read is hung up on. */
import { assert, assertEquals } from "@std/assert";
import { queryGeneric } from "convex/server";
import { openEngine } from "../../src/engine/engine.ts";
import { longAnswer } from "../../src/server/http/long_answer.ts";
import { createConvexServer } from "../../src/server/mod.ts";
import { UnreadBytes } from "../../src/server/unread_bytes.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { pause } from "../../src/testing/support/pause.ts";

const TEXT = "né".repeat(100_000);

Deno.test("a long answer counts as unread until it is read", async () => {
  const unread = new UnreadBytes(1e9);
  const { body, length } = longAnswer(TEXT, unread);
  assertEquals([length, unread.bytes], [300_000, 300_000]);
  assertEquals(await new Response(body).text(), TEXT);
  assertEquals(unread.bytes, 0);
});

Deno.test("a long answer counts no longer when its reader leaves", async () => {
  const unread = new UnreadBytes(1e9);
  const reader = longAnswer(TEXT, unread).body.getReader();
  const { value } = await reader.read();
  assertEquals(unread.bytes, 300_000 - value!.length);
  await reader.cancel();
  assertEquals(unread.bytes, 0);
});

/** On Deno, an answer that was given up ends early; with its `content-length`, Deno hangs up. */
const lengthOf = async (body: BodyInit) =>
  (await new Response(body).bytes()).length;

Deno.test("who reads nothing of a long answer for a while is hung up on", async () => {
  const all = new UnreadBytes(1e9);
  const unread = longAnswer(TEXT, all, 20).body;
  const reader = longAnswer(TEXT, all, 200).body.getReader();
  for (let piece = 0; piece < 3; piece++) {
    await reader.read();
    await pause(30);
  }
  assertEquals(await lengthOf(unread), 0);
  await pause(250);
  assertEquals(all.bytes, 0);
  assertEquals((await reader.read()).done, true);
});

Deno.test("of long answers that nobody reads, the oldest are given up, and calls go on", async () => {
  const long = queryGeneric(() => Array(8).fill("x".repeat(1 << 18)));
  const modules = { "long.ts": { long, short: queryGeneric(() => 1) } };
  const engine = openEngine({ modules, store: openMemoryStore() });
  const server = createConvexServer(engine, {
    maxHeldBytes: 1 << 20,
    maxUnreadBytes: 1 << 20,
  });
  const ask = (name: string) => {
    const body = JSON.stringify({ path: `long:${name}`, args: {} });
    const init = { method: "POST", body };
    return server.handle(new Request("http://127.0.0.1/api/query", init));
  };
  const unread = await ask("long");
  await pause(5);
  assertEquals((await ask("short")).status, 200);
  const read = await ask("long");
  const text = await read.text();
  assertEquals(read.headers.get("content-length"), String(text.length));
  assertEquals(JSON.parse(text).value.length, 8);
  const { length } = await unread.text();
  assert(length < text.length, `${length} characters`);
  server.close();
  await engine.close();
});
