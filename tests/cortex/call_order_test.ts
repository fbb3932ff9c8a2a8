import { assertEquals } from "@std/assert";
import { CallOrder } from "../../src/cortex/calls/call_order.ts";

function recorder(): {
  issued: string[];
  issue: (name: string) => Promise<string>;
} {
  const issued: string[] = [];
  return {
    issued,
    issue: (name) => {
      issued.push(name);
      return Promise.resolve(name);
    },
  };
}

Deno.test("run() issues at once what needs no preparation", async () => {
  const { issued, issue } = recorder();
  const order = new CallOrder();
  const result = order.run("k", "a", issue);
  assertEquals(issued, ["a"]);
  assertEquals(await result, "a");
});

Deno.test("run() issues calls of one key in call order, whichever is ready first", async () => {
  const { issued, issue } = recorder();
  const order = new CallOrder();
  const slow = Promise.withResolvers<string>();
  const all = Promise.all([
    order.run("k", slow.promise, issue),
    order.run("k", Promise.resolve("b"), issue),
    order.run("k", "c", issue),
    order.run("other", "d", issue),
  ]);
  assertEquals(issued, ["d"]);
  slow.resolve("a");
  assertEquals(await all, ["a", "b", "c", "d"]);
  assertEquals(issued, ["d", "a", "b", "c"]);
});

Deno.test("run() does not wait for the results of earlier calls", async () => {
  const order = new CallOrder();
  const never = order.run("k", Promise.resolve(1), () => new Promise(() => {}));
  assertEquals(await order.run("k", 2, () => Promise.resolve("two")), "two");
  assertEquals(never instanceof Promise, true);
});

Deno.test("run() lets later calls pass when an earlier one fails to get ready, still in order", async () => {
  const { issued, issue } = recorder();
  const order = new CallOrder();
  const slow = Promise.withResolvers<string>();
  const failing = Promise.withResolvers<string>();
  const first = order.run("k", slow.promise, issue);
  const second = order.run("k", failing.promise, issue);
  const third = order.run("k", "c", issue);
  failing.reject(new Error("not ready"));
  const failure = await Promise.race([
    second.catch((error: Error) => error.message),
    new Promise((resolve) => setTimeout(resolve, 5, "waits")),
  ]);
  assertEquals(failure, "waits");
  slow.resolve("a");
  assertEquals(await Promise.all([first, third]), ["a", "c"]);
  assertEquals(
    await second.catch((error: Error) => error.message),
    "not ready",
  );
  assertEquals(issued, ["a", "c"]);
});
