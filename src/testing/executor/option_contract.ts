import { assert, assertEquals } from "@std/assert";
import { ExecutorError } from "../../errors.ts";
import type { RunOptions } from "../../executor/types.ts";
import {
  executorCase,
  type ExecutorSubject,
  rejection,
  run,
  until,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** esbuild's helper, which `tsx` and bundlers that keep names put into functions. */
declare function __name<T>(inner: T, name: string): T;

/** Small values, time limits, priorities, keys, counters and events. */
export const executorOptionContract: ContractCase<ExecutorSubject>[] = [
  executorCase(
    "small values of every kind come back as they were",
    {},
    async (executor) => {
      const values = [undefined, null, true, false, 0, -0, 1.5, NaN];
      values.push(-Infinity, 2 ** 53, 5e-324);
      for (const value of values) {
        const back = await executor.run(value);
        assert(Object.is(back, value), `${back} instead of ${value}`);
      }
      const all = await Promise.all(values.map((v) => executor.run(v)));
      assert(all.every((back, at) => Object.is(back, values[at])));
    },
  ),
  executorCase(
    "ten thousand small tasks at once each get their own result",
    {},
    async (executor) => {
      const numbers = Array.from({ length: 10_000 }, (_, at) => at);
      const back = await Promise.all(numbers.map((n) => executor.run(n)));
      assertEquals(back, numbers);
    },
  ),
  executorCase(
    "small and large tasks begin in the order of their calls",
    {},
    async (executor) => {
      const tasks: Promise<unknown>[] = [];
      for (let at = 0; at < 200; at++) {
        tasks.push(at % 3 ? executor.run(at) : run(executor, "mark", at));
        if (at % 7 === 0) await Promise.resolve();
        if (at % 50 === 0) await pause(1);
      }
      await Promise.all(tasks);
      const seen = await run(executor, "seen");
      assertEquals(seen, Array.from({ length: 200 }, (_, at) => at));
    },
  ),
  executorCase(
    "without shared memory all is the same",
    { sharedMemory: "off" },
    async (executor) => {
      const numbers = Array.from({ length: 300 }, (_, at) => at);
      const back = await Promise.all(numbers.map((n) => executor.run(n)));
      assertEquals(back, numbers);
    },
  ),
  executorCase("timeoutMs counts from submission and reaches the handler", {
    concurrencyPerWorker: 1,
  }, async (executor) => {
    await executor.warm();
    // Blocks the worker until aborted, so that the tasks behind it never start.
    const controller = new AbortController();
    const { signal } = controller;
    const holding = rejection(
      run(executor, "untilAborted", "a", { signal }),
    );
    // On a busy machine, the next one may time out before this one starts.
    await until(() => executor.stats().queued === 0, "the first begins");
    const waiting = await rejection(
      run(executor, "count", 0, { timeoutMs: 20 }),
    );
    controller.abort(new Error("enough"));
    assertEquals((await holding).message, "enough");
    // Once the worker is free, the next one starts within its time limit, unless the machine is very busy.
    let timeoutMs = 20;
    let running: Error;
    let aborts: unknown[];
    do {
      timeoutMs *= 2;
      running = await rejection(
        run(executor, "untilAborted", "b", { timeoutMs }),
      );
      aborts = await run(executor, "aborts") as unknown[];
    } while (aborts.length < 2);
    for (const [at, error] of [waiting, running].entries()) {
      assert(error instanceof ExecutorError);
      assertEquals(error.code, "TASK_TIMEOUT");
      assertEquals(error.data, { timeoutMs: at === 0 ? 20 : timeoutMs });
    }
    assertEquals(aborts, [
      "a: enough",
      `b: the task was not finished ${timeoutMs} ms after its submission`,
    ]);
    assertEquals(await run(executor, "count"), 1);
  }),
  executorCase("runTimeoutMs counts from the start of execution", {
    concurrencyPerWorker: 1,
  }, async (executor) => {
    const first = run(executor, "sleep", 120);
    const options = { runTimeoutMs: 60 };
    const second = run(executor, "echo", 2, options);
    const third = rejection(run(executor, "untilAborted", "c", options));
    await first;
    assertEquals(await second, 2);
    const error = await third;
    assertEquals([error.code, error.data], [
      "RUN_TIMEOUT",
      { runTimeoutMs: 60 },
    ]);
  }),
  executorCase("the executor's defaults hold unless the task says otherwise", {
    timeoutMs: 20,
  }, async (executor) => {
    await run(executor, "echo", 0, { timeoutMs: 9000 });
    const error = await rejection(run(executor, "sleep", 300));
    assertEquals(error.code, "TASK_TIMEOUT");
    await run(executor, "sleep", 40, { timeoutMs: 9000 });
  }),
  executorCase(
    "a higher priority goes first",
    { concurrencyPerWorker: 1 },
    async (executor) => {
      await executor.warm();
      const tasks = [run(executor, "sleep", 5)];
      const mark = (name: string, priority?: number) =>
        tasks.push(run(executor, "mark", name, { priority }));
      mark("low", -1);
      mark("plain");
      mark("high", 5);
      mark("plain too", 0);
      await Promise.all(tasks);
      const seen = await run(executor, "seen");
      assertEquals(seen, ["high", "plain", "plain too", "low"]);
    },
  ),
  executorCase(
    "a low priority does not starve",
    { concurrencyPerWorker: 1 },
    async (executor) => {
      await executor.warm();
      const tasks = [run(executor, "mark", "low", { priority: -100 })];
      for (let at = 0; at < 40; at++) {
        tasks.push(run(executor, "mark", "high", { priority: 100 }));
      }
      await Promise.all(tasks);
      const seen = await run(executor, "seen") as string[];
      assert(seen.indexOf("low") < 10, `came as ${seen.indexOf("low")}`);
    },
  ),
  executorCase(
    "tasks of one key follow each other, those of others do not wait",
    {},
    async (executor) => {
      const slow = (name: string, ms: number, key: string) =>
        run(executor, "slowMark", { name, ms }, { key });
      await Promise.all([
        slow("a1", 20, "a"),
        slow("a2", 1, "a"),
        slow("b1", 5, "b"),
        slow("a3", 1, "a"),
      ]);
      const seen = await run(executor, "seen") as string[];
      const ofA = seen.filter((text) => text.startsWith("a"));
      assertEquals(ofA, [
        "a1 begins",
        "a1 ends",
        "a2 begins",
        "a2 ends",
        "a3 begins",
        "a3 ends",
      ]);
      assert(seen.indexOf("b1 begins") < seen.indexOf("a1 ends"));
    },
  ),
  executorCase(
    "a task of a key that is given up lets the next one go",
    {},
    async (executor) => {
      const first = run(executor, "sleep", 20, { key: 1 });
      const signal = AbortSignal.timeout(5);
      const second = rejection(run(executor, "echo", 2, { key: 1, signal }));
      const third = run(executor, "echo", 3, { key: 1 });
      await Promise.all([first, second]);
      assertEquals(await third, 3);
      const bad = rejection(run(executor, "echo", () => 1, { key: 1 }));
      const after = run(executor, "echo", 4, { key: 1 });
      assertEquals((await bad).code, "NOT_CLONEABLE");
      assertEquals(await after, 4);
    },
  ),
  executorCase(
    "a wrong option of a task rejects and is named",
    {},
    async (executor) => {
      const wrong: [RunOptions, string][] = [
        [{ timeoutMs: 0 }, "options.timeoutMs must be a whole number from 1"],
        [{ runTimeoutMs: 1.5 }, "not 1.5"],
        [{ priority: 101 }, "options.priority"],
        [{ hardAbort: -1 }, "options.hardAbort"],
        [{ transfer: new ArrayBuffer(8) as never }, "must be a list"],
        [{ signal: {} as never }, "options.signal must be an AbortSignal"],
      ];
      for (const [options, message] of wrong) {
        const error = await rejection(run(executor, "echo", 1, options));
        assertEquals(error.code, "INVALID_OPTION");
        assert(error.message.includes(message), error.message);
      }
    },
  ),
  executorCase("no task has the only worker ended", {
    stateful: true,
  }, async (executor) => {
    for (const hardAbort of [0, true]) {
      const error = await rejection(run(executor, "echo", 1, { hardAbort }));
      assertEquals(error.code, "INVALID_OPTION");
      assert(error.message.includes("combined with stateful"), error.message);
    }
  }),
  executorCase("tasks that wait for another with their key fill the queue", {
    maxQueue: 2,
  }, async (executor) => {
    await executor.warm();
    const options = { key: "one" };
    const tasks = [1, 2, 3].map((n) => run(executor, "echo", n, options));
    const error = await rejection(run(executor, "echo", 4, options));
    assertEquals([error.code, error.data], [
      "QUEUE_FULL",
      { waiting: 2, maxQueue: 2 },
    ]);
    assertEquals(await Promise.all(tasks), [1, 2, 3]);
    assertEquals(await run(executor, "echo", 5, options), 5);
  }),
  executorCase("a full queue that may wait takes the task, and tells of room", {
    concurrencyPerWorker: 1,
    maxQueue: 2,
    whenFull: "wait",
  }, async (executor) => {
    const full: number[] = [];
    executor.on("full", ({ queued }) => full.push(queued));
    await executor.warm();
    const tasks = [1, 2, 3, 4, 5].map((n) => run(executor, "echo", n));
    let hasRoom = false;
    const room = executor.room().then(() => hasRoom = true);
    await Promise.resolve();
    assertEquals(hasRoom, false);
    assertEquals(await Promise.all(tasks), [1, 2, 3, 4, 5]);
    await room;
    // The first task is about to leave the queue.
    assertEquals(full, [2, 3]);
  }),
  executorCase(
    "drain resolves when all tasks are settled",
    {},
    async (executor) => {
      await executor.drain();
      let settled = 0;
      const count = () => settled++;
      run(executor, "sleep", 10).then(count, count);
      run(executor, "throw", "type").then(count, count);
      await executor.drain();
      await Promise.resolve();
      assertEquals(settled, 2);
    },
  ),
  executorCase("stats tell of the queue, of times and of use", {
    concurrencyPerWorker: 1,
  }, async (executor) => {
    await executor.warm();
    const tasks = [run(executor, "sleep", 200), run(executor, "echo", 1)];
    await pause(5);
    const during = executor.stats();
    assertEquals([during.inFlight, during.queued, during.workers], [
      1,
      1,
      1,
    ]);
    await Promise.all(tasks);
    const { wait, run: ran, queued, inFlight, utilisation } = executor
      .stats();
    assertEquals([queued, inFlight, wait.count, ran.count], [0, 0, 2, 2]);
    assert(wait.max >= 15, `waited ${wait.max} ms`);
    assert(ran.max >= 15 && ran.p99 >= 15, `ran ${ran.max} ms`);
    assert(utilisation > 0 && utilisation <= 1, `${utilisation}`);
  }),
  {
    name: "events report workers and the end of work",
    run: async (subject) => {
      const executor = subject.open();
      const told: string[] = [];
      executor.on("ready", ({ kind }) => told.push(`ready ${kind}`));
      executor.on("drained", ({ settled }) => told.push(`drained ${settled}`));
      executor.on("ended", ({ kind }) => told.push(`ended ${kind}`));
      executor.on("drained", () => told.push("too much"))();
      await run(executor, "echo");
      await executor.close();
      await Promise.resolve();
      const { kind } = subject;
      assertEquals(told, [`ready ${kind}`, "drained 1", `ended ${kind}`]);
    },
  },
  {
    name: "an aborted signal closes the executor by force",
    run: async (subject) => {
      const controller = new AbortController();
      const executor = subject.open({ signal: controller.signal });
      await executor.warm();
      const task = rejection(run(executor, "never"));
      await pause(5);
      controller.abort();
      assertEquals((await task).code, "EXECUTOR_CLOSED");
      await executor.close();
    },
  },
  executorCase("a worker that had its tasks is replaced", {
    maxTasksPerWorker: 2,
  }, async (executor) => {
    const counts = await Promise.all(
      [1, 2, 3, 4, 5].map(() => run(executor, "count")),
    );
    assertEquals(counts, [1, 2, 1, 2, 1]);
    assertEquals(executor.stats().restarts, 2);
  }),
  executorCase("a task that cannot be sent is none of a worker's tasks", {
    maxTasksPerWorker: 2,
  }, async (executor) => {
    assertEquals(await run(executor, "count"), 1);
    for (let n = 0; n < 2; n++) await rejection(executor.run(() => n));
    assertEquals(await run(executor, "count"), 2);
  }),
  {
    name: "a handler given as a function runs where it should",
    run: async (subject) => {
      const executor = subject.open({
        worker: undefined,
        inline: undefined,
        handler: (task) =>
          task === "globals"
            ? Object.getOwnPropertyNames(globalThis)
            : (task as number) * 2,
      });
      assertEquals(await executor.run(21), 42);
      assertEquals(executor.kind, subject.kind);
      // It could overwrite the pool's own.
      const globals = await executor.run("globals") as string[];
      assertEquals(globals.filter(isShort), []);
      await executor.close();
    },
  },
  {
    name: "a handler whose inner functions a bundler names runs in a worker",
    run: async (subject) => {
      // On this thread, the bundle has its own `__name`.
      if (subject.kind === "inline") return;
      const named = {
        method(task: unknown) {
          return __name(() => task, "inner")();
        },
        arrow: async (task: unknown) => await __name(() => task, "inner")(),
      };
      for (const handler of Object.values(named)) {
        const executor = subject.open({ worker: undefined, handler });
        assertEquals(await executor.run(5), 5);
        await executor.close();
      }
    },
  },
];

/** Whether this is what a minified variable may be called, and no global of this thread. */
function isShort(name: string): boolean {
  return name.length < 3 && !(name in globalThis);
}
