import { assertEquals } from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";

Deno.test("what a wrapped client throws when a watch ends is told to the host, and keeps nothing open", async () => {
  const uncaught: string[] = [];
  const onUncaught = (event: ErrorEvent) => {
    event.preventDefault();
    uncaught.push(event.error.message);
  };
  addEventListener("error", onUncaught);
  let closed = 0;
  const nothing = () => null;
  const wrapped = {
    query: nothing,
    mutation: nothing,
    action: nothing,
    close: () => closed++,
    onUpdate(name: string, _: unknown, onValue: (value: unknown) => void) {
      onValue(name);
      return () => {
        throw new Error(`cannot leave ${name}`);
      };
    },
  };
  const client = AsyncConvexClient.wrap(wrapped);
  const [left, first, second] = ["a:a", "a:b", "a:c"].map((name) =>
    client.watch(name)
  );
  for (const watch of [left!, first!, second!]) await watch.next();
  await left!.return();
  const ends = [first!.next(), second!.next()];
  await client.close();
  for (const end of await Promise.all(ends)) assertEquals(end.done, true);
  assertEquals(closed, 1);
  removeEventListener("error", onUncaught);
  assertEquals(
    uncaught,
    ["a:a", "a:b", "a:c"].map((name) => `cannot leave ${name}`),
  );
});
