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

Deno.test("who changes a result of a wrapped client with live queries changes nobody else's", async () => {
  const kept = { of: [{ left: 3 }], raw: new Uint8Array([7]).buffer };
  // Such a name is a member as any other.
  Object.defineProperty(kept, "__proto__", { value: [1], enumerable: true });
  const give = () => kept;
  const wrapped = {
    query: give,
    mutation: give,
    action: give,
    onUpdate(_: string, __: unknown, onValue: (value: unknown) => void) {
      onValue(kept);
      return () => {};
    },
  };
  const client = AsyncConvexClient.wrap(wrapped);
  const spoil = (value: unknown) => {
    const { of, raw } = value as typeof kept;
    assertEquals([of, ...new Uint8Array(raw)], [[{ left: 3 }], 7]);
    assertEquals(Object.keys(value as object), ["of", "raw", "__proto__"]);
    of[0]!.left = 0;
    new Uint8Array(raw)[0] = 0;
  };
  for (let time = 0; time < 2; time++) {
    spoil(await client.query("stock:list"));
    const watch = client.watch("stock:list");
    spoil((await watch.next()).value);
    await watch.return();
  }
  await client.close();
});
