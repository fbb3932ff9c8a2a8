/** What the compiler makes of an executor's types: the cases are checked by it, and never run. */
import { assertEquals } from "@std/assert";
import { createExecutor, type Executor } from "../../src/executor/mod.ts";

type Equal<One, Other> = (<T>() => T extends One ? 1 : 2) extends
  (<T>() => T extends Other ? 1 : 2) ? true : false;

function same<One, Other>(_: Equal<One, Other>): void {}

/** What a stream of an executor gives. */
type Item<Of> = Of extends { stream(task: never): AsyncIterable<infer Item> }
  ? Item
  : never;

function _streams(): void {
  const numbers = createExecutor({
    handler: function* (n: number) {
      yield n;
    },
  });
  same<Item<typeof numbers>, number>(true);
  const texts = createExecutor({
    handler: async function* (n: number) {
      yield await Promise.resolve(`${n}`);
    },
  });
  same<Item<typeof texts>, string>(true);
  const lists = createExecutor({ handler: async (n: number) => [await n] });
  same<Item<typeof lists>, number>(true);
  const promised = createExecutor({
    handler: (n: number) => [Promise.resolve(n), n],
  });
  same<Item<typeof promised>, number>(true);
  const alone = createExecutor({ handler: (n: number) => `${n}` });
  same<Item<typeof alone>, string>(true);
  const rows = createExecutor<string, Iterable<{ row: number }>>({
    handler: "file:///rows.ts",
  });
  same<Item<typeof rows>, { row: number }>(true);
  same<Item<Executor>, unknown>(true);
}

Deno.test("a stream's items have the types of the handler's, as the compiler says", () => {
  assertEquals(typeof _streams, "function");
});
