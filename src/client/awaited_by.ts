import { isCortexError } from "../errors.ts";

/** Where the stack frames of the awaiting callers begin. */
const MARK = "\n    -- awaited by --";
/** The frames after the first `await`, and the line of the first that has one. */
const WAITING = /\n +at async [^]*?([^\s(]+:\d+:)\d+\)?$[^]*/m;

/**
 * Adds to an error's stack the functions that wait for the call which it ends, unless it knows them: it was made by a
 * worker, or when an answer came. The outermost who adds them knows best. Costs nothing until a call fails.
 */
export function awaitedBy(error: unknown): unknown {
  if (!isCortexError(error)) return error;
  const [waiting, line] = WAITING.exec(`${new Error().stack}`) ?? [];
  const own = `${error.stack}`.split(MARK)[0]!;
  if (line && !own.includes(line)) error.stack = own + MARK + waiting;
  return error;
}
