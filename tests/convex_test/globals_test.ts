import { assert, assertEquals } from "@std/assert";
import { anyApi, queryGeneric } from "convex/server";
import { convexTest } from "../../src/convex_test/mod.ts";

Deno.test("the last test that is closed leaves the globals as they were defined", async () => {
  const worker = new Worker(import.meta.resolve("./globals_worker.ts"), {
    type: "module",
  });
  const [open, first, last] = await new Promise<string[][]>(
    (resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = reject;
    },
  );
  worker.terminate();
  for (const changed of [open!, first!]) {
    for (const name of ["Date", "fetch", "crypto"]) {
      assert(changed.includes(name), name);
    }
  }
  assertEquals(last, []);
});

Deno.test("tests begin under fake timers of an edge runtime, whose performance has no prototype", async () => {
  const host = Object.getOwnPropertyDescriptor(globalThis, "performance")!;
  const fake = Object.assign(Object.create(null), { now: () => 5 });
  Object.defineProperty(globalThis, "performance", {
    configurable: true,
    value: fake,
  });
  try {
    const t = convexTest(undefined, {
      "clock.ts": () =>
        Promise.resolve({
          read: queryGeneric(() => Promise.resolve(Date.now() > 0)),
        }),
    });
    assertEquals(await t.query(anyApi.clock!.read!, {}), true);
  } finally {
    Object.defineProperty(globalThis, "performance", host);
  }
});
