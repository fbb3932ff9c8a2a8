import type { ExecutorEvents } from "../types.ts";

/** Who listens to an executor. */
export class Listeners {
  readonly #all = new Map<string, Set<(event: never) => void>>();

  /** Adds a listener; what is returned removes it. */
  add<Name extends keyof ExecutorEvents>(
    name: Name,
    listener: (event: ExecutorEvents[Name]) => void,
  ): () => void {
    const listeners = this.#all.get(name) ?? new Set();
    this.#all.set(name, listeners);
    // Each its own, so that the same function given twice is called twice.
    const own = (event: ExecutorEvents[Name]) => listener(event);
    listeners.add(own);
    return () => listeners.delete(own);
  }

  /** Tells those who listen, each in a microtask of its own: what one throws must not upset the executor. */
  tell<Name extends keyof ExecutorEvents>(
    name: Name,
    event: ExecutorEvents[Name],
  ): void {
    for (const listener of this.#all.get(name) ?? []) {
      queueMicrotask(() => listener(event as never));
    }
  }
}
