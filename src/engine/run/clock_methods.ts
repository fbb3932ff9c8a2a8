import { behindStandIns } from "./stand_in.ts";

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** What `globalRefusal` calls `performance`, whose time does not stand still. */
export const PERFORMANCE = "the Performance API";

/** Methods of `performance` that tell the time. */
export const TELL_TIME = ["now", "mark", "measure"];

/**
 * The prototype of the host's `performance`; an empty object where there is none, as fake timers leave it that are
 * installed in an edge runtime.
 */
export function performanceMethods(): {
  [method: string]: AnyFunction | undefined;
} {
  return Object.getPrototypeOf(globalThis.performance ?? {}) ?? {};
}

/** What the host's `performance.now()` says, also to the engine's code while a query runs. */
export function hostTimeMs(): number {
  const { performance } = globalThis;
  return behindStandIns(performance.now).call(performance);
}
