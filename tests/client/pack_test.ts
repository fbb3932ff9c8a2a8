import { assertEquals } from "@std/assert";
import {
  BATCH_LIMITS,
  type Packable,
  packBatches,
} from "../../src/client/http/pack.ts";

interface Item extends Packable {
  id: number;
}

function item(
  id: number,
  orderKey?: string,
  over: Partial<typeof BATCH_LIMITS> = {},
): Item {
  const { bytes = 1, reads = 1, writes = 1, ranges = 1 } = over;
  return { id, bytes, batch: { orderKey, cost: { reads, writes, ranges } } };
}

function pack(items: Item[], busy: string[] = []): [number[][], number[]] {
  const { batches, rest } = packBatches(items, new Set(busy));
  const ids = (list: Item[]) => list.map(({ id }) => id);
  return [batches.map(ids), ids(rest)];
}

Deno.test("packBatches() puts small calls into one batch, in order", () => {
  assertEquals(
    pack([item(1, "a"), item(2), item(3, "b"), item(4, "a")]),
    [[[1, 2, 3, 4]], []],
  );
});

Deno.test("packBatches() gives no batch for no calls", () => {
  assertEquals(pack([]), [[], []]);
});

Deno.test("a batch holds at most a quarter of what Convex allows one mutation", () => {
  const { bytes, reads, writes, ranges } = BATCH_LIMITS;
  assertEquals(
    [bytes * 4, reads * 4, writes * 4, ranges * 4],
    [16 * 1024 * 1024, 32_000, 16_000, 4096],
  );
});

for (const bound of ["bytes", "reads", "writes", "ranges"] as const) {
  Deno.test(`packBatches() keeps a batch within its bound of ${bound}`, () => {
    const half = { [bound]: BATCH_LIMITS[bound] / 2 };
    assertEquals(
      pack([1, 2, 3].map((id) => item(id, undefined, half))),
      [[[1, 2], [3]], []],
    );
    const more = { [bound]: BATCH_LIMITS[bound] / 2 + 1 };
    assertEquals(
      pack([1, 2].map((id) => item(id, undefined, more))),
      [[[1], [2]], []],
    );
  });
}

Deno.test("packBatches() keeps a batch within its bound of calls", () => {
  const items = Array.from(
    { length: BATCH_LIMITS.calls + 1 },
    (_, id) => item(id),
  );
  assertEquals(pack(items)[0].map(({ length }) => length), [
    BATCH_LIMITS.calls,
    1,
  ]);
});

Deno.test("packBatches() keeps the calls of one key together", () => {
  const half = { writes: BATCH_LIMITS.writes / 2 };
  // In plain order it would be [a b] [a b]: two batches that must wait for one another.
  assertEquals(
    pack([
      item(1, "a", half),
      item(2, "b", half),
      item(3, "a", half),
      item(4, "b", half),
    ]),
    [[[1, 3], [2, 4]], []],
  );
});

Deno.test("packBatches() lets calls wait that are too many for one batch", () => {
  const half = { writes: BATCH_LIMITS.writes / 2 };
  assertEquals(
    pack([1, 2, 3, 4].map((id) => item(id, "a", half))),
    [[[1, 2]], [3, 4]],
  );
});

Deno.test("packBatches() lets calls of a busy key wait", () => {
  assertEquals(
    pack([item(1, "a"), item(2, "b"), item(3), item(4, "a")], ["a"]),
    [[[2, 3]], [1, 4]],
  );
});

Deno.test("packBatches() sends a call alone that is over the bounds by itself", () => {
  const huge = { writes: BATCH_LIMITS.writes * 2 };
  assertEquals(
    pack([item(1, "a"), item(2, "b", huge), item(3, "c")]),
    [[[1, 3], [2]], []],
  );
});
