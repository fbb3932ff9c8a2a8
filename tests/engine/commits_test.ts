import { assertEquals, assertThrows } from "@std/assert";
import { SearchCaches } from "../../src/engine/search/search_caches.ts";
import { Commits } from "../../src/engine/transaction/commits.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";

Deno.test("old states are kept within their room, the oldest are let go first", () => {
  const store = openMemoryStore();
  const room = 1000;
  const commits = new Commits(
    store,
    new SearchCaches(store),
    () => 1_800_000_000_000,
    undefined,
    room,
  );
  const write = (value: string) =>
    commits.apply([{ key: "d", value }], commits.next());
  write("first");
  const held: bigint[] = [];
  for (let step = 0; step < 20; step++) {
    held.push(commits.openHistory());
    write(`${step} `.padEnd(100, "."));
  }
  const read = (ts: bigint) => commits.at(ts).get("d")?.split(" ")[0];
  assertThrows(() => read(held[0]!), Error, "cannot read at timestamp");
  assertThrows(() => read(held[10]!), Error, "cannot read at timestamp");
  assertEquals(held.slice(11).map(read), [
    "10",
    "11",
    "12",
    "13",
    "14",
    "15",
    "16",
    "17",
    "18",
  ]);
  assertEquals(read(commits.latest), "19");
});
