import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { executorCase, giveUpTask, rejection, run, until } from "./subject.ts";
import { hasTurns } from "../../executor/timer.ts";
import type { ExecutorSubject } from "./subject.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** Combinations of options of the pool, options of tasks, and ways in which tasks end. */
export const executorMixedContract: ContractCase<ExecutorSubject>[] = [
  executorCase("tasks of any affinity run, however few workers there are", {
    maxWorkers: 2,
  }, async (executor) => {
    const values = [0, 1, 2, 3, "a", "b"];
    const tasks = values.map((affinity) =>
      run(executor, "echo", affinity, { affinity, priority: 1 })
    );
    assertEquals(await Promise.all(tasks), values);
    // Now it is decided where they run.
    const again = values.map((affinity) =>
      run(executor, "echo", affinity, { affinity })
    );
    assertEquals(await Promise.all(again), values);
    assertEquals(executor.stats().queued, 0);
  }),
  executorCase(
    "room comes when waiting tasks are given up, and when all ends",
    { concurrencyPerWorker: 1, maxQueue: 1, whenFull: "wait" },
    async (executor) => {
      await executor.warm();
      const running = rejection(run(executor, "never"));
      await pause(5);
      const controller = new AbortController();
      const { signal } = controller;
      const given = run(executor, "echo", 1, { signal }).catch(() => {});
      const first = executor.room();
      controller.abort();
      await first;
      await given;
      const waiting = rejection(run(executor, "echo", 2));
      const second = executor.room();
      void executor.close();
      await second;
      await executor.room();
      await executor.close({ force: true });
      assertEquals(
        [(await running).code, (await waiting).code],
        ["EXECUTOR_CLOSED", "EXECUTOR_CLOSED"],
      );
    },
  ),
  executorCase("bytes of a task that is given up while it waits stay here", {
    concurrencyPerWorker: 1,
  }, async (executor) => {
    await executor.warm();
    const block = run(executor, "sleep", 10);
    await Promise.resolve();
    const bytes = new ArrayBuffer(16);
    const controller = new AbortController();
    const task = run(executor, "byteLength", bytes, {
      transfer: [bytes],
      signal: controller.signal,
    });
    await pause(2);
    controller.abort(new Error("no more"));
    assertEquals((await rejection(task)).message, "no more");
    await block;
    assertEquals(bytes.byteLength, 16);
  }),
  executorCase(
    "drain and close do not wait for handlers that nobody waits for",
    {},
    async (executor) => {
      await giveUpTask(executor);
      await executor.drain();
      await executor.close();
    },
  ),
  executorCase("a key outlives tasks that fail, time out and are given up", {
    maxWorkers: 2,
  }, async (executor) => {
    const key = "k";
    const controller = new AbortController();
    const ends: string[] = [];
    const end = (name: string, task: Promise<unknown>) =>
      task.then(() => ends.push(name), () => ends.push(`${name} failed`));
    const all = [
      end("throw", run(executor, "throw", "type", { key })),
      end("late", run(executor, "sleep", 30, { key, timeoutMs: 15 })),
      end(
        "gone",
        run(executor, "echo", 1, { key, signal: controller.signal }),
      ),
      end("uncloneable", run(executor, "echo", () => 1, { key })),
      end("last", run(executor, "echo", 2, { key })),
    ];
    controller.abort();
    await Promise.all(all);
    assertEquals([ends.length, ends.at(-1)], [5, "last"]);
    assertEquals(executor.stats().queued, 0);
  }),
  executorCase("keys keep their order over workers that are spent", {
    maxWorkers: 2,
    maxTasksPerWorker: 9,
    concurrencyPerWorker: 3,
  }, async (executor) => {
    const ends = new Map<number, number[]>();
    await Promise.all(Array.from({ length: 40 }, async (_, at) => {
      const key = at % 4;
      await run(executor, at % 3 ? "echo" : "asyncEcho", at, {
        key,
        priority: at % 2,
        affinity: at % 5 === 0 ? key : undefined,
      });
      ends.set(key, [...ends.get(key) ?? [], at]);
    }));
    for (const [key, order] of ends) {
      assertEquals(
        order,
        Array.from({ length: 10 }, (_, at) => at * 4 + key),
      );
    }
  }),
  executorCase(
    "a spent worker whose last task is given up makes room for the next",
    { maxTasksPerWorker: 1 },
    async (executor) => {
      const controller = new AbortController();
      const { signal } = controller;
      const task = rejection(run(executor, "never", 0, { signal }));
      const next = run(executor, "echo", 2);
      await pause(5);
      controller.abort();
      await task;
      assertEquals(await next, 2);
    },
  ),
  executorCase("a worker that ends because it is idle loses no task", {
    idleTimeoutMs: 1,
    maxWorkers: 2,
  }, async (executor) => {
    for (let at = 0; at < 6; at++) {
      const pair = [run(executor, "echo", at), run(executor, "add", [1])];
      assertEquals(await Promise.all(pair), [at, 1]);
      await pause(at % 4);
    }
  }),
  executorCase("a stream that is left before it begins runs nothing", {
    concurrencyPerWorker: 1,
  }, async (executor) => {
    const never = executor.stream({ do: "items", value: 5 });
    await never.return!();
    assertEquals((await never.next()).done, true);
    assertEquals(executor.stats().submitted, 0);
    await executor.warm();
    const block = run(executor, "sleep", 20);
    await pause(2);
    const waiting = executor.stream({ do: "items", value: 5 });
    const first = waiting.next();
    await waiting.return!();
    assertEquals(await first, { done: true, value: undefined });
    await block;
    assertEquals(await run(executor, "made"), 0);
  }),
  executorCase(
    "readers that ask at once get successive items, and all get the end",
    {},
    async (executor) => {
      const stream = executor.stream({ do: "items", value: 3 }, {
        buffer: 1,
      });
      const results = await Promise.all(
        Array.from({ length: 5 }, () => stream.next()),
      );
      assertEquals(results.map(({ value }) => value), [
        0,
        1,
        2,
        undefined,
        undefined,
      ]);
      assertEquals(results.map(({ done }) => done === true), [
        false,
        false,
        false,
        true,
        true,
      ]);
    },
  ),
  executorCase(
    "timers go off while tasks follow one another",
    {},
    async (executor) => {
      // On a host that hides running times, an executor cannot know when to yield.
      if (!hasTurns()) return;
      await executor.warm();
      let wentOff = 0;
      const timer = setInterval(() => wentOff++, 1);
      let left = 100_000;
      while (wentOff < 3 && left-- > 0) await run(executor, "echo", 1);
      clearInterval(timer);
      assert(wentOff > 2, `${wentOff} times in 100,000 tasks`);
    },
  ),
  executorCase(
    "time limits end a stream after the items that came",
    {},
    async (executor) => {
      // The time limit does not include the start of a worker.
      await executor.warm();
      for (const limit of ["timeoutMs", "runTimeoutMs"] as const) {
        let items = 0;
        let code: unknown;
        // On a busy machine, the first item may take long.
        for (let ms = 40; items === 0; ms *= 4) {
          const stream = executor.stream(
            { do: "slowItems", value: 1e6 },
            { [limit]: ms },
          );
          const error = await rejection((async () => {
            for await (const _ of stream) items++;
          })());
          code = error.code;
        }
        assertEquals(
          code,
          limit === "timeoutMs" ? "TASK_TIMEOUT" : "RUN_TIMEOUT",
        );
      }
      await until(
        async () => (await run(executor, "seen") as string[]).includes("left"),
        "the handlers clean up",
      );
    },
  ),
  executorCase(
    "close waits for a stream that is read",
    {},
    async (executor) => {
      const stream = executor.stream({ do: "slowItems", value: 20 }, {
        buffer: 2,
      });
      const first = await stream.next();
      let isClosed = false;
      const closed = executor.close().then(() => isClosed = true);
      const rest: unknown[] = [first.value];
      for await (const item of stream) {
        assertEquals(isClosed, false);
        rest.push(item);
      }
      assertEquals(rest, Array.from({ length: 20 }, (_, at) => ({ at })));
      await closed;
    },
  ),
  executorCase("a broadcast that is given up rejects with the reason", {
    maxWorkers: 2,
  }, async (executor) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    await executor.warm();
    const all = rejection(executor.broadcast(
      { do: "untilAborted", value: "b" },
      { signal: controller.signal },
    ));
    // A worker starts its tasks in order: when this one ends, that one has started.
    await executor.broadcast({ do: "echo" });
    controller.abort(reason);
    assertStrictEquals(await all, reason);
    // A worker that started later has seen nothing.
    let told: unknown[] = [];
    await until(async () => {
      told = (await executor.broadcast({ do: "aborts" })).flat();
      return told.length > 0;
    }, "the handler's abort");
    assertEquals([...new Set(told)], ["b: enough"]);
  }),
  executorCase("a broadcast is given up though no worker is there yet", {
    init: { buildForEver: true },
  }, async (executor) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const aborted = rejection(
      executor.broadcast(1, { signal: controller.signal }),
    );
    const late = rejection(executor.broadcast(1, { timeoutMs: 5 }));
    controller.abort(reason);
    assertStrictEquals(await aborted, reason);
    assertEquals((await late).code, "TASK_TIMEOUT");
  }),
  executorCase("a broadcast to several workers moves nothing", {
    maxWorkers: 2,
  }, async (executor) => {
    const bytes = new ArrayBuffer(8);
    const { code, message } = await rejection(
      executor.broadcast(bytes, { transfer: [bytes] }),
    );
    assertEquals([code, bytes.byteLength], ["INVALID_OPTION", 8]);
    assert(message.startsWith("options.transfer of a broadcast"), message);
  }),
];
