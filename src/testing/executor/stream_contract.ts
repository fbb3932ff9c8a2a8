import { assert, assertEquals } from "@std/assert";
import {
  executorCase,
  type ExecutorSubject,
  rejection,
  run,
  until,
  withExecutor,
} from "./subject.ts";
import { LoopTurn } from "../../executor/loop_turn.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** Tasks with many results, and tasks that all workers run. */
export const executorStreamContract: ContractCase<ExecutorSubject>[] = [
  executorCase(
    "a stream gives its items in order, then ends",
    {},
    async (executor) => {
      const task = { do: "items", value: 500 };
      const items = await collect(executor.stream(task, { buffer: 7 }));
      assertEquals(items, Array.from({ length: 500 }, (_, at) => at));
      const slow = await collect(
        executor.stream({ do: "slowItems", value: 3 }),
      );
      assertEquals(slow, [{ at: 0 }, { at: 1 }, { at: 2 }]);
    },
  ),
  executorCase(
    "the handler of a stream is no further ahead than the buffer",
    {},
    async (executor) => {
      const stream = executor.stream({ do: "items", value: 1000 }, {
        buffer: 10,
      });
      await stream.next();
      await pause(20);
      const made = await run(executor, "made") as number;
      assert(made <= 11, `${made} items`);
      await stream.return!();
    },
  ),
  executorCase("leaving a stream aborts its handler", {}, async (executor) => {
    for await (
      const _item of executor.stream({ do: "slowItems", value: 1e9 })
    ) break;
    await until(
      async () => (await run(executor, "seen") as string[]).includes("left"),
      "the handler's clean-up",
    );
    await executor.drain();
  }),
  executorCase(
    "nothing comes of a stream that was left, nor an error that was there",
    {},
    async (executor) => {
      const stream = executor.stream({ do: "failingItems" });
      await stream.next();
      await pause(20);
      await stream.return!();
      assertEquals(await stream.next(), { done: true, value: undefined });
    },
  ),
  executorCase(
    "an error of a stream comes after the items before it",
    {},
    async (executor) => {
      const stream = executor.stream({ do: "failingItems" });
      assertEquals((await stream.next()).value, 1);
      assertEquals((await stream.next()).value, 2);
      const error = await rejection(stream.next());
      assert(error instanceof RangeError);
      assertEquals(error.message, "no third");
      assertEquals((await stream.next()).done, true);
    },
  ),
  executorCase(
    "a stream of a handler that gives one value has one item",
    {},
    async (executor) => {
      const items = await collect(
        executor.stream({ do: "asyncEcho", value: "one" }),
      );
      assertEquals(items, ["one"]);
    },
  ),
  executorCase(
    "an aborted signal ends a stream with its reason",
    {},
    async (executor) => {
      const controller = new AbortController();
      const stream = executor.stream({ do: "slowItems", value: 1e9 }, {
        signal: controller.signal,
      });
      await stream.next();
      controller.abort(new TypeError("enough"));
      const error = await rejection((async () => {
        for await (const _item of stream);
      })());
      assertEquals(error.message, "enough");
    },
  ),
  executorCase(
    "items before one that cannot be cloned are not lost",
    {},
    async (executor) => {
      for (const name of ["oddItems", "slowOddItems"]) {
        const stream = executor.stream({ do: name });
        assertEquals((await stream.next()).value, 1);
        const { code, data } = await rejection(stream.next());
        assertEquals([code, data], ["NOT_CLONEABLE", { path: "item" }]);
      }
      assertEquals(executor.stats().workersLost, 0);
    },
  ),
  executorCase(
    "items that are promised arrive when they are there",
    {},
    async (executor) => {
      const items = await collect(executor.stream({ do: "promisedItems" }));
      assertEquals(items, [1, 2, 3]);
      for (const name of ["brokenPromises", "brokenSet"]) {
        const stream = executor.stream({ do: name });
        assertEquals((await stream.next()).value, 1);
        assert(await rejection(stream.next()) instanceof RangeError);
      }
      assertEquals(executor.stats().workersLost, 0);
    },
  ),
  executorCase("bytes of an item move to the reader", {}, async (executor) => {
    let count = 0;
    for await (
      const item of executor.stream({ do: "movedItems", value: 9 })
    ) {
      const { bytes, moved } = item as { bytes: Uint8Array; moved: number };
      assertEquals([bytes.length, moved], [9, count]);
      if (++count === 3) break;
    }
  }),
  executorCase(
    "an iterator that gives no iterator result fails, as with for await",
    {},
    async (executor) => {
      const stream = executor.stream({ do: "endlessItems" });
      const error = await rejection(stream.next());
      assert(error instanceof TypeError);
      assertEquals(error.message, "Iterator result 5 is not an object");
    },
  ),
  {
    name: "items that are all available at once do not block the event loop",
    run: async (subject) => {
      // Edge functions cannot yield.
      if (!new LoopTurn().canYield) return;
      const value = 200_000;
      await withExecutor(subject, {}, async (executor) => {
        const task = { do: "itemsUntilTick", value };
        const items = await collect(executor.stream(task, { buffer: value }));
        assert(items.length < value, "the handler's timer never came");
        let isTime = false;
        setTimeout(() => isTime = true, 1);
        let count = 0;
        const all = executor.stream({ do: "items", value }, { buffer: value });
        for await (const _item of all) if (isTime || ++count === value) break;
        assert(count < value, "the reader's timer never came");
      });
    },
  },
  executorCase(
    "a generator that hands a stream on can be left with an error",
    {},
    async (executor) => {
      const generator = (async function* () {
        yield* executor.stream({ do: "slowItems", value: 1e9 });
      })();
      await generator.next();
      const error = await rejection(generator.throw(new Error("mine")));
      assertEquals(error.message, "mine");
      await executor.drain();
    },
  ),
  {
    name: "a broadcast runs on every worker",
    run: (subject) =>
      withExecutor(
        subject,
        {
          maxWorkers: 2,
          minWorkers: subject.kind === "inline" ? 0 : 2,
          // Long, because on a busy machine both would be idle until they end.
          idleTimeoutMs: 60_000,
        },
        async (executor) => {
          const workers = subject.kind === "inline" ? 1 : 2;
          await executor.warm();
          await until(() => executor.stats().workers === workers, "workers");
          assertEquals(
            await executor.broadcast({ do: "count" }),
            new Array(workers).fill(1),
          );
          assertEquals(
            await executor.broadcast({ do: "count" }),
            new Array(workers).fill(2),
          );
        },
      ),
  },
];
