import { assertEquals, assertRejects } from "@std/assert";
import { KeyedQueue } from "../../src/cortex/mutable/keyed_queue.ts";
import { pause } from "../../src/testing/support/pause.ts";

const LONG_MS = 60_000;

Deno.test("KeyedQueue lets callers of one key go in order, and those of another beside them", async () => {
  const queue = new KeyedQueue(LONG_MS);
  const log: string[] = [];
  let finish = () => {};
  const first = queue.run("a", async () => {
    log.push("first in");
    await new Promise<void>((resolve) => finish = resolve);
    log.push("first out");
  });
  const second = queue.run("a", () => Promise.resolve(log.push("second")));
  await queue.run("b", () => Promise.resolve(log.push("other")));
  finish();
  await Promise.all([first, second]);
  assertEquals(log, ["first in", "other", "first out", "second"]);
});

Deno.test("KeyedQueue continues after a failure", async () => {
  const queue = new KeyedQueue(LONG_MS);
  const failing = queue.run("a", () => Promise.reject(new Error("no")));
  const next = queue.run("a", () => Promise.resolve(1));
  await assertRejects(() => failing, Error, "no");
  assertEquals(await next, 1);
});

Deno.test("KeyedQueue does not lock out work that calls itself", async () => {
  const queue = new KeyedQueue(5);
  const inner = () => queue.run("a", () => Promise.resolve("inner"));
  assertEquals(await queue.run("a", inner), "inner");
});

Deno.test("KeyedQueue does not let those far behind meet, however long all before them take together", async () => {
  const queue = new KeyedQueue(200);
  let inside = 0, most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await pause(10);
    inside--;
  };
  await Promise.all(Array.from({ length: 30 }, () => queue.run("a", work)));
  assertEquals(most, 1);
});
