/**
 * Starts the worker of the embedded engine from your own module, for hosts that cannot start a worker from text: pages
 * whose Content-Security-Policy forbids `data:` workers, and browser extensions.
 *
 * @example The module of the worker, and a page that Vite bundles
 * ```ts ignore -- two files
 * // worker.ts
 * import { startEngineWorker } from "@cortex/memory/worker/engine";
 *
 * startEngineWorker();
 *
 * // page.ts; in Vite, this import is the URL of a worker
 * import worker from "./worker.ts?worker&url";
 * import { Cortex } from "@cortex/memory";
 *
 * const cortex = new Cortex({ workerUrl: new URL(worker, location.href) });
 * ```
 *
 * @module
 */
import { backend } from "./backend_from_task_setup.gen.ts";

/**
 * Makes this worker run the embedded engine, with Cortex's functions, for the thread that started it. Call it once, at
 * the worker's top level and before any `await`.
 *
 * @throws {TypeError} If called outside of a worker.
 *
 * @example
 * ```ts
 * import { Cortex } from "@cortex/memory";
 *
 * // The content of worker.ts; a page passes the URL that its bundler gave that file.
 * const module = `import { startEngineWorker } from "${import.meta.resolve("@cortex/memory/worker/engine")}";
 * startEngineWorker();`;
 * const workerUrl = `data:text/javascript,${encodeURIComponent(module)}`;
 * await using cortex = new Cortex({ workerUrl });
 * await cortex.mutable.set("stock", "pens", 12);
 * ```
 */
export function startEngineWorker(): void {
  backend().startWorker();
}
