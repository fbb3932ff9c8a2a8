import { assert, assertEquals, assertThrows } from "@std/assert";
import { ExecutorError, StoreError } from "../../errors.ts";
import type { ExecutorOptions } from "../../executor/types.ts";
import {
  executorCase,
  type ExecutorSubject,
  rejection,
  run,
  withExecutor,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** The life of an executor, from its first task to its end. */
export const executorLifeContract: ContractCase<ExecutorSubject>[] = [
  executorCase(
    "nothing starts before the first task",
    {},
    async (executor, subject) => {
      await pause(1);
      assertEquals(executor.kind, undefined);
      const { submitted, settled, messages, workers, workersStarted } = executor
        .stats();
      assertEquals(
        [submitted, settled, messages, workers, workersStarted],
        [0, 0, 0, 0, 0],
      );
      await run(executor, "echo");
      assertEquals(executor.kind, subject.kind);
      assertEquals(executor.refusal, undefined);
      const started = subject.kind === "inline" ? 0 : 1;
      assertEquals(executor.stats().workersStarted, started);
    },
  ),
  executorCase("warm builds the handler, and a task finds it built", {
    init: { buildMs: 5 },
  }, async (executor, subject) => {
    await Promise.all([executor.warm(), executor.warm()]);
    assertEquals(executor.kind, subject.kind);
    assertEquals(await run(executor, "count"), 1);
    await executor.warm();
  }),
  executorCase(
    "warm waits for the start, however many tasks wait, too",
    { maxQueue: 1 },
    async (executor) => {
      const task = run(executor, "echo", 1);
      await executor.warm();
      assertEquals(await task, 1);
    },
  ),
  {
    name: "the handler gets a copy of init",
    run: (subject) => {
      const value = { list: [1] };
      return withExecutor(subject, { init: { value } }, async (executor) => {
        const inner = await run(executor, "init");
        assertEquals(inner, value);
        value.list.push(2);
        assertEquals(await run(executor, "init"), { list: [1] });
      });
    },
  },
  executorCase("an init that cannot be cloned names the path", {
    init: { value: () => 1 },
  }, async (executor) => {
    // Every time, not only when it is first detected.
    for (let attempt = 0; attempt < 5; attempt++) {
      const error = await rejection(run(executor, "echo"));
      assertEquals(error.code, "NOT_CLONEABLE");
      assertEquals(error.data, { path: "init.value" });
    }
  }),
  executorCase(
    "a handler that cannot be built rejects every task with its error",
    { init: { failWith: "no database" } },
    async (executor, subject) => {
      const errors = await Promise.all([
        rejection(run(executor, "echo")),
        rejection(run(executor, "echo")),
        rejection(executor.warm()),
      ]);
      for (const error of errors) {
        assert(error instanceof StoreError);
        assertEquals([error.code, error.message], [
          "STORE_CORRUPT",
          "no database",
        ]);
      }
      assertEquals(executor.kind, subject.kind);
      assertEquals(executor.refusal, undefined);
    },
  ),
  {
    name: "a handler that cannot be built is not tried again for every task",
    run: (subject) => {
      let built = 0;
      return withExecutor(
        subject,
        { init: { failWith: "no database" }, onLost: () => built++ },
        async (executor) => {
          for (let at = 0; at < 20; at++) {
            const error = await rejection(run(executor, "echo"));
            assertEquals(error.message, "no database");
          }
          // Three at once, then at growing intervals.
          const { workersStarted } = executor.stats();
          assert(workersStarted < 10, `${workersStarted} workers started`);
          assertEquals(built, 0);
        },
      );
    },
  },
  executorCase(
    "a stateful executor whose handler cannot be built stays refused",
    { init: { failWith: "no database" }, stateful: true },
    async (executor) => {
      const first = await rejection(run(executor, "echo"));
      const second = await rejection(run(executor, "echo"));
      assertEquals(first, second);
      assert(executor.stats().workersStarted <= 1);
    },
  ),
  {
    name: "a close does not wait for ever for a handler that is being built",
    run: async (subject) => {
      const init = { buildForEver: true };
      const executor = subject.open({ init, readyTimeoutMs: 300 });
      const error = await rejection(
        run(executor, "echo", 1, { timeoutMs: 50 }),
      );
      assertEquals(error.code, "TASK_TIMEOUT");
      await executor.close();
      const forced = subject.open({ init });
      const closed = rejection(run(forced, "echo", 1));
      await forced.close({ force: true });
      assertEquals((await closed).code, "EXECUTOR_CLOSED");
    },
  },
  executorCase(
    "a refused worker gives way to the inline handler and says why",
    {
      kinds: ["web-worker", "worker-threads", "inline"],
      worker: {
        create: () => {
          throw new TypeError("forbidden here");
        },
      },
    },
    async (executor) => {
      assertEquals(await run(executor, "echo", 5), 5);
      assertEquals(executor.kind, "inline");
      const { refusal } = executor;
      assert(refusal instanceof ExecutorError);
      assertEquals(refusal.code, "WORKER_REFUSED");
      assert(refusal.message.includes("forbidden here"), refusal.message);
    },
  ),
  executorCase(
    "worker code that cannot be had gives way to the inline handler",
    {
      kinds: ["web-worker", "inline"],
      worker: () => Promise.reject(new Error("not downloaded")),
    },
    async (executor) => {
      const told: unknown[] = [];
      executor.on("refused", ({ error }) => told.push(error));
      assertEquals(await run(executor, "echo", 5), 5);
      assertEquals(executor.kind, "inline");
      assert(executor.refusal?.message.includes("not downloaded"));
      assertEquals(told, [executor.refusal]);
    },
  ),
  executorCase("a refused worker without an inline handler is WORKER_REFUSED", {
    kinds: ["web-worker"],
    inline: undefined,
    worker: {
      create: () => {
        throw new TypeError("forbidden here");
      },
    },
  }, async (executor) => {
    const error = await rejection(run(executor, "echo", 5));
    assertEquals(error.code, "WORKER_REFUSED");
    assert(error.message.includes("forbidden here"), error.message);
    assertEquals(executor.kind, undefined);
  }),
  {
    name: "close waits for tasks in flight, then refuses",
    run: async (subject) => {
      const executor = subject.open({ concurrencyPerWorker: 1 });
      const tasks = [run(executor, "sleep", 5), run(executor, "echo", 2)];
      const closing = executor.close();
      const late = await rejection(run(executor, "echo", 3));
      assertEquals([late.name, late.code], [
        "ExecutorError",
        "EXECUTOR_CLOSED",
      ]);
      assertEquals((await Promise.all(tasks))[1], 2);
      await closing;
      await executor.close();
      assertEquals(
        (await rejection(executor.warm())).code,
        "EXECUTOR_CLOSED",
      );
    },
  },
  {
    name: "close with force rejects what waits and what runs",
    run: async (subject) => {
      const executor = subject.open({ concurrencyPerWorker: 1 });
      await executor.warm();
      const errors = [
        rejection(run(executor, "never")),
        rejection(run(executor, "echo", 2)),
      ];
      await pause(5);
      await executor.close({ force: true });
      for (const error of await Promise.all(errors)) {
        assertEquals(error.code, "EXECUTOR_CLOSED");
      }
    },
  },
  {
    name: "close with force overtakes a close that waits",
    run: async (subject) => {
      const executor = subject.open();
      const task = rejection(run(executor, "never"));
      const waiting = executor.close();
      await pause(5);
      await executor.close({ force: true });
      await waiting;
      assertEquals((await task).code, "EXECUTOR_CLOSED");
    },
  },
  {
    name: "close with force during the start rejects what waits",
    run: async (subject) => {
      const executor = subject.open({ init: { buildMs: 50 } });
      const task = rejection(run(executor, "echo"));
      await executor.close({ force: true });
      assertEquals((await task).code, "EXECUTOR_CLOSED");
    },
  },
  {
    name: "close rejects with what closing the handler threw",
    run: async (subject) => {
      const executor = subject.open({ init: { failCloseWith: "disk full" } });
      await run(executor, "echo");
      const error = await rejection(executor.close());
      assertEquals(error.message, "disk full");
    },
  },
  {
    name: "close of an executor that never ran starts nothing",
    run: async (subject) => {
      const executor = subject.open();
      await executor.close();
      assertEquals(executor.stats().workersStarted, 0);
      assertEquals(executor.kind, undefined);
    },
  },
  {
    name: "asyncDispose closes",
    run: async (subject) => {
      const executor = subject.open();
      assertEquals(await run(executor, "echo", 1), 1);
      await executor[Symbol.asyncDispose]();
      const error = await rejection(run(executor, "echo", 1));
      assertEquals(error.code, "EXECUTOR_CLOSED");
    },
  },
  {
    name: "two executors know nothing of each other",
    run: (subject) =>
      withExecutor(
        subject,
        { init: { value: 1 } },
        (first) =>
          withExecutor(subject, { init: { value: 2 } }, async (second) => {
            const values = await Promise.all([
              run(first, "init"),
              run(second, "init"),
              run(first, "count"),
              run(second, "count"),
            ]);
            assertEquals(values, [1, 2, 1, 1]);
          }),
      ),
  },
  executorCase(
    "the counters add up, whatever became of the tasks",
    {},
    async (executor) => {
      await Promise.allSettled([
        run(executor, "echo"),
        run(executor, "throw", "type"),
        run(executor, "echo", () => 1),
        run(executor, "echo", 1, { signal: AbortSignal.abort() }),
      ]);
      const { submitted, settled } = executor.stats();
      assertEquals([submitted, settled], [4, 4]);
    },
  ),
  {
    name: "a wrong option is named with its bound and its value",
    run: (subject) => {
      const wrong: [Partial<ExecutorOptions>, string][] = [
        [{ maxWorkers: 0 }, "options.maxWorkers must be a whole number from 1"],
        [{ maxQueue: 1.5 }, "not 1.5"],
        [{ readyTimeoutMs: NaN }, "options.readyTimeoutMs"],
        [{ stateful: true, maxWorkers: 2 }, "must be 1 with stateful, not 2"],
        [{ stateful: true, hardAbort: 0 }, "combined with stateful, not 0"],
        [{ signal: {} as never }, "options.signal must be an AbortSignal"],
        [{ onLost: 5 as never }, "options.onLost must be a function, not 5"],
        [{ kinds: ["process" as never] }, "options.kinds"],
        [{ worker: undefined, inline: undefined }, "options.worker"],
      ];
      for (const [options, message] of wrong) {
        const error = assertThrows(() => subject.open(options), ExecutorError);
        assertEquals((error as ExecutorError).code, "INVALID_OPTION");
        assert(error.message.includes(message), error.message);
      }
    },
  },
];
