/** What an executor is made of. It carries tasks to a handler, here or in a worker, and knows nothing of Convex. */

/** Where a handler runs. */
export type ExecutorKind = "web-worker" | "worker-threads" | "inline";

/** What a handler is told about the task that it runs. */
export interface TaskContext {
  /** Aborted, with the caller's reason, when the caller gives the task up. */
  readonly signal: AbortSignal;
  /** Names objects inside the result that move to the caller instead of being copied; they are empty here afterwards. */
  transfer(...objects: ArrayBufferLike[]): void;
}

/** Runs one task. Receives a signal that is aborted when the caller gives up. May return a promise. */
export type TaskHandler = (
  task: unknown,
  context: TaskContext,
) => unknown;

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

/** How the code of a worker is found. */
export type WorkerSource =
  | {
    /** Classic self-contained ES module text, started from a `data:` URL. */ code:
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

/** Options of `createExecutor`. */
export interface ExecutorOptions {
  /** Worker's code; absent: inline only. A function is asked once, before the first worker starts. */
  worker?: WorkerSource | (() => WorkerSource | Promise<WorkerSource>);
  /** Builds the handler on this thread; absent: no fallback, a refused worker is an error. */
  inline?: () => CreateHandler | Promise<CreateHandler>;
  /** Handed to every `CreateHandler`; must be cloneable. */
  init?: unknown;
  /** Workers at most. Default 1. */
  maxWorkers?: number;
  /** Tasks a worker may hold at once. Default 256. */
  concurrencyPerWorker?: number;
  /** Tasks waiting at most; more are refused with `QUEUE_FULL`. Default 65 536. */
  maxQueue?: number;
  /**
   * Idle time after which a stateless worker ends, in ms. Default 5000; 200 where an idle worker keeps the process
   * alive (Deno, whose Web Worker has no `unref`).
   */
  idleTimeoutMs?: number;
  /**
   * Time from a worker's start to its first sign of life, in ms. Default 10 000. Building the handler is not bounded:
   * opening a large file may take as long as it takes.
   */
  readyTimeoutMs?: number;
  /** One worker that holds state: never idled, doubled or moved; holds the process until `close`. Default false. */
  stateful?: boolean;
  /** Which hosts to try, in order. Default: whatever this runtime has, then inline. */
  kinds?: readonly ExecutorKind[];
  /** Rebuilds an error of a class that the executor does not know. */
  reviveError?: (data: ErrorData) => Error | undefined;
  /** Called once when a stateful worker died, with the error that calls in flight got. */
  onLost?: (error: Error) => void;
}

/** Options of one task. */
export interface RunOptions {
  /** Gives the task up: removed if it waits, told through its own signal if it runs. */
  signal?: AbortSignal;
  /** Objects inside the task that move to the handler instead of being copied; they are empty here afterwards. */
  transfer?: readonly ArrayBufferLike[];
}

/** Counters, all since the start. */
export interface ExecutorStats {
  /** Tasks handed in. */
  submitted: number;
  /** Tasks settled, well or badly. */
  settled: number;
  /** Messages posted to workers (each carries one or more tasks). */
  messages: number;
  /** Workers started. */
  workersStarted: number;
}

/** Carries tasks to a handler. */
export interface Executor extends AsyncDisposable {
  /** Where tasks run; known after the first task or `warm()`. */
  readonly kind: ExecutorKind | undefined;
  /** Why a better kind was refused, if it was. */
  readonly refusal: Error | undefined;
  /**
   * Runs one task and gives its result back. Rejects with the handler's error, rebuilt, or with the signal's reason.
   *
   * The task is read when it leaves, at the earliest at the end of the current microtask: leave it alone until then.
   * Tasks started together travel in one message, yet share no object with one another.
   *
   * @throws {ExecutorError} `QUEUE_FULL`, `NOT_CLONEABLE`, `WORKER_REFUSED`, `WORKER_LOST` or `EXECUTOR_CLOSED`.
   */
  run(task: unknown, options?: RunOptions): Promise<unknown>;
  /** Starts a worker now instead of with the first task. */
  warm(): Promise<void>;
  /** Counters. */
  stats(): ExecutorStats;
  /**
   * Waits for tasks in flight, lets each handler close what it holds, then ends the workers. Later tasks are refused
   * with `EXECUTOR_CLOSED`. With `force` nothing is waited for: tasks reject with `EXECUTOR_CLOSED` and workers end as
   * they stand. A `force` given later overtakes a close that waits.
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
  /** Members of an `AggregateError`. */
  errors?: ErrorData[];
  /** A thrown value that was no error. */
  thrown?: unknown;
  /** The nearest class that can be rebuilt: a built-in one, `DOMException`, or one of this module. */
  base?: string;
  /** The constructor's name, where it differs from `name`. */
  className?: string;
  /** Further own members that can be cloned, such as `status`. */
  members?: { [name: string]: unknown };
}
