import { assertEquals, assertRejects } from "@std/assert";
import { Turns } from "../../src/cortex/turns.ts";

const LONG_MS = 60_000;

Deno.test("Turns lets callers of one key go in order, and those of another beside them", async () => {
  const turns = new Turns(LONG_MS);
  const log: string[] = [];
  let finish = () => {};
  const first = turns.run("a", async () => {
    log.push("first in");
    await new Promise<void>((resolve) => finish = resolve);
    log.push("first out");
  });
  const second = turns.run("a", () => Promise.resolve(log.push("second")));
  await turns.run("b", () => Promise.resolve(log.push("other")));
  finish();
  await Promise.all([first, second]);
  assertEquals(log, ["first in", "other", "first out", "second"]);
});

Deno.test("Turns goes on after a failure", async () => {
  const turns = new Turns(LONG_MS);
  const failing = turns.run("a", () => Promise.reject(new Error("no")));
  const next = turns.run("a", () => Promise.resolve(1));
  await assertRejects(() => failing, Error, "no");
  assertEquals(await next, 1);
});

Deno.test("Turns does not lock out work that calls itself", async () => {
  const turns = new Turns(5);
  const inner = () => turns.run("a", () => Promise.resolve("inner"));
  assertEquals(await turns.run("a", inner), "inner");
});

Deno.test("Turns does not let those far behind meet, however long all before them take together", async () => {
  const turns = new Turns(200);
  let inside = 0, most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setTimeout(resolve, 10));
    inside--;
  };
  await Promise.all(Array.from({ length: 30 }, () => turns.run("a", work)));
  assertEquals(most, 1);
});
