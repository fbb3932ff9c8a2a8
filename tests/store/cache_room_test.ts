import { assertEquals } from "@std/assert";
import { cacheRoom } from "../../src/store/cache_room.ts";

const MIB = 2 ** 20;

/** How often the host was asked for its heap limit while `run` ran, if the limit is `heapBytes`. */
function asked(heapBytes: number, run: () => void): number {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule: (name: string) => unknown };
  };
  const before = process.getBuiltinModule;
  let count = 0;
  process.getBuiltinModule = () => {
    count++;
    return { getHeapStatistics: () => ({ heap_size_limit: heapBytes }) };
  };
  try {
    run();
  } finally {
    process.getBuiltinModule = before;
  }
  return count;
}

Deno.test("a cache has room by the heap limit, for which the host is asked once, and only if the least is exceeded", () => {
  const room = cacheRoom();
  assertEquals(
    asked(1600 * MIB, () => {
      assertEquals(room.holds(8 * MIB), true);
    }),
    0,
  );
  assertEquals(
    asked(1600 * MIB, () => {
      assertEquals(room.holds(100 * MIB), true);
      assertEquals(room.holds(100 * MIB + 1), false);
    }),
    1,
  );
});

Deno.test("the room is 8 to 256 Mi characters, or a share of that", () => {
  asked(MIB, () => {
    const room = cacheRoom();
    assertEquals([8 * MIB, 8 * MIB + 1].map(room.holds), [true, false]);
  });
  asked(2 ** 40, () => {
    const room = cacheRoom(1 / 2);
    assertEquals([128 * MIB, 128 * MIB + 1].map(room.holds), [true, false]);
  });
});
