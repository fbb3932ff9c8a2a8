import { WorkerPool } from "./pool/pool.ts";
import type { Executor, ExecutorOptions, TaskContext } from "./types.ts";

/**
 * Makes an executor: tasks go to a handler in Web Workers (Deno, Bun, browsers), in `node:worker_threads` (Node), or
 * on this thread where the host has neither or refuses them. Nothing starts before the first task or `warm()`.
 *
 * A worker counts only after it gave a sign of life. One that the host refuses makes the executor try the next kind,
 * and `refusal` says why; one whose handler cannot be built rejects the tasks with the handler's own error.
 *
 * An executor that is idle does not keep the process alive, unless it is `stateful`; on Deno, whose workers always do,
 * an idle worker ends after `idleTimeoutMs`.
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
 * The same for a handler elsewhere, whose types are said: `createExecutor<string, number>({ handler: url })`.
 *
 * @throws {ExecutorError} `INVALID_OPTION`, naming the option, its bound and the value.
 */
export function createExecutor<Task = unknown, Result = unknown>(
  options: ExecutorOptions,
): Executor<Task, Result>;
export function createExecutor(options: ExecutorOptions): Executor {
  return new WorkerPool(options);
}
