/** What an executor is made of. It carries tasks to a handler, here or in a worker, and knows nothing of Convex. */

/** Where a handler runs. */
export type ExecutorKind = "web-worker" | "worker-threads" | "inline";

/** What a handler is told about the task that it runs. */
export interface TaskContext {
  /** Aborted, with the caller's reason, when the caller gives the task up. */
  readonly signal: AbortSignal;
  /**
   * Names objects inside the result that move to the caller instead of being copied, as `transfer` of a task does; they
   * are empty here afterwards.
   */
  transfer(...objects: object[]): void;
}

/**
 * Runs one task. Receives a signal that is aborted when the caller gives up. May return a promise. Its first parameter
 * may have the type of the tasks that are given: written as a method's type, which lets it.
 */
export type TaskHandler = {
  handle(task: unknown, context: TaskContext): unknown;
}["handle"];

/** Builds the handler once per worker from the options' `init` value. `close` is called before the worker ends. */
export type CreateHandler = (
  init: unknown,
) => HandlerHost | Promise<HandlerHost>;

/** A handler and what ends it. */
export interface HandlerHost {
  /** Runs one task. */
  handle: TaskHandler;
  /** Releases what the handler holds (files, sockets). */
  close?(): void | Promise<void>;
}

/** A worker that somebody started: a Web Worker or a `node:worker_threads` one. */
export interface StartedWorker {
  /** Sends a message. */
  postMessage(message: unknown): void;
  /** Ends it as it stands. */
  terminate(): unknown;
}

/** How the code of a worker is found. Its module calls `serveWorker`. */
export type WorkerSource =
  | {
    /** Text of a self-contained ES module, started from a `data:` or `blob:` URL. */ code:
      string;
  }
  | {
    /** Module that starts the worker's side; for a strict CSP or a bundler. */ url:
      | string
      | URL;
  }
  | {
    /** Makes the worker itself, for a bundler's `new Worker(new URL(...))`. */ create:
      () => unknown;
  };

/** Defaults that hold for every task of an executor; each task may say otherwise. */
export interface TaskDefaults {
  /** Time from submission after which the task rejects with `TASK_TIMEOUT`, in ms, 1 to 2 147 483 647. Default: none. */
  timeoutMs?: number;
  /**
   * Time from the start of its execution after which the task rejects with `RUN_TIMEOUT`, in ms, 1 to 2 147 483 647.
   * Default: none. A task with it costs one message more.
   */
  runTimeoutMs?: number;
  /**
   * What to do about a handler that goes on after its task was given up: `true` replaces its worker after 100 ms, a
   * number (0 to 2 147 483 647) after so many ms. Other tasks that had begun there reject with `WORKER_LOST`, unless
   * they are `idempotent`; those not begun go elsewhere. Default false: the handler is told by its signal, no more.
   * Where no memory is shared, a worker asks before it begins what follows such a task with a signal or a time limit.
   * Without effect inline, where nothing can be ended.
   */
  hardAbort?: boolean | number;
  /** True when running the task twice does no harm: it is run again, twice at most, if its worker dies. Default false. */
  idempotent?: boolean;
  /** Higher goes first, whole number from -100 to 100. Default 0. Every eighth turn is that of the oldest task. */
  priority?: number;
}

/** Options of `createExecutor`: one of `worker`, `source`, `handler` and `inline` at least. */
export interface ExecutorOptions extends TaskDefaults {
  /**
   * The worker's code, whose module calls `serveWorker`: a URL, a source, or a function that gives a source or starts
   * the worker itself (`() => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" })`). A function
   * that gives a source is asked once, before the first worker starts.
   */
  worker?:
    | string
    | URL
    | WorkerSource
    | (() => WorkerSource | StartedWorker | Promise<WorkerSource>);
  /**
   * Text of a self-contained ES module that exports the handler as `default`, or a `createHandler`. Needs no file and
   * no permission. Runs inline as well, where the host imports `data:` modules.
   */
  source?: string;
  /**
   * The handler: absolute URL of a module that exports it as `default`, or a `createHandler`; or a function that uses
   * nothing but its arguments and globals, since workers start from its text.
   */
  handler?: string | URL | TaskHandler;
  /** Builds the handler on this thread; absent with `worker`: no fallback, a refused worker is an error. */
  inline?: () => CreateHandler | Promise<CreateHandler>;
  /** Handed to every `CreateHandler`; must be cloneable. */
  init?: unknown;
  /**
   * Workers that start with the first task (or `warm()`) and do not end when idle, 0 to `maxWorkers`. Default 0. The
   * first one starts alone, the others a few ms after it is ready, so that the first result need not wait for them.
   * Where an idle worker keeps the process alive (Deno) they end all the same.
   */
  minWorkers?: number;
  /** Workers at most, 1 to 1024. Default 1. More start when more tasks wait than workers are there. */
  maxWorkers?: number;
  /**
   * Tasks a worker may hold at once, 1 to 1 000 000. Default 1024. Of tasks that keep their thread busy, only as many
   * are handed over as it finishes in about 2 ms, unless there is one worker only.
   */
  concurrencyPerWorker?: number;
  /** Tasks waiting at most, 1 to 1 000 000 000; what happens to more says `whenFull`. Default 65 536. */
  maxQueue?: number;
  /** `"reject"` (default) refuses tasks beyond `maxQueue` with `QUEUE_FULL`; `"wait"` takes them: see `room()`. */
  whenFull?: "reject" | "wait";
  /**
   * Idle time after which a stateless worker ends, in ms, 0 to 2 147 483 647. Default 5000; 200 where an idle worker
   * keeps the process alive (Deno, whose Web Worker has no `unref`).
   */
  idleTimeoutMs?: number;
  /** Tasks after which a worker is replaced by a fresh one, 1 to 1 000 000 000. Default: never. */
  maxTasksPerWorker?: number;
  /**
   * Time from a worker's start to its first sign of life, in ms, 1 to 2 147 483 647. Default 10 000. Building the
   * handler is not bounded: opening a large file may take as long as it takes. A worker that is to close while its
   * handler is being built, or while a task holds it that was given up, has as long to get there; then it is ended.
   */
  readyTimeoutMs?: number;
  /** One worker that holds state: never idled, doubled or moved; holds the process until `close`. Default false. */
  stateful?: boolean;
  /**
   * True: tasks run on this thread as long as the first worker is starting. Default false: they wait for it. Without
   * effect when stateful or without a handler for this thread.
   */
  inlineWhileStarting?: boolean;
  /** Memory limits of a worker, where the host has them (Node); elsewhere without effect. */
  resourceLimits?: {
    /** Heap of long-lived objects, in MB. */
    maxOldGenerationSizeMb?: number;
    /** Heap of short-lived objects, in MB. */
    maxYoungGenerationSizeMb?: number;
    /** Memory for generated code, in MB. */
    codeRangeSizeMb?: number;
    /** Stack, in MB. */
    stackSizeMb?: number;
  };
  /** Name of the workers, which debuggers and errors show. Default: none. */
  name?: string;
  /** Closes the executor by force when it is aborted. */
  signal?: AbortSignal;
  /**
   * Whether small values go through shared memory, and whether both sides look out for them for some 100 µs before
   * they sleep. `"auto"` (default): where the host has shared memory, and as long as it is measured to pay. `"off"`:
   * plain messages.
   */
  sharedMemory?: "auto" | "off";
  /** Which hosts to try, in order. Default: whatever this runtime has, then inline. */
  kinds?: readonly ExecutorKind[];
  /** Rebuilds an error of a class that the executor does not know. */
  reviveError?: (data: ErrorData) => Error | undefined;
  /** Called once when a stateful worker died, with the error that calls in flight got. */
  onLost?: (error: Error) => void;
}

/** Options of one task; what is absent is as the executor's options say. */
export interface RunOptions extends TaskDefaults {
  /** Gives the task up: removed if it waits, told through its own signal if it runs. */
  signal?: AbortSignal;
  /**
   * Objects inside the task that move to the handler instead of being copied: `ArrayBuffer`s, and what else the host
   * lets move, such as a `MessagePort` or, but on Bun, a `ReadableStream`. They are empty here afterwards.
   */
  transfer?: readonly object[];
  /**
   * Tasks of one affinity go to the same worker as long as it lives. Default: none. They keep their place among the
   * others by priority and age. Without effect where there is one worker.
   */
  affinity?: string | number;
  /** Tasks of one key run one after another, in the order of their calls. Default: none. */
  key?: string | number;
}

/** Options of one stream. */
export interface StreamOptions extends RunOptions {
  /** Items that the handler may be ahead of the reader, 1 to 1 000 000. Default 64. */
  buffer?: number;
}

/** Times of many tasks, in ms. Percentiles are right within 10 %. */
export interface TimeSummary {
  /** How many there were. */
  count: number;
  /** Their mean. */
  mean: number;
  /** Half took no longer. */
  p50: number;
  /** 90 of 100 took no longer. */
  p90: number;
  /** 99 of 100 took no longer. */
  p99: number;
  /** The longest. */
  max: number;
}

/** Counters, all since the start, and what is going on now. */
export interface ExecutorStats {
  /** Tasks handed in. */
  submitted: number;
  /** Tasks settled, well or badly. */
  settled: number;
  /** Messages with tasks sent to workers (each carries one or more), those through shared memory included. */
  messages: number;
  /** Workers started. */
  workersStarted: number;
  /** Workers that died. */
  workersLost: number;
  /** Workers started in the place of one that died or had its `maxTasksPerWorker`. */
  restarts: number;
  /** Tasks handed over again because their worker died. */
  requeued: number;
  /** Tasks that wait now. */
  queued: number;
  /** Tasks that workers hold now and somebody waits for. */
  inFlight: number;
  /** Workers that take tasks now. */
  workers: number;
  /** Share of their time for which workers held tasks, 0 to 1. */
  utilisation: number;
  /** Times from submission to the handing over to a worker. */
  wait: TimeSummary;
  /** Times from the handing over to the result. */
  run: TimeSummary;
}

/** What an executor tells those who listen. */
export interface ExecutorEvents {
  /** A worker is ready. */
  ready: { kind: ExecutorKind };
  /** A worker died. */
  lost: { error: Error };
  /** A worker ended because it was idle, spent or closed. */
  ended: { kind: ExecutorKind };
  /** A kind of worker was refused. */
  refused: { error: Error };
  /** A task was refused or has to wait for room in the queue. */
  full: { queued: number };
  /** The last task is settled. */
  drained: { settled: number };
}

/** Carries tasks to a handler. */
export interface Executor<Task = unknown, Result = unknown>
  extends AsyncDisposable {
  /** Where tasks run; known after the first task or `warm()`. */
  readonly kind: ExecutorKind | undefined;
  /** Why a better kind was refused, if it was. */
  readonly refusal: Error | undefined;
  /**
   * Runs one task and gives its result back. Rejects with the handler's error, rebuilt, or with the signal's reason.
   *
   * The task is read when it leaves, at the earliest at the end of the current microtask: leave it alone until then.
   * It is read again when its worker died before it began, or if it is `idempotent`. Tasks started together travel in
   * one message, yet share no object with one another.
   *
   * An error carries the caller's stack as well; of a burst, that of the first 64 tasks.
   *
   * @throws {ExecutorError} `QUEUE_FULL`, `NOT_CLONEABLE`, `TASK_TIMEOUT`, `RUN_TIMEOUT`, `WORKER_REFUSED`,
   * `INVALID_OPTION` or `EXECUTOR_CLOSED`.
   * @throws {WorkerLostError} `WORKER_LOST`: the worker died after the task had begun.
   */
  run(task: Task, options?: RunOptions): Promise<Result>;
  /**
   * Runs one task whose handler gives an iterable, a generator for instance, and hands its items on one by one. The
   * handler is at most `buffer` items ahead. It starts with the first `next()`; leaving the loop aborts it.
   */
  stream(
    task: Task,
    options?: StreamOptions,
  ): AsyncIterableIterator<unknown>;
  /** Runs one task on every worker that is there (one is started if none is) and gives all results. */
  broadcast(task: Task, options?: RunOptions): Promise<Result[]>;
  /** Starts a worker (and `minWorkers`) now instead of with the first task. */
  warm(): Promise<void>;
  /** Resolves when fewer than `maxQueue` tasks wait, or none may come any more. */
  room(): Promise<void>;
  /** Resolves when no task waits or runs. Those that come meanwhile count. */
  drain(): Promise<void>;
  /** Counters. */
  stats(): ExecutorStats;
  /** Calls back at each event of a name; what is returned stops that. What a listener throws is thrown apart. */
  on<Name extends keyof ExecutorEvents>(
    name: Name,
    listener: (event: ExecutorEvents[Name]) => void,
  ): () => void;
  /**
   * Waits for tasks in flight, lets each handler close what it holds, then ends the workers. Later tasks are refused
   * with `EXECUTOR_CLOSED`. With `force` nothing is waited for: tasks reject with `EXECUTOR_CLOSED` and workers end as
   * they stand. A `force` given later overtakes a close that waits. A task that was given up is not waited for; a
   * worker that it holds is ended after `readyTimeoutMs`.
   */
  close(options?: { force?: boolean }): Promise<void>;
}

/** An error as plain data, so that class, code, data, cause and stack survive a worker boundary. */
export interface ErrorData {
  /** `error.name`, or the thrown value's type. */
  name: string;
  /** `error.message`. */
  message: string;
  /** Stack of the side that threw. */
  stack?: string;
  /** `error.code`, if it has one. */
  code?: unknown;
  /** `error.data`, if it has one and it can be cloned. */
  data?: unknown;
  /** `error.field`, if it has one. */
  field?: unknown;
  /** The cause: an error as data, or a plain value. */
  cause?: { error: ErrorData } | { value: unknown };
  /** Members of an `AggregateError`; those that are no errors as `thrown`. */
  errors?: ErrorData[];
  /** Own members that are errors, such as the two of a `SuppressedError`. */
  related?: { [name: string]: ErrorData };
  /** A thrown value that was no error. */
  thrown?: unknown;
  /** The nearest class that can be rebuilt: a built-in one, `DOMException`, or one of this module. */
  base?: string;
  /** The constructor's name, where it differs from `name`. */
  className?: string;
  /** Further own members that can be cloned, such as `status`. */
  members?: { [name: string]: unknown };
}
