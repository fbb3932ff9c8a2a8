import { assert, assertEquals } from "@std/assert";
import { createExecutor } from "../../executor/executor.ts";
import type {
  Executor,
  ExecutorKind,
  RunOptions,
} from "../../executor/types.ts";
import { createTestHandler } from "./handler.ts";
import { waysToEnd } from "./subject.ts";
import { executorWorkerCode } from "./worker_from_task_setup.gen.ts";
import type { Random } from "../support/random.ts";
import { pause } from "../support/pause.ts";

/** Chooses what a task does. */
function choose(
  random: () => number,
  at: number,
  isWorker: boolean,
  isOver: Int32Array,
): [name: string, value: unknown] {
  const dice = random();
  if (isWorker && dice < 0.001) return ["exit", waysToEnd()[0]];
  if (isWorker && dice < 0.0012) {
    return ["block", { ms: 60_000, until: isOver }];
  }
  if (dice < 0.05) return ["throw", "store"];
  if (dice < 0.07) return ["echo", () => 1];
  if (dice < 0.2) return ["sleep", random() * 4];
  if (dice < 0.202) return ["huge", 1 << 20];
  if (dice < 0.21) return ["array", 10_000];
  if (dice < 0.24) return ["items", Math.floor(random() * 200)];
  if (dice < 0.25) return ["slowItems", Math.floor(random() * 5)];
  if (dice < 0.26) return ["bytes", 1 << Math.floor(random() * 18)];
  if (dice < 0.35) return ["bump", at];
  return [dice < 0.45 ? "asyncEcho" : dice < 0.7 ? "small" : "echo", at];
}

/**
 * Runs many tasks that throw, hang, kill their worker, are too large, of a wrong kind or aborted, with random options.
 * Fails unless each settles once, in an allowed way, none runs twice that must not, tasks of a key run in order, the
 * counters add up and nothing is left.
 */
export async function chaos(
  kind: ExecutorKind,
  tasks: number,
  { below }: Random,
): Promise<void> {
  const random = () => below(2 ** 30) / 2 ** 30;
  const isWorker = kind !== "inline";
  const executor = createExecutor({
    worker: { code: executorWorkerCode },
    inline: () => createTestHandler,
    kinds: [kind],
    maxWorkers: 2,
    concurrencyPerWorker: [16, 64, 1024][below(3)],
    maxQueue: 400,
    whenFull: below(2) ? "wait" : "reject",
    maxTasksPerWorker: [2000, 20_000][below(2)],
    idleTimeoutMs: 5,
    sharedMemory: below(3) ? "auto" : "off",
  });
  const isForced = below(2) === 1;
  // Deno does not interrupt workers that it terminates, so blocked ones would go on.
  const isOver = new Int32Array(new SharedArrayBuffer(4));
  const runs = new Int32Array(new SharedArrayBuffer(4 * tasks));
  const once: number[] = [];
  const lastOfKey = new Map<unknown, number>();
  let settled = 0;
  let isEnding = false;
  const running = new Set<Promise<void>>();
  for (let at = 0; at < tasks; at++) {
    const [name, value] = choose(random, at, isWorker, isOver);
    const signal = random() < 0.1
      ? AbortSignal.timeout(Math.floor(random() * 4))
      : undefined;
    const options = chooseOptions(random, name, signal);
    const isStream = name.endsWith("tems");
    if (name === "bump" && !options.idempotent) once.push(at);
    const settling = isStream
      ? readSome(executor, name, value, options, random)
      : runOne(
        executor,
        at,
        name,
        name === "bump" ? runs.subarray(at, at + 1) : value,
        options,
      );
    const promise = settling.then(
      () => {
        settled++;
        const { key } = options;
        // The last items of a stream may be read long after its task has ended.
        if (key === undefined || isStream) return;
        const last = lastOfKey.get(key) ?? -1;
        assert(last < at, `${at} of key ${key} after ${last}`);
        lastOfKey.set(key, at);
      },
      (error) => {
        settled++;
        if (signal?.aborted && error === signal.reason) return;
        if (isEnding && error.code === "EXECUTOR_CLOSED") return;
        if (!CODES.has(error.code)) throw error;
      },
    );
    const tracked = promise.finally(() => running.delete(tracked));
    running.add(tracked);
    if (running.size > 300) await Promise.race([...running].slice(0, 3));
    if (random() < 0.002) await Promise.all(running);
    // About as long as the idle timeout of a worker.
    if (random() < 0.0005) await pause(random() * 10);
  }
  if (!isForced) await executor.drain();
  isEnding = true;
  await executor.close({ force: isForced });
  Atomics.store(isOver, 0, 1);
  await Promise.all(running);
  const stats = executor.stats();
  assertEquals(
    [settled, stats.submitted, stats.settled],
    [tasks, tasks, tasks],
  );
  assertEquals([stats.queued, stats.inFlight, stats.workers], [0, 0, 0]);
  assertEquals(once.filter((at) => runs[at]! > 1), [], "tasks ran twice");
}

const CODES: ReadonlySet<string> = new Set([
  "WORKER_LOST",
  "NOT_CLONEABLE",
  "QUEUE_FULL",
  "TASK_TIMEOUT",
  "RUN_TIMEOUT",
  "STORE_CORRUPT",
]);

function chooseOptions(
  random: () => number,
  name: string,
  signal: AbortSignal | undefined,
): RunOptions {
  const options: RunOptions = { signal };
  if (random() < 0.05) options.timeoutMs = 1 + Math.floor(random() * 20);
  if (random() < 0.05) options.runTimeoutMs = 1 + Math.floor(random() * 20);
  if (random() < 0.1) options.key = Math.floor(random() * 5);
  if (random() < 0.1) options.affinity = Math.floor(random() * 5);
  if (random() < 0.1) options.priority = Math.floor(random() * 5) - 2;
  if (random() < 0.1) options.idempotent = true;
  if (name === "block") options.runTimeoutMs = 20;
  if (name === "block" || random() < 0.05) options.hardAbort = 10;
  return options;
}

async function runOne(
  executor: Executor,
  at: number,
  name: string,
  value: unknown,
  options: RunOptions,
): Promise<void> {
  if (name === "bytes") {
    const bytes = new Uint8Array(value as number).fill(at);
    const task = { do: "echo", value: bytes };
    const back = await executor.run(task, {
      ...options,
      transfer: [bytes.buffer],
    }) as Uint8Array;
    return assertEquals([back.length, back[0]], [value, at & 255]);
  }
  const text = name === "huge" ? "x".repeat(value as number) : undefined;
  const task = name === "small"
    ? value
    : { do: text ? "echo" : name, value: text ?? value };
  const result = await executor.run(task, options);
  if (text) assert(result === text, "another text");
  else if (["small", "echo", "asyncEcho"].includes(name)) {
    assertEquals(result, at);
  }
}

/** Reads a stream to its end, or abandons it. */
async function readSome(
  executor: Executor,
  name: string,
  value: unknown,
  options: RunOptions,
  random: () => number,
): Promise<void> {
  const least = random() < 0.5 ? 1 + Math.floor(random() * 100) : Infinity;
  const buffer = 1 + Math.floor(random() * 50);
  let count = 0;
  for await (
    const item of executor.stream({ do: name, value }, { ...options, buffer })
  ) {
    const at = typeof item === "number" ? item : (item as { at: number }).at;
    assertEquals(at, count++);
    if (count >= least) return;
  }
  assertEquals(count, value);
}
