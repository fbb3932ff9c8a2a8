import { ExecutorError } from "../../errors.ts";
import { type OptionNames, unknownOption } from "../../unknown_option.ts";
import { invalidArgument } from "../check.ts";
import type { ExecutorEvents } from "../types.ts";

const NAMES: OptionNames<ExecutorEvents> = {
  ready: 1,
  lost: 1,
  ended: 1,
  refused: 1,
  full: 1,
  drained: 1,
};

/** The event listeners of an executor. */
export class Listeners {
  readonly #all = new Map<string, Set<(event: never) => void>>();

  /**
   * Adds a listener, and returns a function that removes it.
   *
   * @throws {ExecutorError} `INVALID_OPTION` for an unknown event, or a listener that is not a function.
   */
  add<Name extends keyof ExecutorEvents>(
    name: Name,
    listener: (event: ExecutorEvents[Name]) => void,
  ): () => void {
    const given = { [String(name)]: 1 };
    const wrong = unknownOption("an executor", given, NAMES, "event");
    if (wrong) throw new ExecutorError("INVALID_OPTION", wrong.text);
    if (typeof listener !== "function") {
      throw invalidArgument("listener", "must be a function", listener);
    }
    const listeners = this.#all.get(name) ?? new Set();
    this.#all.set(name, listeners);
    // Wrapped, so that a function that is added twice is called twice.
    const own = (event: ExecutorEvents[Name]) => listener(event);
    listeners.add(own);
    return () => listeners.delete(own);
  }

  /** Calls the listeners, each in a microtask of its own, so that one that throws does not disturb the executor. */
  tell<Name extends keyof ExecutorEvents>(
    name: Name,
    event: ExecutorEvents[Name],
  ): void {
    const listeners = this.#all.get(name);
    for (const listener of listeners ?? []) {
      queueMicrotask(() => {
        // It may have been removed since.
        if (listeners!.has(listener)) listener(event as never);
      });
    }
  }
}
