import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Lets functions find `AsyncLocalStorage` among the globals. Libraries that are written for runtimes without Node's
 * modules look for it there (better-auth does), and without it keep what belongs to a request in a variable: safe on
 * Convex, where no two calls share a module's state, but not here, where a request would read another one's.
 */
export function offerAsyncLocalStorage(): void {
  Object.defineProperty(globalThis, "AsyncLocalStorage", {
    value: AsyncLocalStorage,
    configurable: true,
    writable: true,
  });
}
