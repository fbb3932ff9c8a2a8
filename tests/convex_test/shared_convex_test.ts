import { assertEquals } from "@std/assert";
import { convexTest } from "../../src/convex_test/mod.ts";

Deno.test("tests that ended out of order leave no Convex behind", async () => {
  const first = convexTest({ modules: {} });
  const second = convexTest({ modules: {} });
  let go = () => {};
  const held = new Promise<void>((resolve) => go = resolve);
  const begun = first.action(async () => {
    await held;
    return typeof (globalThis as { Convex?: unknown }).Convex;
  });
  const other = second.action(() =>
    Promise.resolve(typeof (globalThis as { Convex?: unknown }).Convex)
  );
  assertEquals(await other, "object");
  go();
  assertEquals(await begun, "object");
  await first.close();
  assertEquals(typeof (globalThis as { Convex?: unknown }).Convex, "object");
  await second.close();
  assertEquals("Convex" in globalThis, false);
});
