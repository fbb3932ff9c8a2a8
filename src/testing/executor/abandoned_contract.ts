import { assert, assertEquals } from "@std/assert";
import {
  executorCase,
  type ExecutorSubject,
  rejection,
  run,
  sharedFlag,
  withExecutor,
} from "./subject.ts";
import type {
  Executor,
  ExecutorOptions,
  RunOptions,
} from "../../executor/types.ts";
import type { ContractCase } from "../types.ts";

/** One task at a time; one that was given up keeps its place for a second. */
const ONE_AT_A_TIME: Partial<ExecutorOptions> = {
  concurrencyPerWorker: 1,
  readyTimeoutMs: 1000,
};

/** Tasks that were given up and go on in their worker. */
export const executorAbandonedContract: ContractCase<ExecutorSubject>[] = [
  executorCase("a stateful worker goes on beside a task that does not end", {
    ...ONE_AT_A_TIME,
    stateful: true,
  }, async (executor, subject) => {
    const others = [true, false].map((stateful) =>
      withExecutor(subject, { stateful, readyTimeoutMs: 1000 }, freesItsKey)
    );
    assertEquals(await run(executor, "count"), 1);
    await giveUp(executor, "sleep", 1300);
    const startMs = performance.now();
    assertEquals(await run(executor, "count"), 2);
    const waitedMs = performance.now() - startMs;
    assert(waitedMs > 900, `the next task began after ${waitedMs} ms`);
    // Once it has ended after all, there is one place again, and not two.
    await run(executor, "sleep", 400);
    const running = await Promise.all(
      [1, 2, 3].map(() => run(executor, "overlap")),
    );
    assertEquals(running, [1, 1, 1]);
    await Promise.all(others);
  }),
  executorCase("a task that never ends does not hold the least of workers", {
    ...ONE_AT_A_TIME,
    minWorkers: 1,
    idleTimeoutMs: 20,
  }, async (executor) => {
    await giveUp(executor, "never");
    assertEquals(await run(executor, "echo", 1), 1);
  }),
  executorCase(
    "a task that is given up by its own getter counts once",
    {},
    async (executor) => {
      await executor.warm();
      const controller = new AbortController();
      const { signal } = controller;
      const tasks = [1, 2, 3].map((value) =>
        executor.run({
          do: "echo",
          get value() {
            if (value === 2) controller.abort();
            return value;
          },
        }, { key: "one", signal: value === 2 ? signal : undefined })
      );
      const outcomes = await Promise.allSettled(tasks);
      assertEquals(outcomes.map(({ status }) => status), [
        "fulfilled",
        "rejected",
        "fulfilled",
      ]);
      await executor.drain();
      const { submitted, settled, queued, inFlight } = executor.stats();
      assertEquals([submitted, settled, queued, inFlight], [3, 3, 0, 0]);
      await executor.close();
    },
  ),
  executorCase(
    "the handler hears why a task was given up by its own getter",
    {},
    async (executor) => {
      await executor.warm();
      const controller = new AbortController();
      const task = executor.run({
        do: "untilAborted",
        get value() {
          if (!controller.signal.aborted) controller.abort(new Error("mine"));
          return "a";
        },
      }, { signal: controller.signal });
      assertEquals((await rejection(task)).message, "mine");
      const aborts = await run(executor, "aborts") as string[];
      // Where the task could still be dropped, its handler did not begin.
      for (const told of aborts) assertEquals(told, "a: mine");
    },
  ),
  executorCase(
    "tasks of which one closes the executor by its getter all settle",
    {},
    async (executor) => {
      await executor.warm();
      const tasks = [1, 2, 3].map((value) =>
        rejection(executor.run({
          do: "echo",
          get value() {
            if (value === 2) void executor.close({ force: true });
            return value;
          },
        }))
      );
      for (const { code } of await Promise.all(tasks)) {
        assertEquals(code, "EXECUTOR_CLOSED");
      }
      await executor.close();
      const { submitted, settled } = executor.stats();
      assertEquals([submitted, settled], [3, 3]);
    },
  ),
  executorCase(
    "the handler hears of an abort while the pool closes",
    {},
    async (executor) => {
      const isTold = sharedFlag();
      if (!isTold) return;
      const controller = new AbortController();
      const { signal } = controller;
      const task = rejection(run(executor, "raiseOnAbort", isTold, { signal }));
      // The task has begun when a later one is done.
      await run(executor, "echo");
      const closed = executor.close();
      controller.abort();
      await task;
      await closed;
      assertEquals(isTold[0], 1);
    },
  ),
];

/** Gives up a task that never ends, and waits for the next ones with its key. */
async function freesItsKey(executor: Executor): Promise<void> {
  const options = { key: "one" };
  await giveUp(executor, "never", 0, options);
  // Without another one, the worker would be replaced.
  const other = run(executor, "sleep", 4000).catch(() => {});
  for (const value of [1, 2]) {
    const next = run(executor, "echo", value, options);
    assertEquals(await Promise.race([next, other]), value);
  }
}

/** Gives up a task that has begun. */
async function giveUp(
  executor: Executor,
  name: string,
  value?: unknown,
  options?: RunOptions,
): Promise<void> {
  await executor.warm();
  // Counted from when it begins, however long a busy machine takes until then.
  const limited = { ...options, runTimeoutMs: 10 };
  await rejection(run(executor, name, value, limited));
}
