import { EngineError } from "../errors.ts";
import { parseValue } from "../values/json.ts";
import { valueSize } from "../values/size.ts";
import type { Value } from "../values/types.ts";
import { CONVEX_LIMITS, type TransactionLimits } from "./limits.ts";

/**
 * Bytes that Convex counts for a character of a row at most: a digit in an array is a number of 9 bytes and has a
 * comma or a bracket beside it, a character of a string has 3 bytes at most.
 */
export const MAX_BYTES_PER_UNIT = 5;

/** A document that was read. */
export interface Measured {
  /** Length of its row. */
  length: number;
  /** The document. */
  value: Value;
}

/**
 * Bytes of documents, given as rows or as read. Measuring a document costs about as much as reading it, so it is put off until
 * their upper bound is over what matters.
 */
class ByteCount {
  /** Bytes of the documents that have been measured. */
  measured = 0;
  /** Rows, or the documents themselves. */
  #pending: Value[] = [];
  #bound = 0;

  add(document: string | Measured): void {
    this.#pending.push(
      typeof document === "string" ? document : document.value,
    );
    this.#bound += MAX_BYTES_PER_UNIT * document.length;
  }

  /** True when they have more bytes than this; then all are measured. */
  isOver(bytes: number): boolean {
    if (this.measured + this.#bound <= bytes) return false;
    return this.all() > bytes;
  }

  /** Bytes of all of them. */
  all(): number {
    for (const document of this.#pending) {
      this.measured += valueSize(
        typeof document === "string" ? parseValue(document) : document,
      );
    }
    this.#pending = [];
    this.#bound = 0;
    return this.measured;
  }
}

/** How much of a limit is used, as `ctx.meta.getTransactionMetrics` tells it. */
export interface Metric {
  /** Used so far. */
  used: number;
  /** Left until the limit. */
  remaining: number;
}

/** Counts what a transaction, with everything that it calls, reads and writes. */
export class Meter {
  readonly #limits: TransactionLimits;
  readonly #outer: Meter | undefined;
  readonly #bytesRead: ByteCount = new ByteCount();
  readonly #bytesWritten: ByteCount = new ByteCount();
  #ranges = 0;
  #documentsRead = 0;
  #documentsWritten = 0;
  #scheduled = 0;
  #scheduledBytes = 0;

  /** Begins at zero. What is counted here counts for the call around it, too. */
  constructor(limits: TransactionLimits, outer?: Meter) {
    this.#limits = limits;
    this.#outer = outer;
  }

  /** Limits that hold here. */
  get limits(): TransactionLimits {
    return this.#limits;
  }

  /** Counts one index range. Throws `LIMIT_EXCEEDED`. */
  countRange(): void {
    check("index ranges read", ++this.#ranges, this.#limits.databaseQueries);
    this.#outer?.countRange();
  }

  /** Counts one document read, given by its row or as the cache has it. Throws `LIMIT_EXCEEDED`. */
  countRead(document: string | Measured): void {
    const { documentsRead, bytesRead } = this.#limits;
    check("documents read", ++this.#documentsRead, documentsRead);
    this.#bytesRead.add(document);
    if (this.#bytesRead.isOver(bytesRead)) {
      check("bytes read", this.#bytesRead.measured, bytesRead);
    }
    this.#outer?.countRead(document);
  }

  /** True when more than this share of what may be read has been read. */
  hasReadOver(share: number): boolean {
    const { documentsRead, bytesRead } = this.#limits;
    return this.#documentsRead > documentsRead * share ||
      this.#bytesRead.isOver(bytesRead * share) ||
      (this.#outer?.hasReadOver(share) ?? false);
  }

  /** Counts one document written, by its row, or deleted (undefined). Throws `LIMIT_EXCEEDED`. */
  countWrite(row: string | undefined): void {
    const { documentsWritten, bytesWritten } = this.#limits;
    check("documents written", ++this.#documentsWritten, documentsWritten);
    if (row !== undefined) {
      this.#bytesWritten.add(row);
      if (this.#bytesWritten.isOver(bytesWritten)) {
        check("bytes written", this.#bytesWritten.measured, bytesWritten);
      }
    }
    this.#outer?.countWrite(row);
  }

  /** Counts one function scheduled, by the bytes of its arguments. Throws `LIMIT_EXCEEDED`. */
  countScheduled(argumentBytes: number): void {
    const { functionsScheduled, scheduledFunctionArgsBytes } = this.#limits;
    check("functions scheduled", ++this.#scheduled, functionsScheduled);
    this.#scheduledBytes += argumentBytes;
    check(
      "bytes of arguments of scheduled functions",
      this.#scheduledBytes,
      scheduledFunctionArgsBytes,
    );
    this.#outer?.countScheduled(argumentBytes);
  }

  /** What is used and left of each limit. */
  metrics(): { [limit in keyof TransactionLimits]: Metric } {
    const metric = (limit: keyof TransactionLimits, used: number): Metric => ({
      used,
      // Without a limit what Convex would leave is told.
      remaining: Math.max(
        0,
        (Number.isFinite(this.#limits[limit]) ? this.#limits : CONVEX_LIMITS)[
          limit
        ] - used,
      ),
    });
    return {
      bytesRead: metric("bytesRead", this.#bytesRead.all()),
      documentsRead: metric("documentsRead", this.#documentsRead),
      databaseQueries: metric("databaseQueries", this.#ranges),
      bytesWritten: metric("bytesWritten", this.#bytesWritten.all()),
      documentsWritten: metric("documentsWritten", this.#documentsWritten),
      functionsScheduled: metric("functionsScheduled", this.#scheduled),
      scheduledFunctionArgsBytes: metric(
        "scheduledFunctionArgsBytes",
        this.#scheduledBytes,
      ),
    };
  }
}

/**
 * Throws `LIMIT_EXCEEDED` when a value is over its bound.
 *
 * @param text What Convex says of that, where it is known.
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

/** What Convex says of what a transaction has too much of. */
const TEXTS: { [what: string]: (bound: number) => string } = {
  "index ranges read": (bound) =>
    `Too many reads in a single function execution (limit: ${bound}). ${HELP}`,
  "documents read": (bound) =>
    `Too many documents read in a single function execution (limit: ${bound}). ${HELP}`,
  "bytes read": (bound) =>
    `Too many bytes read in a single function execution (limit: ${bound} bytes). ${HELP}`,
  "documents written": (bound) =>
    `Too many writes in a single function execution (limit: ${bound})`,
  "bytes written": (bound) =>
    `Too many bytes written in a single function execution (limit: ${bound} bytes)`,
  "functions scheduled": (bound) =>
    `Too many functions scheduled by this mutation (limit: ${bound})`,
  "bytes of arguments of scheduled functions": (bound) =>
    `Too large total size of the arguments of scheduled functions from this mutation (limit: ${bound} bytes)`,
};

function check(what: string, value: number, bound: number): void {
  if (value > bound) {
    checkLimit(what, value, bound, () => TEXTS[what]!(bound));
  }
}

/** Bytes as Convex shows them in messages: `1 MiB`, `17.96 MiB`. */
export function shownBytes(bytes: number): string {
  const [unit, size]: [string, number] = bytes < 1024
    ? ["B", 1]
    : bytes < 1 << 20
    ? ["KiB", 1 << 10]
    : ["MiB", 1 << 20];
  return `${Number((bytes / size).toFixed(2))} ${unit}`;
}
