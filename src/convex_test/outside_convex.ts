import { OUTSIDE } from "../engine/context/convex_global.ts";
import { SharedConvex } from "../engine/run/shared_convex.ts";
import { EngineError } from "../errors.ts";

/** The ways in which `convex/server` makes system calls. */
const METHODS = ["syscall", "asyncSyscall", "jsSyscall"];

/**
 * Sets `globalThis.Convex` for a test's own code, as `convex-test` does: some libraries that tests load refuse to be
 * loaded without it. Its system calls fail, unless another `Convex` was there before. It does not reference the
 * backend, which few tests close. Returns a function that removes it.
 */
export function putOutsideConvex(
  reword: (error: unknown) => unknown,
): () => void {
  const shared: SharedConvex = new SharedConvex(
    Object.fromEntries(
      METHODS.map((method) => [method, (...args: unknown[]) => {
        const other = shared.other();
        if (other?.[method]) return other[method].apply(other, args);
        throw reword(new EngineError("FUNCTION_ENDED", OUTSIDE));
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
