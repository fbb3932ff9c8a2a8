/**
 * The workers of `AsyncConvexClient` as modules of your own, for hosts that start no worker from text: pages whose
 * Content-Security-Policy forbids `data:` workers, and browser extensions.
 *
 * @example The module of the worker, and a page that Vite bundles
 * ```ts ignore -- two files
 * // worker.ts
 * import { startClientWorker } from "@cortex/memory/worker/client";
 *
 * startClientWorker();
 *
 * // page.ts; Vite's way to the URL of a worker
 * import worker from "./worker.ts?worker&url";
 * import { AsyncConvexClient } from "@cortex/memory";
 *
 * const convex = new AsyncConvexClient("https://your-deployment.convex.cloud", {
 *   workerUrl: new URL(worker, location.href),
 * });
 * ```
 *
 * @module
 */
import { serveWorker } from "../../executor/serve.ts";
import { createModuleHandler } from "../sources/module_handler.ts";
import { createExchangeHandler } from "./exchange_handler.ts";

/**
 * Makes this worker fetch and decode long answers for a client of a deployment. Call it once, at the worker's top level
 * and before any `await`.
 *
 * @throws {TypeError} outside of a worker.
 */
export function startClientWorker(): void {
  serveWorker(createExchangeHandler);
}

/**
 * Makes this worker build a client from a module and run its calls, for `AsyncConvexClient.fromModule`. Call it once,
 * at the worker's top level and before any `await`.
 *
 * @throws {TypeError} outside of a worker.
 */
export function startModuleWorker(): void {
  serveWorker(createModuleHandler);
}
