import { assertEquals } from "@std/assert";
import { Scrubber } from "../../src/engine/scrubber.ts";
import { SearchCaches } from "../../src/engine/search/search_caches.ts";
import { Commits } from "../../src/engine/transaction/commits.ts";
import { SerialQueue } from "../../src/engine/transaction/queue.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import type { StoreOp } from "../../src/store/types.ts";

const HOUR_MS = 3_600_000;

Deno.test("a file continues to be cleared whatever its clock is set to", async () => {
  let nowMs = 1_800_000_000_000;
  let slices = 0;
  let sliceMs = 100;
  const store = Object.assign(openMemoryStore(), {
    scrub() {
      slices++;
      nowMs += sliceMs;
      return false;
    },
  });
  const commits = new Commits(store, new SearchCaches(store), () => nowMs);
  const queue = new SerialQueue(() => {});
  new Scrubber(store, queue, commits, () => nowMs, () => {});
  const commitAfter = async (ms: number) => {
    nowMs += ms;
    commits.apply([{ key: "d" }], commits.next());
    await queue.idle();
    return slices;
  };
  assertEquals(await commitAfter(0), 1);
  assertEquals(await commitAfter(800), 1);
  assertEquals(await commitAfter(100), 2);
  // Set back while it rests.
  assertEquals(await commitAfter(-HOUR_MS), 3);
  // Set ahead while it works.
  sliceMs = 5 * HOUR_MS;
  assertEquals(await commitAfter(900), 4);
  sliceMs = 100;
  assertEquals(await commitAfter(60_000), 5);
});

Deno.test("a pass that the process does not live to end is made again after the next start", async () => {
  let nowMs = 1_800_000_000_000;
  /** Slices that are left of the file's passes. */
  let left = 3;
  let slices = 0;
  const store = Object.assign(openMemoryStore(), {
    scrub() {
      slices++;
      return --left === 0;
    },
  });
  const start = () => {
    const now = () => nowMs;
    const commits = new Commits(store, new SearchCaches(store), now);
    const queue = new SerialQueue(() => {});
    new Scrubber(store, queue, commits, now, () => {});
    return async (key: string, value?: string) => {
      nowMs++;
      const ops = [value === undefined ? { key } : { key, value }];
      commits.apply(ops, commits.next());
      await queue.idle();
      return slices;
    };
  };
  const before = start();
  assertEquals(await before("d1", "row"), 0);
  assertEquals(await before("d1"), 1);
  const after = start();
  assertEquals(await after("d2", "row"), 2);
  assertEquals(await after("d2", "other"), 3);
  assertEquals(await after("d2", "row"), 3);
  assertEquals(await start()("d2", "other"), 3);
});

Deno.test("a pass goes on when the disk has no room for the note about it", async () => {
  let slices = 0;
  const store = openMemoryStore();
  const { write } = store;
  Object.assign(store, {
    scrub: () => ++slices === 3,
    write(ops: StoreOp[]) {
      if (ops.some(({ key }) => key === "e")) throw new Error("full");
      write.call(store, ops);
    },
  });
  let nowMs = 1_800_000_000_000;
  const now = () => nowMs++;
  const commits = new Commits(store, new SearchCaches(store), now);
  const queue = new SerialQueue(() => {});
  new Scrubber(store, queue, commits, now, () => {});
  for (const expected of [1, 2, 3, 3]) {
    const isFirst = expected === 1;
    nowMs += 100;
    commits.apply(
      [{ key: "d1", ...(!isFirst && { value: "row" }) }],
      commits.next(),
    );
    await queue.idle();
    assertEquals(slices, expected);
  }
});
