import { OUTSIDE } from "../engine/context/convex_global.ts";
import { SharedConvex } from "../engine/run/shared_convex.ts";
import { EngineError } from "../errors.ts";

/** The ways in which `convex/server` makes system calls. */
const METHODS = ["syscall", "asyncSyscall", "jsSyscall"];

/**
 * Puts a `globalThis.Convex` in place for a test's own code, as `convex-test` does: some libraries refuse to be loaded
 * where there is none, and tests load them themselves. Its system calls fail, in the words given, unless somebody else's
 * `Convex` was there. Holds nothing of the backend, since few tests close theirs. Returns what takes it away.
 */
export function putOutsideConvex(
  wording: (error: unknown) => unknown,
): () => void {
  const shared: SharedConvex = new SharedConvex(
    Object.fromEntries(
      METHODS.map((method) => [method, (...args: unknown[]) => {
        const other = shared.other();
        if (other?.[method]) return other[method].apply(other, args);
        throw wording(new EngineError("FUNCTION_ENDED", OUTSIDE));
      }]),
    ),
    () => false,
  );
  shared.enter();
  return () => {
    shared.leave();
    shared.close();
  };
}
