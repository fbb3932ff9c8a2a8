import { assert, assertEquals } from "@std/assert";
import { roomFor } from "../support/room_for.ts";
import { KeyCache } from "../../src/store/key_cache.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import type { StoreOp, SyncStore } from "../../src/store/types.ts";
import { compareVisits } from "../../src/testing/store/random_cases.ts";
import { testScale, testSeed } from "../support/test_env.ts";

/** A store behind a cache of so much room, and how many rows the cache has read from it. */
function cached(room: number): SyncStore & { rowsRead: number } {
  const below = openMemoryStore();
  const store = {
    ...below,
    rowsRead: 0,
    scan: below.scan.bind(below),
    visit: (range: Parameters<KeyCache["visit"]>[0], visit: () => boolean) =>
      cache.visit(range, visit),
    write(ops: readonly StoreOp[]) {
      below.write(ops);
      cache.follow(ops);
    },
  } as unknown as SyncStore & { rowsRead: number };
  const cache = new KeyCache(roomFor(room), ({ rows, ...range }) => {
    const page = [...below.scan({ ...range, limit: rows })];
    store.rowsRead += page.length;
    return page.map(({ key }) => key);
  });
  return store;
}

Deno.test("oracle: visits of a store agree with a sorted array, with much room for keys in memory and with little", () => {
  const seed = testSeed();
  const rounds = Math.ceil(4 * testScale());
  console.log(`seed ${seed}, ${rounds} rounds`);
  for (let round = 0; round < rounds; round++) {
    const sqlite = openSqliteStore({ path: ":memory:" });
    const stores = [openMemoryStore(), sqlite, cached(1 << 20), cached(4000)];
    for (const store of stores) compareVisits(store, 1000, seed + round);
    sqlite.close();
  }
});

Deno.test("keys that were visited are not read again until others need their room", () => {
  const ops = Array.from({ length: 1000 }, (_, at): StoreOp => ({
    key: `i0001${String(at).padStart(4, "0")}`,
    value: "",
  }));
  const store = cached(40_000);
  store.write(ops);
  const visit = (from: number, to: number) => {
    const before = store.rowsRead;
    const found: string[] = [];
    const keyOf = (at: number) => `i0001${String(at).padStart(4, "0")}`;
    const range = { start: keyOf(from), end: keyOf(to) };
    const take = (
      keys: readonly string[],
      _: unknown,
      at: number,
      to: number,
    ) => found.push(...keys.slice(at, to)) > 0;
    assert(store.visit!(range, take));
    assertEquals(found, ops.slice(from, to).map(({ key }) => key));
    return store.rowsRead - before;
  };
  assertEquals(visit(100, 200), 100);
  assertEquals(visit(100, 200), 0);
  assertEquals(visit(90, 210), 20);
  store.write([{ key: "i00010150" }, { key: "i00010150", value: "" }]);
  assertEquals(visit(90, 210), 0);
  visit(300, 1000);
  visit(300, 1000);
  assert(visit(90, 210) > 0);
});
