import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Makes `AsyncLocalStorage` a global. Libraries for runtimes without Node's modules, such as better-auth, look for it
 * there, and otherwise keep the state of a request in a variable of the module. On Convex, calls do not share such
 * variables, but here one request would read the state of another.
 */
export function offerAsyncLocalStorage(): void {
  Object.defineProperty(globalThis, "AsyncLocalStorage", {
    value: AsyncLocalStorage,
    configurable: true,
    writable: true,
  });
}
