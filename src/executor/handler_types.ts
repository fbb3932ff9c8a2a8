/** Types of handlers, workers, and errors as data. */

/** The handler's second argument. */
export interface TaskContext {
  /** Aborted, with the caller's reason, when the caller gives up the task. */
  readonly signal: AbortSignal;
  /**
   * Names objects inside the result that are moved to the caller instead of being copied, like a task's `transfer`;
   * they are empty here afterwards. Of a generator: objects inside the next item that it yields.
   *
   * @example
   * ```ts
   * import { createExecutor } from "@cortex/memory/executor";
   * import { assertEquals } from "@std/assert";
   *
   * await using executor = createExecutor({
   *   handler: (length: number, { transfer }) => {
   *     const samples = new Float64Array(length).fill(0.5);
   *     transfer(samples.buffer); // moved to the caller: nothing is copied
   *     return samples;
   *   },
   * });
   * assertEquals((await executor.run(3)).length, 3);
   * ```
   */
  transfer(...objects: object[]): void;
}

/**
 * Runs one task, and may return a promise. Its context has a signal that is aborted when the caller gives up. A result
 * is read when it is sent, perhaps after further tasks have run, so it must not be an object that those change; nor may
 * an item that a generator yields change later. (Written as a method's type, so that the first parameter may have the
 * type of your tasks.)
 */
export type TaskHandler = {
  handle(task: unknown, context: TaskContext): unknown;
}["handle"];

/** Builds the handler once per worker from the options' `init` value. `close` is called before the worker ends. */
export type CreateHandler = (
  init: unknown,
) => HandlerHost | Promise<HandlerHost>;

/** A handler, with a function that releases its resources. */
export interface HandlerHost {
  /** Runs one task. */
  handle: TaskHandler;
  /** Releases the resources of the handler (files, sockets). */
  close?(): void | Promise<void>;
}

/** A worker that was started by someone else: a Web Worker or a `node:worker_threads` one. */
export interface StartedWorker {
  /** Sends a message. */
  postMessage(message: unknown): void;
  /** Ends it at once. */
  terminate(): unknown;
}

/** Where a worker's code comes from. Its module calls `serveWorker`. */
export type WorkerSource =
  | {
    /** Text of a self-contained ES module, started from a `data:` or `blob:` URL. */ code:
      string;
  }
  | {
    /**
     * Text of a script without `import` or `export` statements, or a promise of it: the worker starts while it is
     * loaded. Deno, Bun and Node need not scan it for imports, which saves time for a large one.
     */ script: string | Promise<string>;
  }
  | {
    /** Module that starts the worker's side; for a strict CSP or a bundler. */ url:
      | string
      | URL;
  }
  | {
    /** Starts the worker itself, for a bundler's `new Worker(new URL(...))`. */ create:
      () => unknown;
  };

/** An error as plain data, so that its class, code, data, cause and stack survive the way between threads. */
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
  /** The list `error.errors`, such as that of an `AggregateError`; items that are not errors as `thrown`. */
  errors?: ErrorData[];
  /** Own members that are errors, such as the two of a `SuppressedError`. */
  related?: { [name: string]: ErrorData };
  /** A thrown value that was not an error. */
  thrown?: unknown;
  /** The nearest class that can be rebuilt: a built-in one, `DOMException`, or one of this module. */
  base?: string;
  /** The constructor's name, where it differs from `name`. */
  className?: string;
  /** Further own members that can be cloned, such as `status`. */
  members?: { [name: string]: unknown };
}
