import { assert, assertEquals } from "@std/assert";
import { HeldResults } from "../../src/engine/live/held_results.ts";
import type { LiveResult } from "../../src/engine/live/live_types.ts";

const result = (value: string): LiveResult => (
  { ok: true, value, logLines: ["[LOG] hello"], journal: "j" }
);

Deno.test("results that are followed have a bound together, and room comes back", () => {
  const held = new HeldResults(1000);
  const [one, other] = [{}, {}];
  const long = result("x".repeat(600));
  assertEquals(held.hold(one, long), long);
  const refused = held.hold(other, long);
  assert(!refused.ok);
  assertEquals([refused.logLines, refused.journal], [["[LOG] hello"], "j"]);
  assertEquals((refused.error as { code: string }).code, "LIMIT_EXCEEDED");
  // A later result takes the place of the one before it.
  assert(held.hold(one, result("x".repeat(300))).ok);
  assert(held.hold(other, long).ok);
  held.release(one);
  held.release(other);
  held.release(other);
  // One that has all to itself is let in whatever its size.
  assert(held.hold(one, result("x".repeat(5000))).ok);
  assert(!held.hold(other, result("")).ok);
});
