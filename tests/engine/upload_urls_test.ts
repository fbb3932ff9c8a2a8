/** Upload URLs, which any client may be allowed to make. */
import { assert, assertEquals } from "@std/assert";
import { mutationGeneric } from "convex/server";
import { openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import type { StoreRange, SyncStore } from "../../src/store/types.ts";

Deno.test("an upload URL is made in the same time however many there are, and old ones are forgotten", async () => {
  const memory = openMemoryStore();
  let read = 0;
  const store: SyncStore = {
    capabilities: memory.capabilities,
    get: (key) => memory.get(key),
    *scan(range: StoreRange) {
      for (const row of memory.scan(range)) {
        read++;
        yield row;
      }
    },
    write: (ops) => memory.write(ops),
    flush: () => memory.flush(),
    close: () => memory.close(),
  };
  let nowMs = 0;
  const engine = openEngine({
    store,
    now: () => nowMs,
    modules: {
      "files.ts": {
        url: mutationGeneric((ctx) => ctx.storage.generateUploadUrl()),
      },
    },
  });
  const make = async (count: number) => {
    const urls: string[] = [];
    for (let at = 0; at < count; at++) {
      nowMs++;
      urls.push(await engine.mutation("files:url", {}) as string);
    }
    return urls;
  };
  await make(100);
  read = 0;
  await make(1);
  assert(read < 10, `${read} rows were read`);
  const stored = () =>
    [...memory.scan({ start: "" })]
      .filter(({ value }) => value.includes("expiresMs")).length;
  assertEquals(stored(), 101);
  nowMs += 3_600_001;
  await make(30);
  assertEquals(stored(), 71);
  await engine.close();
});
