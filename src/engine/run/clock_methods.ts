import { behindStandIns, isNative } from "./stand_in.ts";

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** What `globalRefusal` calls `performance`, whose time does not stand still. */
export const PERFORMANCE = "the Performance API";

/** Methods of `performance` that return the time. */
const TELL_TIME = ["now", "mark", "measure"];

/** Methods of an object of the host, by their names. */
export interface Methods {
  [method: string]: AnyFunction | undefined;
}

/**
 * Where the host's `performance` has its methods that tell the time, and their names: nowhere in an edge runtime with
 * fake timers, whose object has no prototype. What fake timers put on the object itself is theirs.
 */
export function performanceMethods(): { on: Methods; names: string[] }[] {
  const { performance } = globalThis as unknown as { performance?: Methods };
  if (!performance) return [];
  // Bun has some on the object.
  const own = TELL_TIME.filter((name) =>
    Object.hasOwn(performance, name) && isNative(performance[name]!)
  );
  const on: Methods | null = Object.getPrototypeOf(performance);
  const inherited = on ? [{ on, names: TELL_TIME }] : [];
  return [{ on: performance, names: own }, ...inherited];
}

/** What the host's `performance.now()` says, also to the engine's code while a query runs. */
export function hostTimeMs(): number {
  const { performance } = globalThis;
  return behindStandIns(performance.now).call(performance);
}
