import { assert, assertEquals } from "@std/assert";
import { createExecutor } from "../../src/executor/executor.ts";
import { PendingTask, TaskQueue } from "../../src/executor/task_queue.ts";
import type { ExecutorKind, RunOptions } from "../../src/executor/types.ts";
import { createTestHandler } from "../../src/testing/executor_handler.ts";
import { executorWorkerCode } from "../../src/testing/executor_worker.gen.ts";
import { deno, pathOf } from "../../tools/command.ts";

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

/** What a task of the chaos does. */
function choose(
  random: () => number,
  at: number,
  isWorker: boolean,
): [name: string, value: unknown] {
  const dice = random();
  if (isWorker && dice < 0.001) return ["exit", "Deno"];
  if (isWorker && dice < 0.0012) return ["block", 60_000];
  if (dice < 0.05) return ["throw", "store"];
  if (dice < 0.07) return ["echo", () => 1];
  if (dice < 0.2) return ["sleep", random() * 4];
  if (dice < 0.202) return ["huge", 1 << 20];
  if (dice < 0.21) return ["array", 10_000];
  return [dice < 0.4 ? "asyncEcho" : dice < 0.7 ? "small" : "echo", at];
}

async function chaos(kind: ExecutorKind, tasks: number): Promise<void> {
  const random = generator(seed);
  const isWorker = kind !== "inline";
  const executor = createExecutor({
    worker: { code: executorWorkerCode },
    inline: () => createTestHandler,
    kinds: [kind],
    maxWorkers: isWorker ? 2 : 1,
    concurrencyPerWorker: 64,
    maxQueue: 400,
    maxTasksPerWorker: 20_000,
  });
  const codes = new Set([
    "WORKER_LOST",
    "NOT_CLONEABLE",
    "QUEUE_FULL",
    "TASK_TIMEOUT",
    "RUN_TIMEOUT",
    "STORE_CORRUPT",
  ]);
  let settled = 0;
  const running = new Set<Promise<void>>();
  for (let at = 0; at < tasks; at++) {
    const [name, value] = choose(random, at, isWorker);
    const signal = random() < 0.1
      ? AbortSignal.timeout(Math.floor(random() * 4))
      : undefined;
    const options: RunOptions = { signal };
    if (random() < 0.05) options.timeoutMs = 1 + Math.floor(random() * 20);
    if (random() < 0.05) options.runTimeoutMs = 1 + Math.floor(random() * 20);
    if (random() < 0.1) options.key = Math.floor(random() * 5);
    if (random() < 0.1) options.affinity = Math.floor(random() * 5);
    if (random() < 0.1) options.priority = Math.floor(random() * 5) - 2;
    if (random() < 0.1) options.idempotent = true;
    if (name === "block") options.runTimeoutMs = 20;
    if (name === "block" || random() < 0.05) options.hardAbort = 10;
    const text = name === "huge" ? "x".repeat(value as number) : undefined;
    const task = name === "small"
      ? value
      : { do: text ? "echo" : name, value: text ?? value };
    const promise = executor.run(task, options).then(
      (result) => {
        settled++;
        if (text) assert(result === text);
        else if (["small", "echo", "asyncEcho"].includes(name)) {
          assertEquals(result, at);
        }
      },
      (error) => {
        settled++;
        assert(
          codes.has(error.code) || signal?.aborted && error === signal.reason,
          `${name}: ${error}`,
        );
      },
    );
    const tracked = promise.finally(() => running.delete(tracked));
    running.add(tracked);
    if (running.size > 300) await Promise.race([...running].slice(0, 3));
    if (random() < 0.002) await Promise.all(running);
  }
  await executor.drain();
  await executor.close();
  await Promise.all(running);
  const stats = executor.stats();
  assertEquals(
    [settled, stats.submitted, stats.settled],
    [tasks, tasks, tasks],
  );
  assertEquals([stats.queued, stats.inFlight, stats.workers], [0, 0, 0]);
}

for (const kind of ["inline", "web-worker"] as const) {
  Deno.test({
    name: `whatever happens to tasks, each settles once (${kind})`,
    // Signals made by AbortSignal.timeout outlive the test by some milliseconds.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => seeded(() => chaos(kind, Math.ceil(100_000 * scale))),
  });
}

Deno.test("executors opened and closed leave nothing behind", async () => {
  const perRound = Math.ceil(20 * scale);
  // In a process of its own: the memory of this one is other tests', too.
  const { code, stdout, stderr } = await deno([
    "run",
    "-A",
    pathOf("tests/executor/leak_process.ts"),
    `${perRound}`,
  ], { quiet: true });
  assertEquals(code, 0, stderr);
  const memory: number[] = JSON.parse(stdout);
  // A worker takes 8 MB; what the first rounds took is used again, sooner or later.
  const grown = Math.min(...memory.slice(-3)) - memory[1]!;
  assert(grown < 2 * perRound + 20, `memory grew by ${grown} MB: ${memory}`);
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
