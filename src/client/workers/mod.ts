/**
 * Starts the workers of `AsyncConvexClient` from your own modules, for hosts that cannot start a worker from text: pages
 * whose Content-Security-Policy forbids `data:` workers, and browser extensions.
 *
 * @example The module of the worker, and a page that Vite bundles
 * ```ts ignore -- two files
 * // worker.ts
 * import { startClientWorker } from "@cortex/memory/worker/client";
 *
 * startClientWorker();
 *
 * // page.ts; in Vite, this import is the URL of a worker
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
 * Makes this worker fetch and decode long answers for the client of a deployment. Call it once, at the worker's top
 * level and before any `await`.
 *
 * @throws {TypeError} If called outside of a worker.
 *
 * @example
 * ```ts
 * import { AsyncConvexClient } from "@cortex/memory";
 * import { assertEquals } from "@std/assert";
 *
 * // The content of worker.ts
 * const module = `import { startClientWorker } from "${import.meta.resolve("@cortex/memory/worker/client")}";
 * startClientWorker();`;
 * const workerUrl = `data:text/javascript,${encodeURIComponent(module)}`;
 * const fetch = () => Promise.resolve(Response.json({ status: "success", value: 7 }));
 * await using convex = new AsyncConvexClient("https://your-deployment.convex.cloud", {
 *   workerUrl, // starts when answers are long enough to need it
 *   fetch,
 * });
 * assertEquals(await convex.query("a:b"), 7);
 * ```
 */
export function startClientWorker(): void {
  serveWorker(createExchangeHandler);
}

/**
 * Makes this worker build a client from a module and run its calls, for `AsyncConvexClient.fromModule`. Call it once,
 * at the worker's top level and before any `await`.
 *
 * @throws {TypeError} If called outside of a worker.
 *
 * @example
 * ```ts
 * import { AsyncConvexClient } from "@cortex/memory";
 * import { assertEquals } from "@std/assert";
 *
 * // Two files: worker.ts, and the module that makes the client
 * const here = import.meta.resolve("@cortex/memory/worker/client");
 * const worker = `import { startModuleWorker } from "${here}"; startModuleWorker();`;
 * const client = `const call = () => "called";
 * export const createClient = () => ({ query: call, mutation: call, action: call });`;
 * const [workerUrl, url] = [worker, client]
 *   .map((text) => `data:text/javascript,${encodeURIComponent(text)}`);
 * await using convex = AsyncConvexClient.fromModule(url!, undefined, { workerUrl });
 * assertEquals(await convex.query("a:b"), "called");
 * ```
 */
export function startModuleWorker(): void {
  serveWorker(createModuleHandler);
}
