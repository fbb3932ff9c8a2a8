import { type CortexError, isCortexError } from "../../src/errors.ts";

/** Most lines in one period. */
const MAX_LINES = 10;
const PERIOD_MS = 60_000;
const MAX_LENGTH = 2000;

/** Logs something that was thrown, in one line that begins with `where`. */
export type FailureLog = (error: unknown, where?: string) => void;

/**
 * Logs failures, at most ten a minute, as clients can cause many. The number of the others is logged with the next one.
 * Never throws.
 */
export function failureLog(
  write: (line: string) => void,
  now: () => number = Date.now,
): FailureLog {
  let sinceMs = -Infinity;
  let count = 0;
  return (error, where = "") => {
    if (Math.abs(now() - sinceMs) >= PERIOD_MS) {
      const unwritten = count - MAX_LINES;
      if (unwritten > 0) write(`error: ${unwritten} more were not written`);
      sinceMs = now();
      count = 0;
    }
    if (++count > MAX_LINES) return;
    write(`error: ${where}${textOf(error)}`.slice(0, MAX_LENGTH));
  };
}

/** The error and its causes. */
function textOf(error: unknown): string {
  const parts: string[] = [];
  try {
    for (let cause = error; cause && parts.length < 4; cause = causeOf(cause)) {
      parts.push(cause instanceof Error ? titleOf(cause) : shown(cause));
    }
  } catch {
    // Functions may throw anything, even an object that throws when it is read.
  }
  return parts.join(" <- ") || "nothing is known";
}

function titleOf(error: Error): string {
  // For an unexpected error, the place says more than the text.
  if (!isCortexError(error)) return error.stack ?? String(error);
  const { name, code, message } = error as CortexError;
  return `${name} ${code}: ${message}`;
}

function shown(thrown: unknown): string {
  return typeof thrown === "string" ? thrown : Deno.inspect(thrown);
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
