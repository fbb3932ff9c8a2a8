/** Long answers are held until they are read, and who does not read is hung up on. */
import { assertEquals, assertMatch } from "@std/assert";
import { queryGeneric } from "convex/server";
import { openEngine } from "../../src/engine/engine.ts";
import { HeldBytes } from "../../src/server/held_bytes.ts";
import { longAnswer } from "../../src/server/http/long_answer.ts";
import { createConvexServer } from "../../src/server/mod.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";

const TEXT = "né".repeat(100_000);
const hasRoom = (held: HeldBytes) => {
  const hold = held.begin();
  const taken = hold.add(1);
  hold.release();
  return taken;
};

Deno.test("a long answer is held until it is read", async () => {
  const held = new HeldBytes(100);
  const { body, length } = longAnswer(TEXT, held);
  assertEquals([length, hasRoom(held)], [300_000, false]);
  assertEquals(await new Response(body).text(), TEXT);
  assertEquals(hasRoom(held), true);
});

Deno.test("a long answer is held no longer when its reader leaves", async () => {
  const held = new HeldBytes(100);
  const reader = longAnswer(TEXT, held).body.getReader();
  await reader.read();
  assertEquals(hasRoom(held), false);
  await reader.cancel();
  assertEquals(hasRoom(held), true);
});

Deno.test("who reads nothing of a long answer for a while is hung up on", async () => {
  const held = new HeldBytes(100);
  const unread = longAnswer(TEXT, held, 20).body;
  const reader = longAnswer(TEXT, held, 200).body.getReader();
  for (let piece = 0; piece < 3; piece++) {
    await reader.read();
    await new Promise((done) => setTimeout(done, 30));
  }
  assertEquals(hasRoom(held), false);
  const failure = (read: Promise<unknown>) => read.then(() => "", String);
  assertMatch(await failure(new Response(unread).text()), /hung up on/);
  await new Promise((done) => setTimeout(done, 250));
  assertEquals(hasRoom(held), true);
  assertMatch(await failure(reader.read()), /hung up on/);
});

Deno.test("long answers that nobody reads leave no room for calls", async () => {
  const long = queryGeneric(() => Array(8).fill("x".repeat(1 << 18)));
  const modules = { "long.ts": { long, short: queryGeneric(() => 1) } };
  const engine = openEngine({ modules, store: openMemoryStore() });
  const server = createConvexServer(engine, { maxHeldBytes: 1 << 20 });
  const ask = (name: string) => {
    const body = JSON.stringify({ path: `long:${name}`, args: {} });
    const init = { method: "POST", body };
    return server.handle(new Request("http://127.0.0.1/api/query", init));
  };
  const unread = await ask("long");
  const refused = await ask("short");
  assertEquals(refused.status, 503);
  const text = await unread.text();
  assertEquals(unread.headers.get("content-length"), String(text.length));
  assertEquals(JSON.parse(text).value.length, 8);
  assertEquals((await ask("short")).status, 200);
  server.close();
  await engine.close();
});
