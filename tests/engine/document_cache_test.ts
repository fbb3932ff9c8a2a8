import { assert, assertEquals } from "@std/assert";
import { DocumentCache } from "../../src/engine/rows/document_cache.ts";
import { roomFor } from "../support/room_for.ts";

const row = (id: string, text: string) =>
  JSON.stringify({ _creationTime: 1, _id: id, list: [text], text });

Deno.test("the cache hands out copies, and keeps what is asked for when room gets short", () => {
  const cache = new DocumentCache(roomFor(10 * row("d0", "x").length));
  for (let at = 0; at < 10; at++) cache.keep(`d${at}`, row(`d${at}`, "x"));
  cache.find("d3")!.copy().list = [];
  assertEquals(cache.find("d3")!.copy().list, ["x"]);
  for (let at = 0; at < 8; at++) {
    cache.keep(`e${at}`, row(`e${at}`, "x"));
    assert(cache.find("d3"), `d3 after ${at}`);
  }
  const kept = ["d", "e"].flatMap((letter) =>
    Array.from({ length: 10 }, (_, at) => letter + at)
  ).filter((id) => cache.find(id));
  assertEquals(kept.length, 10);
});

Deno.test("a document is there for its reader, however short the room is", () => {
  const text = (at: number) => "x".repeat(at % 3 === 2 ? 200 : 20);
  const cache = new DocumentCache(roomFor(150));
  for (let at = 0; at < 20; at++) {
    const id = `d${at}`;
    const read = cache.find(id) ?? cache.keep(id, row(id, text(at)));
    assertEquals(read.copy().list, [text(at)], id);
    assertEquals(read.isKept, cache.find(id) === read, id);
    // What is wanted stays a while, so the new ones are the first that could go.
    for (let before = 0; before < at; before++) cache.find(`d${before}`);
  }
});

Deno.test("an entry shows that the cache has dropped its document", () => {
  const cache = new DocumentCache(roomFor(1 << 20));
  const [one, other] = ["d1", "d2"].map((id) => cache.keep(id, row(id, "x")));
  cache.forget("d1");
  assertEquals([one!.isKept, other!.isKept], [false, true]);
  assertEquals(cache.find("d1"), undefined);
  cache.clear();
  assertEquals([other!.isKept, cache.find("d2")], [false, undefined]);
});

Deno.test("a document that was written is parsed when it is first read", () => {
  const cache = new DocumentCache(roomFor(2 * row("d1", "x").length));
  cache.keepWritten("d1", row("d1", "x"));
  cache.keepWritten("d2", "not to be read");
  assertEquals(cache.find("d1")!.copy().list, ["x"]);
  cache.keepWritten("d3", row("d3", "y"));
  assertEquals(cache.find("d2"), undefined);
  assertEquals([cache.forget("d2"), cache.forget("d3")], [false, true]);
  assertEquals(cache.find("d1")!.copy().list, ["x"]);
});
