import { assert, assertEquals } from "@std/assert";
import { createExecutor } from "../../src/executor/executor.ts";
import { PendingTask, TaskQueue } from "../../src/executor/task_queue.ts";
import type { ExecutorKind } from "../../src/executor/types.ts";
import { createTestHandler } from "../../src/testing/executor_handler.ts";
import { executorWorkerCode } from "../../src/testing/executor_worker.gen.ts";

const scale = Number(Deno.env.get("CORTEX_TEST_SCALE") ?? 0.05);
const seed = Number(Deno.env.get("CORTEX_TEST_SEED") ?? Date.now() % 1e9);

function generator(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Names the seed of a failure, by which it can be replayed. */
async function seeded(test: () => void | Promise<void>): Promise<void> {
  try {
    await test();
  } catch (cause) {
    throw new Error(`replay with CORTEX_TEST_SEED=${seed}: ${cause}`, {
      cause,
    });
  }
}

async function chaos(kind: ExecutorKind, tasks: number): Promise<void> {
  const random = generator(seed);
  const isWorker = kind !== "inline";
  const executor = createExecutor({
    worker: { code: executorWorkerCode },
    inline: () => createTestHandler,
    kinds: [kind],
    maxWorkers: isWorker ? 2 : 1,
    concurrencyPerWorker: 8,
    maxQueue: 200,
  });
  let settled = 0;
  const codes = new Set([
    "WORKER_LOST",
    "NOT_CLONEABLE",
    "QUEUE_FULL",
    "EXECUTOR_CLOSED",
  ]);
  const running: Promise<void>[] = [];
  for (let at = 0; at < tasks; at++) {
    const dice = random();
    const signal = random() < 0.2
      ? AbortSignal.timeout(Math.floor(random() * 4))
      : undefined;
    const [name, value] = isWorker && dice < 0.002
      ? ["exit", "Deno"]
      : dice < 0.1
      ? ["throw", "store"]
      : dice < 0.15
      ? ["echo", () => 1]
      : dice < 0.3
      ? ["sleep", random() * 4]
      : dice < 0.31
      ? ["array", 10_000]
      : dice < 0.5
      ? ["asyncEcho", at]
      : ["echo", at];
    running.push(
      executor.run({ do: name, value }, { signal }).then(
        (result) => {
          settled++;
          if (name === "echo" || name === "asyncEcho") assertEquals(result, at);
        },
        (error) => {
          settled++;
          assert(
            codes.has(error.code) || error.code === "STORE_CORRUPT" ||
              signal?.aborted && error === signal.reason,
            `${name}: ${error}`,
          );
        },
      ),
    );
    if (random() < 0.05) await Promise.race(running.slice(-3));
    if (random() < 0.01) await Promise.all(running.splice(0));
  }
  await executor.close();
  await Promise.all(running);
  const stats = executor.stats();
  assertEquals([settled, stats.submitted, stats.settled], [
    tasks,
    tasks,
    tasks,
  ]);
}

for (const kind of ["inline", "web-worker"] as const) {
  Deno.test({
    name: `whatever happens to tasks, each settles once (${kind})`,
    // Signals made by AbortSignal.timeout outlive the test by some milliseconds.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => seeded(() => chaos(kind, Math.ceil(40_000 * scale))),
  });
}

Deno.test("executors opened and closed leave nothing behind", async () => {
  for (let round = 0; round < 5; round++) {
    await Promise.all(
      Array.from({ length: Math.ceil(20 * scale) }, async (_, at) => {
        await using executor = createExecutor({
          worker: { code: executorWorkerCode },
        });
        assertEquals(await executor.run({ do: "echo", value: at }), at);
      }),
    );
  }
});

Deno.test("the queue is first in, first out, whatever is taken out of it", () =>
  seeded(() => {
    const random = generator(seed);
    const queue = new TaskQueue();
    let model: PendingTask[] = [];
    for (let at = 0; at < Math.ceil(200_000 * scale); at++) {
      const dice = random();
      // Grows and shrinks in turns, so that both ends are met.
      const growing = Math.floor(at / 4000) % 2 === 0;
      if (dice < (growing ? 0.6 : 0.2)) {
        const task = new PendingTask(
          at,
          at,
          0,
          undefined,
          undefined,
          () => {},
          () => {},
        );
        queue.push(task);
        model.push(task);
      } else if (dice < (growing ? 0.7 : 0.5)) {
        const task = queue.shift();
        assert(task === model.shift(), `wrong task at step ${at}`);
        if (task) task.state = "running";
      } else if (model.length > 0) {
        const task = model[Math.floor(random() * model.length)]!;
        task.state = "settled";
        queue.remove(task);
        model = model.filter((other) => other !== task);
      }
      assertEquals(queue.size, model.length);
    }
  }));
