import { assert, assertEquals } from "@std/assert";
import { WorkerLostError } from "../../errors.ts";
import {
  executorCase,
  type ExecutorSubject,
  rejection,
  run,
  sharedFlag,
  until,
  waysToEnd,
  withExecutor,
  withLongBlock,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** Behaviour when workers die, and features that only workers have. */
export const executorRecoveryContract: ContractCase<ExecutorSubject>[] = [
  executorCase(
    "tasks that had not begun go elsewhere when their worker dies",
    {},
    async (executor) => {
      await executor.warm();
      const [way] = waysToEnd();
      const fatal = rejection(run(executor, "exit", way));
      const others = [1, 2, 3].map((n) => run(executor, "echo", n));
      const error = await fatal;
      assert(error instanceof WorkerLostError, `${error}`);
      assertEquals([error.name, error.code], [
        "WorkerLostError",
        "WORKER_LOST",
      ]);
      assertEquals(await Promise.all(others), [1, 2, 3]);
      const { requeued, workersLost } = executor.stats();
      assertEquals([requeued, workersLost], [3, 1]);
    },
  ),
  executorCase(
    "a worker that runs out of memory rejects its task; others go elsewhere",
    { resourceLimits: { maxOldGenerationSizeMb: 16 } },
    async (executor, { kind }) => {
      // Web Workers have no limit of their own: they take the process with them.
      if (kind !== "worker-threads") return;
      await executor.warm();
      const fatal = rejection(run(executor, "fillMemory"));
      const others = [1, 2, 3].map((n) => run(executor, "echo", n));
      const error = await fatal;
      assertEquals(error.code, "WORKER_LOST");
      assert(error.message.includes("memory limit"), error.message);
      assertEquals(await Promise.all(others), [1, 2, 3]);
    },
  ),
  executorCase(
    "an idempotent task runs again when its worker dies",
    {},
    async (executor) => {
      await executor.warm();
      const task = run(executor, "sleep", 30, { idempotent: true });
      const other = rejection(run(executor, "sleep", 20_000));
      await run(executor, "echo");
      const fatal = rejection(run(executor, "exit", waysToEnd()[0]));
      await task;
      assertEquals((await other).code, "WORKER_LOST");
      await fatal;
    },
  ),
  executorCase(
    "an idempotent task that kills each worker gives up",
    {},
    async (executor) => {
      const error = await rejection(
        run(executor, "exit", waysToEnd()[0], { idempotent: true }),
      );
      assertEquals(error.code, "WORKER_LOST");
      assertEquals(executor.stats().workersLost, 3);
    },
  ),
  executorCase(
    "tasks that end their workers hold up no others, without shared memory",
    { sharedMemory: "off" },
    async (executor) => {
      // On Node, a worker that exits says nothing.
      for (let lost = 0; lost < 3; lost++) {
        await rejection(run(executor, "exit", waysToEnd()[0]));
      }
      assertEquals(await run(executor, "echo", 1), 1);
    },
  ),
  executorCase(
    "hardAbort replaces a worker that does not heed its abort",
    {},
    async (executor) => {
      await executor.warm();
      await withLongBlock(async (block) => {
        const controller = new AbortController();
        const { signal } = controller;
        const task = rejection(
          run(executor, "block", block, { signal, hardAbort: 10 }),
        );
        const behind = run(executor, "echo", 7);
        await pause(20);
        controller.abort();
        assertEquals((await task).name, "AbortError");
        assertEquals(await behind, 7);
      });
    },
  ),
  {
    name: "what goes elsewhere after a hard abort does not run twice",
    run: async (subject) => {
      for (const sharedMemory of ["auto", "off"] as const) {
        await withExecutor(subject, { sharedMemory }, async (executor) => {
          const runs = sharedFlag();
          if (!runs) return;
          await executor.warm();
          const controller = new AbortController();
          const { signal } = controller;
          const task = rejection(
            run(executor, "block", 150, { signal, hardAbort: 0 }),
          );
          const behind = run(executor, "bump", runs);
          await pause(20);
          controller.abort();
          await task;
          await behind;
          // Deno terminates a worker only when it returns to its event loop.
          await pause(250);
          assertEquals(runs[0], 1);
        });
      }
    },
  },
  executorCase(
    "a task that holds its thread holds up no later one",
    { maxWorkers: 2 },
    async (executor) => {
      await executor.warm();
      await withLongBlock(async (block) => {
        run(executor, "block", block).catch(() => {});
        await pause(30);
        assertEquals(await run(executor, "echo", 1), 1);
      });
    },
  ),
  executorCase(
    "what waits behind a task that was given up goes elsewhere in time",
    { idleTimeoutMs: 50, sharedMemory: "auto" },
    async (executor) => {
      // Otherwise nobody knows what the worker has begun.
      if (!sharedFlag()) return;
      await executor.warm();
      await withLongBlock(async (block) => {
        const limit = { timeoutMs: 20 };
        const held = rejection(run(executor, "block", block, limit));
        const behind = run(executor, "count");
        assertEquals((await held).code, "TASK_TIMEOUT");
        const later = run(executor, "count");
        assertEquals([await behind, await later], [1, 2]);
      });
    },
  ),
  executorCase(
    "hardAbort lets a worker live whose handler heeds its abort",
    {},
    async (executor) => {
      const error = await rejection(
        run(executor, "untilAborted", "a", { timeoutMs: 20, hardAbort: 30 }),
      );
      assertEquals(error.code, "TASK_TIMEOUT");
      await pause(60);
      assertEquals(executor.stats().workersLost, 0);
    },
  ),
  {
    name: "tasks of one affinity go to the same worker",
    // Neither worker goes idle while the other is still starting.
    run: (subject) =>
      withExecutor(
        subject,
        { maxWorkers: 2, idleTimeoutMs: 60_000 },
        async (executor) => {
          const counts = await Promise.all(
            Array.from(
              { length: 20 },
              (_, at) => run(executor, "count", 0, { affinity: at % 2 }),
            ),
          ) as number[];
          for (const first of [0, 1]) {
            const own = counts.filter((_, at) => at % 2 === first);
            assertEquals(own, Array.from({ length: 10 }, (_, at) => at + 1));
          }
          assertEquals(executor.stats().workersStarted, 2);
        },
      ),
  },
  executorCase("minWorkers start with the first task", {
    maxWorkers: 3,
    minWorkers: 2,
  }, async (executor) => {
    await run(executor, "echo");
    await until(
      () => executor.stats().workersStarted === 2,
      "two workers",
    );
  }),
  {
    name: "tasks run on this thread while the worker starts, if asked to",
    run: (subject) =>
      withExecutor(
        subject,
        {
          kinds: [subject.kind, "inline"],
          worker: { code: "setInterval(() => {}, 1000)" },
          readyTimeoutMs: 5000,
          inlineWhileStarting: true,
        },
        async (executor) => {
          assertEquals(await run(executor, "echo", 5), 5);
          // Still starting.
          assertEquals(executor.kind, undefined);
        },
      ),
  },
  {
    name: "what runs on this thread when the worker is ready comes to its end",
    run: (subject) =>
      withExecutor(
        subject,
        { kinds: [subject.kind, "inline"], inlineWhileStarting: true },
        async (executor) => {
          let isReady = false;
          executor.on("ready", ({ kind }) => isReady ||= kind !== "inline");
          const long = run(executor, "slowMark", { name: "a", ms: 400 });
          const stream = executor.stream({ do: "slowItems", value: 60 });
          let count = 0;
          for await (const _ of stream) count++;
          await long;
          await until(() => isReady, "the worker is ready", 20_000);
          assertEquals([count, await run(executor, "echo", 2)], [60, 2]);
          assertEquals(executor.stats().restarts, 0);
        },
      ),
  },
  executorCase(
    "a worker that dies is replaced where minWorkers are to stay",
    // Long, because on Deno they end when they are idle.
    { minWorkers: 1, idleTimeoutMs: 60_000 },
    async (executor) => {
      let ready = 0;
      executor.on("ready", () => ready++);
      await executor.warm();
      const [way] = waysToEnd();
      assertEquals(
        (await rejection(run(executor, "exit", way))).code,
        "WORKER_LOST",
      );
      await until(() => ready === 2, "another one is ready");
      assertEquals(executor.stats().restarts, 1);
    },
  ),
  executorCase(
    "a spent worker ends though a task that was given up never does",
    { maxTasksPerWorker: 1 },
    async (executor) => {
      let ended = 0;
      executor.on("ended", () => ended++);
      await executor.warm();
      const controller = new AbortController();
      const { signal } = controller;
      const task = rejection(run(executor, "never", 0, { signal }));
      await pause(5);
      controller.abort();
      await task;
      await until(() => ended === 1, "the worker ends");
    },
  ),
  executorCase("close ends a worker that a task holds which was given up", {
    readyTimeoutMs: 1000,
  }, async (executor) => {
    await executor.warm();
    await withLongBlock(async (block) => {
      const controller = new AbortController();
      const { signal } = controller;
      const task = rejection(run(executor, "block", block, { signal }));
      await pause(20);
      controller.abort();
      await task;
      await executor.close();
      assertEquals(executor.stats().workers, 0);
    });
  }),
  executorCase(
    "a stateful worker's tasks go nowhere else",
    { stateful: true },
    async (executor) => {
      await executor.warm();
      const results = await Promise.all([
        rejection(run(executor, "exit", waysToEnd()[0])),
        rejection(run(executor, "echo", 1)),
      ]);
      for (const error of results) assertEquals(error.code, "WORKER_LOST");
      assertEquals(executor.stats().workersStarted, 1);
    },
  ),
  {
    name: "a handler given as text or as a module needs no worker code",
    run: async (subject) => {
      const source = "export const createHandler = (init) => " +
        "({ handle: (task) => task + init });";
      const code = { worker: undefined, inline: undefined, init: 5 };
      const handler = `data:text/javascript,${encodeURIComponent(source)}`;
      for (const options of [{ source }, { handler }]) {
        const executor = subject.open({ ...code, ...options });
        assertEquals(await executor.run(2), 7);
        assertEquals(executor.kind, subject.kind);
        await executor.close();
      }
    },
  },
  {
    name: "a module without a handler says so",
    run: async (subject) => {
      const source = "export const nothing = 1;";
      const executor = subject.open({
        worker: undefined,
        inline: undefined,
        source,
      });
      const error = await rejection(executor.run(1));
      assertEquals(error.code, "HANDLER_FAILED");
      await executor.close();
    },
  },
  {
    name: "a module that is not there is named, and the worker's code is not",
    run: async (subject) => {
      const code = { worker: undefined, inline: undefined };
      const handler = "file:///nowhere/tasks.js";
      const executor = subject.open({ ...code, handler });
      const error = await rejection(executor.run(1));
      assertEquals(error.code, "HANDLER_FAILED");
      assert(error.message.includes(handler), error.message);
      assert(error.message.length < 1000, `${error.message.length} characters`);
      await executor.close();
    },
  },
  {
    name: "the stack of an error names its worker, and does not hold its code",
    run: async (subject) => {
      const executor = subject.open({
        worker: undefined,
        inline: undefined,
        handler: () => {
          throw new Error("as the case wants it");
        },
      });
      const { stack } = await rejection(executor.run(1));
      assert(!stack!.includes("data:text/javascript"), stack);
      await executor.close();
    },
  },
];
