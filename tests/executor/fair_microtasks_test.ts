import { assert, assertEquals } from "@std/assert";
import { FairMicrotasks } from "../../src/executor/hosts/fair_microtasks.ts";

Deno.test("callbacks keep their order when they have to wait for the event loop", async () => {
  const soon = new FairMicrotasks();
  const order: string[] = [];
  let hadTurn = 0;
  const timer = setTimeout(() => hadTurn = order.length, 0);
  // The first one holds the loop for so long that those after it must wait.
  soon.add(() => {
    const end = performance.now() + 10;
    while (performance.now() < end);
    order.push("first");
  });
  soon.add(() => order.push("second"));
  // Between the microtasks of "second" and "third", when "second" waits already.
  queueMicrotask(() => soon.add(() => order.push("fourth")));
  soon.add(() => order.push("third"));
  while (order.length < 4) await new Promise((resolve) => setTimeout(resolve));
  assertEquals(order, ["first", "second", "third", "fourth"]);
  assert(hadTurn < 4, "the timer had to wait for all");
  clearTimeout(timer);
});
