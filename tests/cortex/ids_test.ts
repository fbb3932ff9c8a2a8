import { assertEquals, assertMatch } from "@std/assert";
import { createId } from "../../src/cortex/calls/ids.ts";

Deno.test("createId() gives prefix, time and 16 random letters or digits", () => {
  assertMatch(createId("mem", 5), /^mem-5-[a-z0-9]{16}$/);
  const before = Date.now();
  const ms = Number(createId("conv").split("-")[1]);
  assertEquals(ms >= before && ms <= Date.now(), true);
});

Deno.test("createId() does not repeat itself and uses every letter", () => {
  const ids = Array.from({ length: 2000 }, () => createId("msg", 0));
  assertEquals(new Set(ids).size, ids.length);
  const letters = new Set(ids.flatMap((id) => [...id.slice("msg-0-".length)]));
  assertEquals(letters.size, 32);
});
