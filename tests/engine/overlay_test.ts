/** Layers of a transaction's writes over a store. */
import { assert, assertEquals } from "@std/assert";
import { Overlay } from "../../src/engine/transaction/overlay.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import type { StoreRange, SyncStore } from "../../src/store/types.ts";
import { seededRandom } from "../../src/testing/support/random.ts";

const PREFIX = "i\0\0\0\x01";
const key = (at: number) => PREFIX + String.fromCharCode(48 + at);

/** A layer, and what its rows are by a plain map. */
interface Layer {
  rows: Overlay;
  model: Map<string, string>;
}

Deno.test("oracle: what is read of a table whose rows are removed and written again is what a map says", () => {
  const seed = Date.now();
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  for (let round = 0; round < 60; round++) {
    const store = openMemoryStore();
    const model = new Map<string, string>();
    for (let at = 0; at < 60; at++) {
      if (random.below(4) > 0) model.set(key(at), "");
    }
    store.write([...model].map(([key, value]) => ({ key, value })));
    const layers: Layer[] = [{ rows: new Overlay(store), model }];
    for (let step = 0; step < 80; step++) {
      const { rows, model } = layers.at(-1)!;
      const what = random.below(12);
      if (what === 0 && layers.length < 3) {
        const above = new Overlay(store, rows);
        layers.push({ rows: above, model: new Map(model) });
      } else if (what === 1 && layers.length > 1) {
        layers.pop();
        if (random.below(2) === 0) continue;
        rows.mergeIntoParent();
        layers.at(-1)!.model = model;
      } else if (what < 4) {
        const one = key(random.below(60));
        rows.put(one, "");
        model.set(one, "");
      } else {
        const range = rangeOf(random.below(60), random.below(61));
        const reverse = random.below(2) === 0;
        const limit = random.pick([undefined, 1, 3]);
        const found: string[] = [];
        // The next one at each step, as writes ahead of the position are seen.
        const nextKey = () => {
          const last = found.at(-1);
          const wanted = [...model.keys()].sort()
            .filter((key) => key >= range.start && key < range.end);
          if (reverse) wanted.reverse();
          return wanted.find((key) =>
            last === undefined || (reverse ? key < last : key > last)
          );
        };
        const most = limit ?? Infinity;
        const read = rows.scan({ ...range, reverse, limit });
        while (found.length < most) {
          const wanted = nextKey();
          const step = read.next();
          assertEquals(step.done ? undefined : step.value.key, wanted);
          if (wanted === undefined) break;
          found.push(wanted);
          if (random.below(8) > 0) continue;
          const one = key(random.below(60));
          const isThere = random.below(2) === 0;
          rows.put(one, isThere ? "" : undefined);
          if (isThere) model.set(one, "");
          else model.delete(one);
        }
        // As programs do that remove what they find.
        if (random.below(3) === 0) continue;
        for (const one of found.slice(random.below(2))) {
          rows.put(one, undefined);
          model.delete(one);
        }
      }
    }
  }
});

Deno.test("removing the first row, or the one after it, again and again reads each row once", () => {
  for (const reverse of [false, true]) {
    for (const kept of [0, 1]) {
      const count = 500;
      const { store, reads } = countingStore(count);
      const rows = new Overlay(store);
      const range: StoreRange = { start: PREFIX, end: "i\0\0\0\x02" };
      for (let at = kept; at < count; at++) {
        const found = [];
        for (const row of rows.scan({ ...range, reverse, limit: kept + 1 })) {
          found.push(row);
          if (found.length > kept) break;
        }
        rows.put(found[kept]!.key, undefined);
      }
      assertEquals([...rows.scan(range)].length, kept);
      assert(reads() < 8 * count, `${reads()}`);
    }
  }
});

Deno.test("removing the first rows of several ranges in turns reads each row once", () => {
  const count = 500;
  const { store, reads } = countingStore(count);
  const rows = new Overlay(store);
  const bounds = [0, 125, 250, 375, 500].map((at) =>
    PREFIX + String(at).padStart(4, "0")
  );
  for (let at = 0; at < count; at++) {
    const part = at % 4;
    const range = { start: bounds[part]!, end: bounds[part + 1]! };
    const reverse = part % 2 === 0;
    const [first] = rows.scan({ ...range, reverse, limit: 1 });
    rows.put(first!.key, undefined);
  }
  assertEquals([...rows.scan({ start: PREFIX, end: bounds[4]! })], []);
  assert(reads() < 8 * count, `${reads()}`);
});

/** A store of many rows, and how many have been read of it. */
function countingStore(count: number): { store: SyncStore; reads(): number } {
  const memory = openMemoryStore();
  let reads = 0;
  const store: SyncStore = {
    capabilities: memory.capabilities,
    get: (key) => memory.get(key),
    *scan(range) {
      for (const row of memory.scan(range)) {
        reads++;
        yield row;
      }
    },
    write: (ops) => memory.write(ops),
    flush: () => {},
    close: () => {},
  };
  store.write(
    Array.from({ length: count }, (_, at) => ({
      key: PREFIX + String(at).padStart(4, "0"),
      value: "",
    })),
  );
  return { store, reads: () => reads };
}

function rangeOf(one: number, other: number): { start: string; end: string } {
  return one < other
    ? { start: key(one), end: key(other) }
    : { start: PREFIX, end: "i\0\0\0\x02" };
}
