/**
 * Says in the stack of an error where the test made the call that failed: a call waits in a queue of the engine, and the
 * host's own stacks do not lead back through that.
 *
 * @module
 */

/** Lines of frames as V8 and Bun print them. */
const FRAME = /^\s+at /;

/** Captures where a call is made. */
export function callStack(): Error {
  return new Error();
}

/** The same error, in whose stack the frames of the call follow, unless they are there. */
export function withCallStack(error: unknown, call: Error): unknown {
  if (!(error instanceof Error)) return error;
  const { stack } = error;
  if (typeof stack !== "string") return error;
  const frames = (call.stack ?? "").split("\n").filter((line) =>
    FRAME.test(line)
  );
  const own = fileOf(frames[0]);
  const missing = frames.filter((line) =>
    fileOf(line) !== own && !stack.includes(line)
  );
  // Has no effect on an error that is frozen.
  if (missing.length > 0) {
    Reflect.set(error, "stack", [stack, ...missing].join("\n"));
  }
  return error;
}

function fileOf(frame: string | undefined): string | undefined {
  return frame?.match(/([^\s(]+):\d+:\d+\)?$/)?.[1];
}
