import { EngineError } from "../../errors.ts";
import type { TransactionLimits } from "./limits.ts";

/**
 * Throws `LIMIT_EXCEEDED` when a value is over its bound.
 *
 * @param text Convex's message, where it is known.
 */
export function checkLimit(
  what: string,
  value: number,
  bound: number,
  text?: (value: number, bound: number) => string,
): void {
  if (value <= bound) return;
  throw new EngineError(
    "LIMIT_EXCEEDED",
    text
      ? `${text(value, bound)} [${what}: ${value} > ${bound}]`
      : `${what} is ${value}, the limit is ${bound}`,
    { data: { limit: what, value, bound } },
  );
}

const HELP =
  "Consider using smaller limits in your queries, paginating your queries, or using indexed queries with a selective index range expressions.";

/** The quantity that each limit of a transaction bounds, and Convex's message when it is exceeded. */
export const METERED: {
  readonly [limit in keyof TransactionLimits]: {
    what: string;
    says(bound: number): string;
  };
} = {
  databaseQueries: {
    what: "index ranges read",
    says: (bound) =>
      `Too many reads in a single function execution (limit: ${bound}). ${HELP}`,
  },
  documentsRead: {
    what: "documents read",
    says: (bound) =>
      `Too many documents read in a single function execution (limit: ${bound}). ${HELP}`,
  },
  bytesRead: {
    what: "bytes read",
    says: (bound) =>
      `Too many bytes read in a single function execution (limit: ${bound} bytes). ${HELP}`,
  },
  documentsWritten: {
    what: "documents written",
    says: (bound) =>
      `Too many writes in a single function execution (limit: ${bound})`,
  },
  bytesWritten: {
    what: "bytes written",
    says: (bound) =>
      `Too many bytes written in a single function execution (limit: ${bound} bytes)`,
  },
  functionsScheduled: {
    what: "functions scheduled",
    says: (bound) =>
      `Too many functions scheduled by this mutation (limit: ${bound})`,
  },
  scheduledFunctionArgsBytes: {
    what: "bytes of arguments of scheduled functions",
    says: (bound) =>
      `Too large total size of the arguments of scheduled functions from this mutation (limit: ${bound} bytes)`,
  },
  filesWritten: {
    what: "files stored",
    says: (bound) => `Too many files stored by this mutation (limit: ${bound})`,
  },
  fileWriteBytes: {
    what: "bytes of files stored",
    says: (bound) =>
      `Too large total size of the files stored by this mutation (limit: ${bound} bytes)`,
  },
  filesRead: {
    what: "files read",
    says: (bound) => `Too many files read by this mutation (limit: ${bound})`,
  },
  fileReadBytes: {
    what: "bytes of files read",
    says: (bound) =>
      `Too large total size of the files read by this mutation (limit: ${bound} bytes)`,
  },
};

/** Throws `LIMIT_EXCEEDED` when a transaction has more of something than its limit. */
export function checkMetered(
  limit: keyof TransactionLimits,
  value: number,
  bound: number,
): void {
  if (value <= bound) return;
  const { what, says } = METERED[limit];
  checkLimit(what, value, bound, () => says(bound));
}

/** Whether an error says that a transaction has exceeded a limit of documents or bytes read. */
export function isReadLimit(error: unknown): boolean {
  if (!(error instanceof EngineError) || error.code !== "LIMIT_EXCEEDED") {
    return false;
  }
  const limit = (error.data as { limit?: string } | undefined)?.limit;
  return limit === METERED.documentsRead.what ||
    limit === METERED.bytesRead.what;
}

/** Convex's warning about a transaction that is near a limit. */
export function nearLimit(
  limit: keyof TransactionLimits,
  value: number,
  bound: number,
): string {
  return METERED[limit].says(bound)
    .replace(/^Too ./, (start) => start.at(-1)!.toUpperCase())
    .replace(
      /limit: \d+( bytes)?/,
      (of, unit = "") => `actual: ${value}${unit}, ${of}`,
    );
}

/** A size as Convex shows it in messages: `1 MiB`, `17.96 MiB`. */
export function shownBytes(bytes: number): string {
  const [unit, size]: [string, number] = bytes < 1024
    ? ["B", 1]
    : bytes < 1 << 20
    ? ["KiB", 1 << 10]
    : ["MiB", 1 << 20];
  return `${Number((bytes / size).toFixed(2))} ${unit}`;
}
