import { assert, assertEquals } from "@std/assert";
import {
  type ExecutorSubject,
  pause,
  rejection,
  run,
  until,
  withExecutor,
} from "./executor_subject.ts";
import type { ContractCase } from "./types.ts";

async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** What must hold of tasks that give many results, or that all workers run. */
export const executorStreamContract: ContractCase<ExecutorSubject>[] = [
  {
    name: "a stream gives its items in order, then ends",
    run: (subject) =>
      withExecutor(subject, {}, async (executor) => {
        const task = { do: "items", value: 500 };
        const items = await collect(executor.stream(task, { buffer: 7 }));
        assertEquals(items, Array.from({ length: 500 }, (_, at) => at));
        const slow = await collect(
          executor.stream({ do: "slowItems", value: 3 }),
        );
        assertEquals(slow, [{ at: 0 }, { at: 1 }, { at: 2 }]);
      }),
  },
  {
    name: "the handler of a stream is no further ahead than the buffer",
    run: (subject) =>
      withExecutor(subject, {}, async (executor) => {
        const stream = executor.stream({ do: "items", value: 1000 }, {
          buffer: 10,
        });
        await stream.next();
        await pause(20);
        const made = await run(executor, "made") as number;
        assert(made <= 11, `${made} items`);
        await stream.return!();
      }),
  },
  {
    name: "leaving a stream aborts its handler",
    run: (subject) =>
      withExecutor(subject, {}, async (executor) => {
        for await (
          const _item of executor.stream({ do: "slowItems", value: 1e9 })
        ) break;
        await until(
          async () =>
            (await run(executor, "seen") as string[]).includes("left"),
          "the handler's clean-up",
        );
        await executor.drain();
      }),
  },
  {
    name: "an error of a stream comes after the items before it",
    run: (subject) =>
      withExecutor(subject, {}, async (executor) => {
        const stream = executor.stream({ do: "failingItems" });
        assertEquals((await stream.next()).value, 1);
        assertEquals((await stream.next()).value, 2);
        const error = await rejection(stream.next());
        assert(error instanceof RangeError);
        assertEquals(error.message, "no third");
        assertEquals((await stream.next()).done, true);
      }),
  },
  {
    name: "a stream of a handler that gives one value has one item",
    run: (subject) =>
      withExecutor(subject, {}, async (executor) => {
        const items = await collect(
          executor.stream({ do: "asyncEcho", value: "one" }),
        );
        assertEquals(items, ["one"]);
      }),
  },
  {
    name: "an aborted signal ends a stream with its reason",
    run: (subject) =>
      withExecutor(subject, {}, async (executor) => {
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
      }),
  },
  {
    name: "a broadcast runs on every worker",
    run: (subject) =>
      withExecutor(
        subject,
        {
          maxWorkers: 2,
          minWorkers: subject.kind === "inline" ? 0 : 2,
          // On a busy machine both would be idle for long enough to end.
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
