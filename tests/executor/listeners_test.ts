import { assertEquals } from "@std/assert";
import { Listeners } from "../../src/executor/pool/listeners.ts";

Deno.test("a listener that was removed hears of nothing more", async () => {
  const listeners = new Listeners();
  const heard: string[] = [];
  listeners.add("drained", () => {
    heard.push("first");
    removeSecond();
  });
  const removeSecond = listeners.add("drained", () => heard.push("second"));
  const removeLast = listeners.add("drained", () => heard.push("last"));
  listeners.tell("drained", { settled: 1 });
  removeLast();
  await Promise.resolve();
  assertEquals(heard, ["first"]);
});
