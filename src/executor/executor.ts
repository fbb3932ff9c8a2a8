import { WorkerPool } from "./pool/pool.ts";
import type { Executor, ExecutorOptions, TaskContext } from "./types.ts";

/**
 * Makes an executor: it runs tasks with a handler in Web Workers (Deno, Bun, browsers), in `node:worker_threads`
 * (Node), or on this thread where the host has neither or refuses them. Nothing starts before the first task or
 * `warm()`.
 *
 * A worker counts only once it has given a sign of life. If the host refuses it, the executor tries the next kind, and
 * `refusal` says why; if its handler cannot be built, the tasks reject with the handler's own error.
 *
 * An idle executor does not keep the process alive, unless it is `stateful`. On Deno, where workers always do, an idle
 * worker ends after `idleTimeoutMs`.
 *
 * @example
 * ```ts
 * import { createExecutor } from "@cortex/memory/executor";
 * import { assertEquals } from "@std/assert";
 *
 * // The handler's text goes to the workers, so it uses nothing from around it; a module's URL is given instead.
 * const executor = createExecutor({ handler: (n: number) => n ** 2 });
 * const nine: number = await executor.run(3, { timeoutMs: 5000 });
 * assertEquals(nine, 9);
 * await executor.close();
 * ```
 *
 * @throws {ExecutorError} `INVALID_OPTION`, naming the option, its bound and the value.
 */
export function createExecutor<Task, Result>(
  options: Omit<ExecutorOptions, "handler"> & {
    handler: (task: Task, context: TaskContext) => Result;
  },
): Executor<Task, Awaited<Result>>;
/**
 * The same for a handler in a module, whose types the caller states: `createExecutor<string, number>({ handler: url
 * })`.
 *
 * @throws {ExecutorError} `INVALID_OPTION`, naming the option, its bound and the value.
 */
export function createExecutor<Task = unknown, Result = unknown>(
  options: ExecutorOptions,
): Executor<Task, Result>;
export function createExecutor(options: ExecutorOptions): Executor {
  return new WorkerPool(options);
}
