/** The types of an executor. It runs tasks with a handler, here or in a worker, and knows nothing of Convex. */
import type {
  CreateHandler,
  ErrorData,
  StartedWorker,
  TaskHandler,
  WorkerSource,
} from "./handler_types.ts";
import type { ExecutorStats } from "./stats_types.ts";

export type {
  CreateHandler,
  ErrorData,
  HandlerHost,
  StartedWorker,
  TaskContext,
  TaskHandler,
  WorkerSource,
} from "./handler_types.ts";
export type { ExecutorStats, TimeSummary } from "./stats_types.ts";

/** Where a handler runs. */
export type ExecutorKind = "web-worker" | "worker-threads" | "inline";

/** Defaults for every task of an executor; each task may override them. */
export interface TaskDefaults {
  /**
   * Time from submission after which the task rejects with `TASK_TIMEOUT`, in ms, 1 to 2 147 483 647. Default: none.
   */
  timeoutMs?: number | undefined;
  /**
   * Time from the start of execution after which the task rejects with `RUN_TIMEOUT`, in ms, 1 to 2 147 483 647.
   * Default: none. Costs one more message per task.
   */
  runTimeoutMs?: number | undefined;
  /**
   * What to do about a handler that keeps running after its task was given up. `true` replaces its worker after 100 ms,
   * a number (0 to 2 147 483 647) after that many ms. Other tasks that had begun there reject with `WORKER_LOST`,
   * unless they are `idempotent`; those not yet begun go to another worker. Default false: only the handler's signal is
   * aborted. Without shared memory, a worker asks before it begins what follows such a task with a signal or a time
   * limit. No effect inline, where nothing can be ended.
   */
  hardAbort?: boolean | number | undefined;
  /** True if running the task twice does no harm: if its worker dies, it runs again, twice at most. Default false. */
  idempotent?: boolean | undefined;
  /** Higher goes first; a whole number from -100 to 100. Default 0. Every eighth turn goes to the oldest task. */
  priority?: number | undefined;
}

/** Options of `createExecutor`, with at least one of `worker`, `source`, `handler` and `inline`. */
export interface ExecutorOptions extends TaskDefaults {
  /**
   * The worker's code, whose module calls `serveWorker`: a URL, a source, or a function that returns a source or starts
   * the worker itself (`() => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" })`). A function
   * that returns a source is called once, before the first worker starts.
   */
  worker?:
    | string
    | URL
    | WorkerSource
    | (() => WorkerSource | StartedWorker | Promise<WorkerSource>)
    | undefined;
  /**
   * Text of a self-contained ES module that exports the handler as `default`, or a `createHandler`. Needs no file and
   * no permission. Also runs inline, where the host imports `data:` modules.
   */
  source?: string | undefined;
  /**
   * The handler: the absolute URL of a module that exports it as `default`, or a `createHandler`; or a function that
   * uses nothing but its arguments and globals, because workers start from its source text.
   */
  handler?: string | URL | TaskHandler | undefined;
  /** Builds the handler on this thread. Without it, a `worker` has no fallback: a refused worker is an error. */
  inline?: (() => CreateHandler | Promise<CreateHandler>) | undefined;
  /** Passed to every `CreateHandler`; must be cloneable. */
  init?: unknown | undefined;
  /**
   * Workers that start with the first task (or `warm()`) and stay when idle, 0 to `maxWorkers`. Default 0. The first
   * one starts alone, the others a few ms after it is ready, so that the first result need not wait for them. One that
   * dies is replaced. Where an idle worker keeps the process alive (Deno), they end when idle like the others.
   */
  minWorkers?: number | undefined;
  /** Most workers, 1 to 1024. Default 1. More start when more tasks wait than there are workers. */
  maxWorkers?: number | undefined;
  /**
   * Most tasks that a worker holds at once, 1 to 1 000 000. Default 1024. With several workers, tasks that keep their
   * thread busy are handed over only as fast as it finishes them, about 2 ms' worth at a time, and none while one has
   * held it for 10 ms. A task that was given up
   * counts until its handler ends; where no other worker can take over (stateful, or inline), for `readyTimeoutMs`.
   */
  concurrencyPerWorker?: number | undefined;
  /** Most tasks that wait, 1 to 1 000 000 000; `whenFull` says what happens to more. Default 65 536. */
  maxQueue?: number | undefined;
  /** `"reject"` (default) rejects tasks beyond `maxQueue` with `QUEUE_FULL`; `"wait"` accepts them: see `room()`. */
  whenFull?: "reject" | "wait" | undefined;
  /**
   * Idle time after which a stateless worker ends, in ms, 0 to 2 147 483 647. Default 5000; 200 where an idle worker
   * keeps the process alive (Deno, whose Web Worker has no `unref`). A worker that only abandoned tasks hold is idle,
   * and ends even if it is one of `minWorkers`. So is, with shared memory, one whose thread an abandoned task keeps from
   * beginning the tasks that it got; they go elsewhere.
   */
  idleTimeoutMs?: number | undefined;
  /** Tasks after which a worker is replaced by a fresh one, 1 to 1 000 000 000. Default: never. */
  maxTasksPerWorker?: number | undefined;
  /**
   * Time limit for a worker's first sign of life, in ms, 1 to 2 147 483 647. Default 10 000. Building the handler is
   * not limited, because opening a large file takes as long as it takes. A worker that is closing while its handler is
   * being built, or while it is held by an abandoned task, has this long before it is ended. A stateful or inline worker
   * is not ended: after this long, other tasks may take the place of an abandoned one.
   */
  readyTimeoutMs?: number | undefined;
  /**
   * A single worker that holds state: never ended for being idle, duplicated or moved. It keeps the process alive until
   * `close`. Default false.
   */
  stateful?: boolean | undefined;
  /**
   * True: tasks run on this thread while the first worker is starting. Default false: they wait for it. No effect if
   * stateful, or without a handler for this thread.
   */
  inlineWhileStarting?: boolean | undefined;
  /** Memory limits of a worker, on hosts that have them (Node); no effect elsewhere. */
  resourceLimits?: {
    /** Heap of long-lived objects, in MB. */
    maxOldGenerationSizeMb?: number | undefined;
    /** Heap of short-lived objects, in MB. */
    maxYoungGenerationSizeMb?: number | undefined;
    /** Memory for generated code, in MB. */
    codeRangeSizeMb?: number | undefined;
    /** Stack, in MB. */
    stackSizeMb?: number | undefined;
  } | undefined;
  /** Name of the workers, shown in debuggers and errors. Default: none. */
  name?: string | undefined;
  /** Aborting it closes the executor by force. */
  signal?: AbortSignal | undefined;
  /**
   * Whether small values go through shared memory, with both sides spinning for some 100 µs before they sleep. `"auto"`
   * (default): where the host has shared memory, and as long as measurement shows that it pays. `"off"`: plain
   * messages.
   */
  sharedMemory?: "auto" | "off" | undefined;
  /** Which hosts to try, in order. Default: whatever this runtime has, then inline. */
  kinds?: readonly ExecutorKind[] | undefined;
  /** Rebuilds errors of classes that the executor does not know. */
  reviveError?: ((data: ErrorData) => Error | undefined) | undefined;
  /** Called once when a stateful worker has died, with the error that calls in flight got. */
  onLost?: ((error: Error) => void) | undefined;
}

/** Options of one task; the executor's options supply the defaults. */
export interface RunOptions extends TaskDefaults {
  /** Aborting it gives up the task: a waiting task is removed, a running one is told through its own signal. */
  signal?: AbortSignal | undefined;
  /**
   * Objects inside the task that are moved to the handler instead of being copied: `ArrayBuffer`s, and whatever else
   * the host can move, such as a `MessagePort` or, except on Bun, a `ReadableStream`. They are empty here afterwards.
   */
  transfer?: readonly object[] | undefined;
  /**
   * Tasks with the same affinity go to the same worker as long as it lives. They keep their place among the others by
   * priority and age. No effect with one worker. Default: none.
   */
  affinity?: string | number | undefined;
  /**
   * Tasks with the same key run one after another, in call order. The next one waits until the handler of one that was
   * given up ends, but not longer than `readyTimeoutMs`. Default: none.
   */
  key?: string | number | undefined;
}

/** Options of one stream. */
export interface StreamOptions extends RunOptions {
  /** How many items the handler may be ahead of the reader, 1 to 1 000 000. Default 64. */
  buffer?: number | undefined;
}

/** The events of an executor. */
export interface ExecutorEvents {
  /** A worker is ready. */
  ready: { kind: ExecutorKind };
  /** A worker died. */
  lost: { error: Error };
  /** A worker ended because it was idle, had reached its `maxTasksPerWorker`, or was closed. */
  ended: { kind: ExecutorKind };
  /** A kind of worker was refused. */
  refused: { error: Error };
  /** A task was rejected, or has to wait for room in the queue. */
  full: { queued: number };
  /** The last pending task was settled. */
  drained: { settled: number };
}

/** What `stream` yields of a handler's result: the items of an iterable, awaited; anything else is the only item. */
export type ItemOf<Result> = Result extends string ? Result
  : Result extends AsyncIterable<infer Item> | Iterable<infer Item>
    ? Awaited<Item>
  : Result;

/** Runs tasks with a handler. */
export interface Executor<Task = unknown, Result = unknown>
  extends AsyncDisposable {
  /** Where tasks run; known after the first task or `warm()`. */
  readonly kind: ExecutorKind | undefined;
  /** Why a better kind was refused, if it was. */
  readonly refusal: Error | undefined;
  /**
   * Runs one task and returns its result. Rejects with the handler's error, rebuilt, or with the signal's reason.
   *
   * The task is read when it is sent, at the earliest at the end of the current microtask: do not change it until then.
   * It is read again if its worker dies before it begins, or if it is `idempotent`. Tasks started together travel in
   * one message, yet share no objects with one another.
   *
   * An error also carries the caller's stack; in a burst, only for the first 64 tasks.
   *
   * @throws {ExecutorError} `QUEUE_FULL`, `NOT_CLONEABLE`, `TASK_TIMEOUT`, `RUN_TIMEOUT`, `WORKER_REFUSED`,
   * `INVALID_OPTION` or `EXECUTOR_CLOSED`.
   * @throws {WorkerLostError} `WORKER_LOST`: the worker died after the task had begun.
   *
   * @example
   * ```ts
   * import { createExecutor } from "@cortex/memory/executor";
   * import { assertEquals, assertRejects } from "@std/assert";
   *
   * await using executor = createExecutor({
   *   handler: (text: string) => JSON.parse(text) as unknown,
   * });
   * assertEquals(await executor.run("[1, 2]", { timeoutMs: 500 }), [1, 2]);
   * await assertRejects(() => executor.run("[1, 2"), SyntaxError);
   * ```
   */
  run(task: Task, options?: RunOptions): Promise<Result>;
  /**
   * Runs one task whose handler returns an iterable, such as a generator, and yields its items one by one. The handler
   * is at most `buffer` items ahead. It starts with the first `next()`; leaving the loop aborts it. The iterator rejects
   * as {@link run} does, after the items that came before.
   *
   * @throws {ExecutorError} `INVALID_OPTION`, at once.
   *
   * @example
   * ```ts
   * import { createExecutor } from "@cortex/memory/executor";
   * import { assertEquals } from "@std/assert";
   *
   * await using executor = createExecutor({
   *   handler: function* (n: number) {
   *     for (let i = 0; i < n; i++) yield i;
   *   },
   * });
   * assertEquals(await Array.fromAsync(executor.stream(3)), [0, 1, 2]);
   * ```
   */
  stream(
    task: Task,
    options?: StreamOptions,
  ): AsyncIterableIterator<ItemOf<Result>>;
  /**
   * Runs one task on every current worker (starting one if there is none) and returns all results. Each gets a copy:
   * `transfer` is refused with more than one of `maxWorkers`. Rejects as {@link run} does, with the first error; tasks on
   * other workers go on.
   *
   * @example
   * ```ts
   * import { createExecutor } from "@cortex/memory/executor";
   * import { assertEquals } from "@std/assert";
   *
   * await using executor = createExecutor({ handler: (text: string) => text.length });
   * assertEquals(await executor.broadcast("hello"), [5]);
   * ```
   */
  broadcast(task: Task, options?: RunOptions): Promise<Result[]>;
  /**
   * Starts a worker (and `minWorkers`) now instead of with the first task. Resolves once a handler is built.
   *
   * @throws {Error} The error of building the handler.
   * @throws {ExecutorError} `WORKER_REFUSED` or `EXECUTOR_CLOSED`.
   *
   * @example
   * ```ts
   * import { createExecutor } from "@cortex/memory/executor";
   * import { assertEquals } from "@std/assert";
   *
   * await using executor = createExecutor({ handler: (n: number) => n + 1 });
   * assertEquals(executor.kind, undefined); // nothing has run yet
   * await executor.warm();
   * assertEquals(executor.kind, "web-worker"); // on Deno
   * ```
   */
  warm(): Promise<void>;
  /**
   * Resolves when fewer than `maxQueue` tasks wait, or when the executor no longer accepts any.
   *
   * @example
   * ```ts
   * import { createExecutor } from "@cortex/memory/executor";
   *
   * await using executor = createExecutor({ handler: (n: number) => n ** 2, maxQueue: 100 });
   * const running = new Set<Promise<number>>();
   * for (let n = 0; n < 1000; n++) {
   *   await executor.room(); // otherwise the 101st waiting task would reject with QUEUE_FULL
   *   running.add(executor.run(n));
   * }
   * await Promise.all(running);
   * ```
   */
  room(): Promise<void>;
  /**
   * Resolves when no task waits or runs, including those submitted meanwhile.
   *
   * @example
   * ```ts
   * import { createExecutor } from "@cortex/memory/executor";
   * import { assertEquals } from "@std/assert";
   *
   * await using executor = createExecutor({ handler: (page: string) => page.toUpperCase() });
   * for (const page of ["title", "text"]) executor.run(page).then(console.log);
   * await executor.drain();
   * assertEquals(executor.stats().settled, 2);
   * ```
   */
  drain(): Promise<void>;
  /**
   * Returns counters and times.
   *
   * @example
   * ```ts
   * import { createExecutor } from "@cortex/memory/executor";
   * import { assertEquals } from "@std/assert";
   *
   * await using executor = createExecutor({ handler: (n: number) => n / 2 });
   * await executor.run(6);
   * const { settled, queued, run } = executor.stats();
   * assertEquals([settled, queued], [1, 0]);
   * console.log(`the slowest took ${run.max} ms`);
   * ```
   */
  stats(): ExecutorStats;
  /**
   * Calls the listener at each event of this name; the returned function stops that. An error thrown by a listener
   * reaches the host's handler of uncaught errors.
   *
   * @throws {ExecutorError} `INVALID_OPTION` for an unknown event, or a listener that is not a function.
   *
   * @example
   * ```ts
   * import { createExecutor } from "@cortex/memory/executor";
   * import { assertEquals } from "@std/assert";
   *
   * await using executor = createExecutor({ handler: (n: number) => n });
   * const settled: number[] = [];
   * const stop = executor.on("drained", (event) => settled.push(event.settled));
   * await Promise.all([executor.run(1), executor.run(2)]);
   * stop();
   * await executor.run(3);
   * assertEquals(settled, [2]);
   * ```
   */
  on<Name extends keyof ExecutorEvents>(
    name: Name,
    listener: (event: ExecutorEvents[Name]) => void,
  ): () => void;
  /**
   * Waits for tasks in flight, closes each handler, then ends the workers. Later tasks reject with `EXECUTOR_CLOSED`.
   * `force` waits for nothing: tasks reject with `EXECUTOR_CLOSED`, and workers end at once; it also overtakes an
   * earlier close that is still waiting. Abandoned tasks are not waited for; a worker held by one is ended after
   * `readyTimeoutMs`. Once all workers are gone, rejects with the error of closing a handler, or with an
   * `AggregateError` of several.
   *
   * @example
   * ```ts
   * import { createExecutor } from "@cortex/memory/executor";
   * import { assertRejects } from "@std/assert";
   *
   * const executor = createExecutor({ handler: () => new Promise(() => {}) });
   * const stuck = executor.run("a task that never ends");
   * executor.close({ force: true });
   * await assertRejects(() => stuck, Error, "closed");
   * ```
   */
  close(options?: { force?: boolean }): Promise<void>;
}
