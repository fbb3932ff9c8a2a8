import type { TaskContext } from "../types.ts";

/** The handler's second argument. */
export class Context implements TaskContext {
  #controller: AbortController | undefined = undefined;
  /** Objects that move with the result. */
  moved: object[] | undefined = undefined;

  /** Aborted when the caller gives the task up. */
  get signal(): AbortSignal {
    // Made on demand: most handlers never look at it.
    return (this.#controller ??= new AbortController()).signal;
  }

  /** Names objects that move with the result. A closure, because a handler may destructure its context. */
  get transfer(): (...objects: object[]) => void {
    // Made on demand, like the signal.
    return (...objects) => void (this.moved ??= []).push(...objects);
  }

  /** Tells the handler that its task was given up. */
  abort(reason: unknown): void {
    (this.#controller ??= new AbortController()).abort(reason);
  }
}
