import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { ExecutorError } from "../../errors.ts";
import { webWorkerClass, workerThreads } from "../../executor/hosts/detect.ts";
import { codeUrl, dataUrl } from "../../executor/hosts/source.ts";
import type { ExecutorKind, StartedWorker } from "../../executor/types.ts";
import { executorWorkerCode } from "./worker_from_task_setup.gen.ts";
import {
  executorCase,
  type ExecutorSubject,
  giveUpTask,
  rejection,
  run,
  until,
  waysToEnd,
  withExecutor,
  withLongBlock,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** Tasks on a thread of their own, which may die or fail to start. */
export const executorWorkerContract: ContractCase<ExecutorSubject>[] = [
  {
    name:
      "a worker that ends itself rejects its tasks; the next starts another",
    run: async (subject) => {
      for (const way of waysToEnd()) {
        await withExecutor(subject, {}, async (executor) => {
          await executor.warm();
          const [never, exit] = await Promise.all([
            rejection(run(executor, "never")),
            rejection(run(executor, "exit", way)),
          ]);
          for (const error of [never, exit]) {
            assert(error instanceof ExecutorError, `${way}: ${error}`);
            assertEquals(error.code, "WORKER_LOST");
          }
          assertEquals(await run(executor, "count"), 1);
          assertEquals(executor.stats().workersStarted, 2);
        });
      }
    },
  },
  executorCase(
    "what a handler posts on its own account is none of the pool's",
    { stateful: true },
    async (executor) => {
      for (
        const type of ["done", "one", "text", "failed", "closed", "farewell"]
      ) await run(executor, "post", { type, id: 1 });
      assertEquals(await run(executor, "echo", "still here"), "still here");
    },
  ),
  {
    name: "a hard abort while the pool closes is no error of the closing",
    run: async (subject) => {
      const executor = subject.open();
      await run(executor, "echo", 1);
      await withLongBlock(async (block) => {
        const controller = new AbortController();
        const { signal } = controller;
        const given = rejection(
          run(executor, "block", block, { signal, hardAbort: 20 }),
        );
        await pause(20);
        controller.abort();
        const closed = executor.close();
        assertEquals((await given).name, "AbortError");
        await closed;
      });
    },
  },
  {
    name:
      "a worker that its maker ends rejects its tasks; another is asked for",
    run: (subject) => {
      const made: StartedWorker[] = [];
      const create = () => {
        const worker = startTestWorker(subject.kind);
        made.push(worker);
        return worker;
      };
      return withExecutor(subject, { worker: { create } }, async (executor) => {
        await executor.warm();
        const never = rejection(run(executor, "never"));
        // Tasks start in order: when this one ends, that one has started.
        await run(executor, "echo");
        made[0]!.terminate();
        assertEquals((await never).code, "WORKER_LOST");
        assertEquals(await run(executor, "count"), 1);
        const { workersLost, restarts } = executor.stats();
        assertEquals([made.length, workersLost, restarts], [2, 1, 1]);
      });
    },
  },
  executorCase(
    "an error outside of any task is the end of the worker",
    {},
    async (executor) => {
      const error = await rejection(run(executor, "throwLater"));
      assertEquals(error.code, "WORKER_LOST");
      assert(
        error.message.includes("thrown outside of a task"),
        error.message,
      );
      assertEquals(await run(executor, "echo", 1), 1);
    },
  ),
  {
    name:
      "a stateful worker that died is not replaced; its owner is notified once",
    run: (subject) => {
      const told: Error[] = [];
      return withExecutor(
        subject,
        { stateful: true, onLost: (error) => told.push(error) },
        async (executor) => {
          await run(executor, "count");
          const [way] = waysToEnd();
          const first = await rejection(run(executor, "exit", way));
          assertEquals(first.code, "WORKER_LOST");
          const second = await rejection(run(executor, "count"));
          assertStrictEquals(second, first);
          assertStrictEquals(await rejection(executor.warm()), first);
          await pause(5);
          assertEquals(told.length, 1);
          assertStrictEquals(told[0], first);
          assertEquals(executor.stats().workersStarted, 1);
        },
      );
    },
  },
  {
    name:
      "a worker that ends while the handler is built is no reason for inline",
    run: (subject) =>
      withExecutor(
        subject,
        {
          init: { exitWhileBuilding: true },
          kinds: [subject.kind, "inline"],
          inline: () => () => ({ handle: () => "inline" }),
        },
        async (executor) => {
          const error = await rejection(run(executor, "echo"));
          assertEquals(error.code, "WORKER_LOST");
          assertEquals(executor.kind, subject.kind);
        },
      ),
  },
  ...[
    {
      name: "worker code",
      worker: { code: "throw new Error('does not load')" },
    },
    { name: "a script", worker: { script: "throw new Error('does not run')" } },
  ].map(({ name, worker }): ContractCase<ExecutorSubject> => ({
    name: `${name} that throws gives way to the inline handler`,
    run: (subject) =>
      withExecutor(
        subject,
        { worker, kinds: [subject.kind, "inline"] },
        async (executor) => {
          assertEquals(await run(executor, "echo", 5), 5);
          assertEquals(executor.kind, "inline");
          assertEquals(
            (executor.refusal as ExecutorError).code,
            "WORKER_REFUSED",
          );
        },
      ),
  })),
  {
    name: "a worker from a script is there before its text",
    run: (subject) =>
      withExecutor(
        subject,
        { worker: { script: pause(20).then(() => executorWorkerCode) } },
        async (executor) => {
          const tasks = [1, 2, 3].map((value) => run(executor, "echo", value));
          assertEquals(await Promise.all(tasks), [1, 2, 3]);
          assertEquals(executor.kind, subject.kind);
          const [way] = waysToEnd();
          await rejection(run(executor, "exit", way));
          assertEquals(await run(executor, "echo", 4), 4);
        },
      ),
  },
  {
    name: "a script that cannot be loaded is a refusal, and asked for again",
    run: (subject) => {
      let asked = 0;
      const worker = () => ({
        script: asked++ === 0
          ? Promise.reject(new Error("it is not there"))
          : executorWorkerCode,
      });
      return withExecutor(
        subject,
        { worker, inline: undefined },
        async (executor) => {
          const error = await rejection(run(executor, "echo", 5));
          assertEquals(error.code, "WORKER_REFUSED");
          assert(error.message.includes("it is not there"), error.message);
          assertEquals(await run(executor, "echo", 6), 6);
          assertEquals(asked, 2);
        },
      );
    },
  },
  {
    name: "a pool closes while the script of its worker is loaded",
    run: async (subject) => {
      const script = pause(50).then(() => executorWorkerCode);
      const executor = subject.open({ worker: { script } });
      const given = rejection(run(executor, "echo", 1));
      await pause(10);
      await executor.close({ force: true });
      assertEquals((await given).code, "EXECUTOR_CLOSED");
      await script;
    },
  },
  {
    name: "worker code that says nothing is refused after readyTimeoutMs",
    run: (subject) =>
      withExecutor(
        subject,
        {
          worker: { code: "setInterval(() => {}, 1000)" },
          readyTimeoutMs: 150,
          kinds: [subject.kind],
          inline: undefined,
        },
        async (executor) => {
          const error = await rejection(run(executor, "echo", 5));
          assertEquals(error.code, "WORKER_REFUSED");
          assert(error.message.includes("150 ms"), error.message);
        },
      ),
  },
  executorCase(
    "the caller's thread stays free while a worker is busy",
    {},
    async (executor) => {
      await executor.warm();
      let isBusy = true;
      let ticks = 0;
      const task = run(executor, "block", 100).then(() => isBusy = false);
      while (isBusy) {
        await pause(1);
        ticks++;
      }
      await task;
      assert(ticks > 5, `${ticks} ticks`);
    },
  ),
  {
    name: "close with force ends a worker that blocks",
    run: async (subject) => {
      const executor = subject.open();
      await executor.warm();
      await withLongBlock(async (block) => {
        const task = rejection(run(executor, "block", block));
        await pause(20);
        await executor.close({ force: true });
        assertEquals((await task).code, "EXECUTOR_CLOSED");
      });
    },
  },
  executorCase("tasks are spread over the workers", {
    maxWorkers: 2,
    // Long, because on a busy machine one would be idle until it ends.
    idleTimeoutMs: 60_000,
  }, async (executor) => {
    await Promise.all([
      run(executor, "block", 30),
      run(executor, "block", 30),
    ]);
    await until(async () => {
      const counts = await Promise.all([
        run(executor, "count"),
        run(executor, "count"),
      ]) as number[];
      // Two tasks of the same worker would have consecutive counts.
      return counts[0]! - counts[1]! !== -1;
    }, "both workers take part");
    assertEquals(executor.stats().workersStarted, 2);
  }),
  executorCase("an idle worker ends, and a later task starts another", {
    idleTimeoutMs: 20,
  }, async (executor) => {
    assertEquals(await run(executor, "count"), 1);
    await pause(200);
    assertEquals(await run(executor, "count"), 1);
    assertEquals(executor.stats().workersStarted, 2);
  }),
  executorCase("a worker whose tasks were all given up is idle", {
    idleTimeoutMs: 20,
  }, async (executor) => {
    await run(executor, "count");
    await giveUpTask(executor);
    await pause(200);
    assertEquals(await run(executor, "count"), 1);
    assertEquals(executor.stats().workersStarted, 2);
  }),
  executorCase("a stateful worker never idles", {
    idleTimeoutMs: 1,
    stateful: true,
  }, async (executor) => {
    assertEquals(await run(executor, "count"), 1);
    await pause(50);
    assertEquals(await run(executor, "count"), 2);
  }),
  executorCase("a worker that died in one task does not stop those that wait", {
    concurrencyPerWorker: 1,
  }, async (executor) => {
    const [way] = waysToEnd();
    const results = await Promise.allSettled([
      run(executor, "exit", way),
      run(executor, "echo", 2),
      run(executor, "echo", 3),
    ]);
    assertEquals(
      results.map(({ status }) => status),
      ["rejected", "fulfilled", "fulfilled"],
    );
  }),
  executorCase(
    "bytes that moved back count, though their worker ends itself next",
    {},
    async (executor) => {
      await executor.warm();
      const [way] = waysToEnd();
      const made = run(executor, "allocate", 200_000) as Promise<Uint8Array>;
      const fatal = rejection(run(executor, "exit", way));
      assertEquals((await made).length, 200_000);
      assertEquals((await fatal).code, "WORKER_LOST");
    },
  ),
  {
    name: "a worker that was started for an executor ends with it, unused",
    run: async (subject) => {
      let started = 0;
      let ended = 0;
      const executor = subject.open({
        worker: () => {
          const worker = startTestWorker(subject.kind);
          const terminate = worker.terminate.bind(worker);
          worker.terminate = () => (ended++, terminate());
          started++;
          return worker;
        },
      });
      executor.warm().catch(() => {});
      for (let hop = 0; hop < 50 && started === 0; hop++) await undefined;
      await executor.close({ force: true });
      await until(() => ended === 1, "the worker ends");
    },
  },
  {
    name: "a task whose worker will not start waits no longer than it must",
    run: (subject) => {
      let asked = 0;
      const create = () => {
        asked++;
        // Only the first worker starts, and the fifth, which is requested after a pause.
        if (asked > 1 && asked < 5) throw new Error("not now");
        return startTestWorker(subject.kind);
      };
      return withExecutor(
        subject,
        { worker: { create }, maxWorkers: 2, idleTimeoutMs: 60_000 },
        async (executor) => {
          await run(executor, "echo", 0, { affinity: 0 });
          const own = [0, 1].map((affinity) =>
            run(executor, "echo", affinity, { affinity })
          );
          assertEquals(await Promise.all(own), [0, 1]);
          assertEquals(asked, 5);
        },
      );
    },
  },
];

/** Starts a worker with the test handler, as a caller would. */
function startTestWorker(kind: ExecutorKind): StartedWorker {
  if (kind === "worker-threads") {
    const { Worker } = workerThreads()!;
    return new Worker(new URL(dataUrl(executorWorkerCode)));
  }
  const Worker = webWorkerClass()!;
  return new Worker(codeUrl(executorWorkerCode).url, { type: "module" });
}
