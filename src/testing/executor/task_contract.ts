import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  executorCase,
  type ExecutorSubject,
  rejection,
  run,
  sharedFlag,
  until,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** Tasks: values, batches, transfer, aborting, the queue. */
export const executorTaskContract: ContractCase<ExecutorSubject>[] = [
  executorCase(
    "values that can be cloned come back as they were",
    {},
    async (executor) => {
      const value = {
        list: [1, -0, NaN, Infinity, 2n ** 64n, null, undefined, "ü\u0000"],
        map: new Map<unknown, unknown>([["a", { b: [] }]]),
        date: new Date(5),
        bytes: new Uint8Array([1, 2, 3]),
      };
      assertEquals(await run(executor, "echo", value), value);
      const set = await run(executor, "echo", new Set([1, "a"]));
      assertEquals([...set as Set<unknown>], [1, "a"]);
      assertStrictEquals(await run(executor, "echo"), undefined);
      assertStrictEquals(await run(executor, "asyncEcho", "late"), "late");
    },
  ),
  executorCase(
    "a hundred tasks started together are one message",
    {},
    async (executor) => {
      const tasks = Array.from({ length: 100 }, (_, at) => at);
      const sums = await Promise.all(
        tasks.map((at) => run(executor, "add", [at, 1])),
      );
      assertEquals(sums, tasks.map((at) => at + 1));
      assertEquals(executor.stats().messages, 1);
      await Promise.all(tasks.map((at) => run(executor, "echo", at)));
      assertEquals(executor.stats().messages, 2);
    },
  ),
  executorCase(
    "tasks begin in the order of their calls",
    {},
    async (executor) => {
      const counts = await Promise.all(
        Array.from({ length: 50 }, () => run(executor, "count")),
      );
      assertEquals(counts, Array.from({ length: 50 }, (_, at) => at + 1));
    },
  ),
  executorCase(
    "tasks of one message share no object, and the caller's stays whole",
    {},
    async (executor) => {
      const list = [1, 2];
      const lengths = await Promise.all([
        run(executor, "mutate", { list }),
        run(executor, "mutate", { list }),
        run(executor, "mutate", { list }),
      ]);
      assertEquals(lengths, [3, 3, 3]);
      assertEquals(list, [1, 2]);
      assertEquals(executor.stats().messages, 1);
      const cause = { list: [1] };
      const causes = [1, 2].map(() => new Error("caused", { cause }));
      const caused = causes.map((error) => run(executor, "mutateCause", error));
      assertEquals(await Promise.all(caused), [2, 2]);
    },
  ),
  executorCase(
    "an object that a task holds twice is still one object",
    {},
    async (executor) => {
      const shared = { a: 1 };
      const [first, second] = await run(executor, "echo", [
        shared,
        shared,
      ]) as [object, object];
      assertStrictEquals(first, second);
    },
  ),
  executorCase("results share no object with one another or with the handler", {
    init: { value: [1] },
  }, async (executor) => {
    const [first, second] = await Promise.all([
      run(executor, "sameObject"),
      run(executor, "sameObject"),
    ]) as [{ value: number[] }, { value: number[] }];
    first.value.push(2);
    assertEquals(second.value, [1]);
    assertEquals(await run(executor, "init"), [1]);
  }),
  executorCase(
    "an array of a million elements comes back whole",
    {},
    async (executor) => {
      const list = await run(executor, "array", 1_000_000) as number[];
      assertEquals([list.length, list.at(-1)], [1_000_000, 999_999]);
    },
  ),
  executorCase(
    "bytes move to the handler instead of being copied",
    {},
    async (executor) => {
      const bytes = new ArrayBuffer(4096);
      const moved = run(executor, "byteLength", bytes, { transfer: [bytes] });
      const neighbour = run(executor, "echo", 1);
      assertEquals([await moved, await neighbour], [4096, 1]);
      assertEquals(bytes.byteLength, 0);
    },
  ),
  executorCase("bytes move back to the caller", {}, async (executor) => {
    const bytes = await run(executor, "allocate", 4096) as Uint8Array;
    assertEquals([bytes.length, bytes[4095]], [4096, 7]);
  }),
  executorCase(
    "bytes of any size that move both ways stay with their tasks",
    {},
    async (executor) => {
      const sizes = [8, 200_000, 1, 70_000, 200_000, 3, 65_536, 0];
      for (let round = 0; round < 2; round++) {
        const lengths = Promise.all(sizes.map((size) => {
          const bytes = new ArrayBuffer(size);
          return run(executor, "byteLength", bytes, { transfer: [bytes] });
        }));
        const made = Promise.all(
          sizes.map((size) =>
            run(executor, "allocate", size) as Promise<Uint8Array>
          ),
        );
        assertEquals(await lengths, sizes);
        assertEquals(
          (await made).map(({ length }) => length),
          sizes,
        );
      }
    },
  ),
  executorCase(
    "a handler may take signal and transfer out of its context",
    {},
    async (executor) => {
      const parts = await run(executor, "allocateTwo", 80_000);
      const [one, two] = parts as [Uint8Array, Uint8Array];
      assertEquals([one.length, one[0], two.length, two[79_999]], [
        80_000,
        1,
        80_000,
        2,
      ]);
    },
  ),
  executorCase(
    "bytes that moved away already make NOT_CLONEABLE, alone",
    {},
    async (executor) => {
      const bytes = new ArrayBuffer(8);
      const options = { transfer: [bytes] };
      const first = run(executor, "byteLength", bytes, options);
      const second = rejection(run(executor, "byteLength", bytes, options));
      assertEquals(await first, 8);
      assertEquals((await second).code, "NOT_CLONEABLE");
    },
  ),
  executorCase(
    "bytes that are to move twice make NOT_CLONEABLE",
    {},
    async (executor) => {
      const bytes = new ArrayBuffer(8);
      const transfer = [bytes, bytes];
      const error = await rejection(
        run(executor, "byteLength", bytes, { transfer }),
      );
      assertEquals(error.code, "NOT_CLONEABLE");
      assertEquals(bytes.byteLength, 8);
    },
  ),
  executorCase(
    "a result whose bytes cannot move makes NOT_CLONEABLE",
    {},
    async (executor) => {
      const error = await rejection(run(executor, "transferDetached"));
      assertEquals(error.code, "NOT_CLONEABLE");
      assertEquals(await run(executor, "echo", 1), 1);
    },
  ),
  executorCase(
    "a task that cannot be cloned names the path, and is alone to fail",
    {},
    async (executor) => {
      const [before, bad, after] = await Promise.allSettled([
        run(executor, "echo", 1),
        run(executor, "echo", { list: [0, { callback: () => 1 }] }),
        run(executor, "echo", 2),
      ]);
      assertEquals(before, { status: "fulfilled", value: 1 });
      assertEquals(after, { status: "fulfilled", value: 2 });
      assertNotCloneable(bad, "task.value.list[1].callback");
    },
  ),
  executorCase(
    "a result that cannot be cloned names the path, and is alone to fail",
    {},
    async (executor) => {
      const [bad, good] = await Promise.allSettled([
        run(executor, "returnFunction"),
        run(executor, "echo", 2),
      ]);
      assertEquals(good, { status: "fulfilled", value: 2 });
      assertNotCloneable(bad, "result.list[1].callback");
    },
  ),
  executorCase(
    "a signal that is aborted already rejects with its reason",
    {},
    async (executor) => {
      const signal = AbortSignal.abort(new TypeError("too late"));
      const error = await rejection(run(executor, "count", 0, { signal }));
      assertStrictEquals(error, signal.reason);
      assertEquals(await run(executor, "count"), 1);
    },
  ),
  executorCase("an abort before the start removes the task", {
    concurrencyPerWorker: 1,
  }, async (executor) => {
    const controller = new AbortController();
    const { signal } = controller;
    const first = run(executor, "sleep", 20);
    const second = rejection(run(executor, "count", 0, { signal }));
    const third = run(executor, "count");
    await pause(5);
    controller.abort();
    const error = await second;
    assertEquals(error.name, "AbortError");
    assertStrictEquals(error, signal.reason);
    await first;
    assertEquals(await third, 1);
  }),
  executorCase(
    "an abort after the start rejects at once and reaches the handler",
    {},
    async (executor) => {
      const controller = new AbortController();
      const { signal } = controller;
      const task = rejection(run(executor, "untilAborted", "a", { signal }));
      await run(executor, "echo");
      const reason = new RangeError("enough");
      controller.abort(reason);
      assertStrictEquals(await task, reason);
      assertEquals(await run(executor, "aborts"), ["a: enough"]);
    },
  ),
  executorCase(
    "an abort rejects though the handler never settles",
    {},
    async (executor) => {
      const controller = new AbortController();
      const { signal } = controller;
      const task = run(executor, "never", 0, { signal }).catch((e) => e);
      await run(executor, "echo");
      controller.abort("a text");
      assertEquals(await task, "a text");
      await executor.close();
    },
  ),
  executorCase(
    "an abort reaches a task that waits behind blocking ones",
    {},
    async (executor, subject) => {
      const controller = new AbortController();
      const { signal } = controller;
      const first = run(executor, "block", 20);
      // Until the abort was sent, if a blocked thread can learn that.
      const flag = subject.kind === "inline" ? undefined : sharedFlag();
      const second = run(executor, "block", {
        ms: flag ? 10_000 : 150,
        until: flag,
      });
      const third = rejection(run(executor, "block", 20, { signal }));
      await first;
      // Even on a machine this busy, the abort must not be late.
      const end = Date.now() + 12;
      while (Date.now() < end);
      controller.abort();
      assertEquals((await third).name, "AbortError");
      await pause(20);
      if (flag) Atomics.store(flag, 0, 1);
      await second;
      assertEquals(await run(executor, "count"), 3);
    },
  ),
  executorCase(
    "a signal has one listener, however many tasks it may give up",
    {},
    async (executor) => {
      const controller = new AbortController();
      const { signal } = controller;
      let listeners = 0;
      for (const name of ["addEventListener", "removeEventListener"]) {
        const original = Reflect.get(signal, name);
        Reflect.set(signal, name, (...args: unknown[]) => {
          listeners += name.startsWith("add") ? 1 : -1;
          return original.apply(signal, args);
        });
      }
      const gone = run(executor, "echo", 1, { signal });
      const never = [1, 2, 3].map(() =>
        rejection(run(executor, "never", 1, { signal }))
      );
      await gone;
      assertEquals(listeners, 1);
      controller.abort();
      for (const { name } of await Promise.all(never)) {
        assertEquals(name, "AbortError");
      }
      assertEquals(listeners, 0);
    },
  ),
  executorCase(
    "a slow task does not hold back the result of its neighbour",
    {},
    async (executor) => {
      const slow = run(executor, "block", 10).then(() =>
        run(executor, "echo", 0)
      );
      const slower = run(executor, "block", 80);
      const first = await Promise.race([
        slow.then(() => "neighbour"),
        slower.then(() => "slower"),
        run(executor, "block", 1).then(() => "later"),
      ]);
      assert(first !== "later", `${first} came first`);
      await Promise.all([slow, slower]);
    },
  ),
  executorCase("a full queue refuses with QUEUE_FULL and names the bound", {
    concurrencyPerWorker: 1,
    maxQueue: 2,
  }, async (executor) => {
    await executor.warm();
    const running = run(executor, "sleep", 10);
    const waiting = [run(executor, "echo", 1), run(executor, "echo", 2)];
    const error = await rejection(run(executor, "echo", 3));
    assertEquals([error.name, error.code], [
      "ExecutorError",
      "QUEUE_FULL",
    ]);
    assertEquals(error.data, { waiting: 2, maxQueue: 2 });
    assert(error.message.includes("maxQueue is 2"), error.message);
    await running;
    assertEquals(await Promise.all(waiting), [1, 2]);
    assertEquals(await run(executor, "echo", 4), 4);
  }),
  executorCase("a worker holds no more tasks than concurrencyPerWorker", {
    concurrencyPerWorker: 3,
  }, async (executor) => {
    const most = await Promise.all(
      Array.from({ length: 10 }, () => run(executor, "overlap")),
    );
    assertEquals(Math.max(...most as number[]), 3);
  }),
  executorCase(
    "timers of the handler keep running between tasks",
    {},
    async (executor) => {
      await run(executor, "startTicking");
      await until(
        async () => await run(executor, "ticks") === 3,
        "three ticks",
      );
    },
  ),
];

/** Fails unless a task was refused because the value at a path cannot be cloned. */
function assertNotCloneable(
  settled: PromiseSettledResult<unknown>,
  path: string,
): void {
  assert(settled.status === "rejected");
  const { name, code, data } = settled.reason;
  assertEquals([name, code, data.path], [
    "ExecutorError",
    "NOT_CLONEABLE",
    path,
  ]);
}
