import { assert, assertEquals, assertThrows } from "@std/assert";
import { SearchCaches } from "../../src/engine/search/search_caches.ts";
import { Commits } from "../../src/engine/transaction/commits.ts";
import { roomFor } from "../support/room_for.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";

Deno.test("old states are kept within their room, the oldest are let go first", () => {
  const store = openMemoryStore();
  const room = 1000;
  const commits = new Commits(
    store,
    new SearchCaches(store),
    () => 1_800_000_000_000,
    undefined,
    roomFor(room),
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

Deno.test("timestamps stay near the clock, however often a store is opened after a crash", () => {
  const { times, ahead } = openOften(() => {});
  assertEquals(times, [...new Set(times)].sort((a, b) => a < b ? -1 : 1));
  assert(ahead > 0 && ahead < 11_000, `${ahead} ms ahead of the clock`);
});

Deno.test("an engine that is closed leaves its timestamps where they are", () => {
  const { times, ahead } = openOften((commits) => commits.close());
  assertEquals(times, [...new Set(times)].sort((a, b) => a < b ? -1 : 1));
  assertEquals(ahead, 0);
});

/** Opens a store once a second for one commit: the timestamps, and how far the last is ahead of the clock in ms. */
function openOften(
  end: (commits: Commits) => void,
): { times: bigint[]; ahead: number } {
  const store = openMemoryStore();
  const times: bigint[] = [];
  let nowMs = 1_800_000_000_000;
  for (let open = 0; open < 30; open++) {
    nowMs += 1000;
    const caches = new SearchCaches(store);
    const commits = new Commits(store, caches, () => nowMs);
    const ts = commits.next();
    commits.apply([{ key: "d", value: `${open}` }], ts);
    times.push(ts);
    end(commits);
  }
  const ahead = Number(times.at(-1)! / 1_000_000n) - nowMs;
  return { times, ahead: Math.max(0, ahead) };
}
