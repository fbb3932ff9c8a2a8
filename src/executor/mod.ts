/**
 * A worker pool for every host: Web Workers (Deno, Bun, browsers), `node:worker_threads` (Node), or this thread where
 * the host has neither (workerd, edge functions) or refuses them.
 *
 * ```ts
 * import { createExecutor } from "@cortex/memory/executor";
 *
 * const executor = createExecutor({
 *   handler: (n: number) => n ** 2,
 *   maxWorkers: 2,
 * });
 * const squares = await Promise.all([1, 2, 3].map((n) => executor.run(n)));
 * await executor.close();
 * ```
 *
 * Tasks that are started together travel together, so a hundred thousand of them cost a fraction of a microsecond each
 * to hand over; a lone one leaves at once. A task that takes less time than its way to the worker and back (some 50 µs
 * for an object of 1 KiB) is done faster without a worker: a pool pays when the caller's thread must stay free, or when
 * tasks are long enough for several processors. A large string is copied on both sides (about 1.5 ms for 1 MiB on
 * Node): give bytes and name them in `transfer`.
 *
 * @module
 */
export { createExecutor } from "./executor.ts";
export { serveWorker } from "./serve.ts";
export { CortexError, ExecutorError, WorkerLostError } from "../errors.ts";
export type {
  CreateHandler,
  ErrorData,
  Executor,
  ExecutorEvents,
  ExecutorKind,
  ExecutorOptions,
  ExecutorStats,
  HandlerHost,
  ItemOf,
  RunOptions,
  StartedWorker,
  StreamOptions,
  TaskContext,
  TaskDefaults,
  TaskHandler,
  TimeSummary,
  WorkerSource,
} from "./types.ts";
