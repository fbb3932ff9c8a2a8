import { behindStandIns, isNative } from "./stand_in.ts";

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** Name of `performance` for `globalRefusal`: its time is not frozen but refused. */
export const PERFORMANCE = "the Performance API";

/** Methods of `performance` that return the time. */
const TELL_TIME = ["now", "mark", "measure"];

/** Methods of an object of the host, by their names. */
export interface Methods {
  [method: string]: AnyFunction | undefined;
}

/**
 * The objects that define the host's methods of `performance` that tell the time, and their names. None in an edge
 * runtime with fake timers, whose `performance` has no prototype. Methods that fake timers put on the object itself are
 * left alone.
 */
export function performanceMethods(): { on: Methods; names: string[] }[] {
  const { performance } = globalThis as unknown as { performance?: Methods };
  if (!performance) return [];
  // Bun defines some on the object itself.
  const own = TELL_TIME.filter((name) =>
    Object.hasOwn(performance, name) && isNative(performance[name]!)
  );
  const on: Methods | null = Object.getPrototypeOf(performance);
  const inherited = on ? [{ on, names: TELL_TIME }] : [];
  return [{ on: performance, names: own }, ...inherited];
}

/** The host's `performance.now()`, even while a query runs. */
export function hostTimeMs(): number {
  const { performance } = globalThis;
  return behindStandIns(performance.now).call(performance);
}
