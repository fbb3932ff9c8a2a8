import { PENDING_TS } from "../../values/commit_ts.ts";
import { stringifyValue } from "../../values/json.ts";
import { withCommitTs } from "../rows/commit_ts.ts";
import type { Document } from "../rows/fields.ts";
import { ByteCount, type Measured } from "../rows/byte_count.ts";
import { checkMetered, nearLimit } from "./limit_check.ts";
import {
  CONVEX_LIMITS,
  nestedLimits,
  TRANSACTION_LIMITS,
  type TransactionLimits,
} from "./limits.ts";

/** How much of a limit is used, as `ctx.meta.getTransactionMetrics` returns it. */
export interface Metric {
  /** Used so far. */
  used: number;
  /** Left until the limit. */
  remaining: number;
}

/** Share of a limit from which on functions are warned. */
const NEAR = 0.8;
const NONE: readonly string[] = [];
/** The limits that functions are warned of. */
const WARNED_OF = [
  "databaseQueries",
  "documentsRead",
  "bytesRead",
  "documentsWritten",
  "bytesWritten",
  "functionsScheduled",
  "scheduledFunctionArgsBytes",
] as const;

/** Usage of a transaction. */
class Counts {
  readonly bytesRead: ByteCount = new ByteCount();
  readonly bytesWritten: ByteCount = new ByteCount();
  databaseQueries = 0;
  documentsRead = 0;
  documentsWritten = 0;
  functionsScheduled = 0;
  scheduledFunctionArgsBytes = 0;
  /** Bytes of files by their ids; undefined before the first. */
  filesWritten: Map<string, number> | undefined;
  filesRead: Map<string, number> | undefined;

  /** How much of a limit is used. */
  of(limit: keyof TransactionLimits): number {
    switch (limit) {
      case "bytesRead":
        return this.bytesRead.all();
      case "bytesWritten":
        return this.bytesWritten.all();
      case "filesWritten":
        return this.filesWritten?.size ?? 0;
      case "fileWriteBytes":
        return sum(this.filesWritten?.values());
      case "filesRead":
        return this.filesRead?.size ?? 0;
      case "fileReadBytes":
        return sum(this.filesRead?.values());
      default:
        return this[limit];
    }
  }
}

/** Counts what a transaction, with everything that it calls, reads and writes. */
export class Meter {
  readonly #limits: TransactionLimits;
  readonly #counts: Counts;
  /** Kind of use that is not counted at the moment. */
  #paused: "documents" | "reads" | undefined;

  /** Begins at zero. */
  constructor(limits: TransactionLimits, counts: Counts = new Counts()) {
    this.#limits = limits;
    this.#counts = counts;
  }

  /**
   * The meter of a nested call that may use up to these amounts, but no more than is left here. Throws
   * `INVALID_ARGUMENT`.
   */
  within(asked: Partial<TransactionLimits>): Meter {
    const used = (limit: keyof TransactionLimits) => this.#counts.of(limit);
    return new Meter(nestedLimits(this.#limits, asked, used), this.#counts);
  }

  /**
   * Returns a function that, on a rollback, takes back the counts of writes, scheduled calls and files since. Reads
   * stay counted.
   */
  mark(): () => void {
    const counts = this.#counts;
    const { documentsWritten, functionsScheduled, scheduledFunctionArgsBytes } =
      counts;
    const filesWritten = counts.filesWritten && new Map(counts.filesWritten);
    const restoreBytes = counts.bytesWritten.mark();
    return () => {
      Object.assign(counts, {
        documentsWritten,
        functionsScheduled,
        scheduledFunctionArgsBytes,
        filesWritten,
      });
      restoreBytes();
    };
  }

  /** Reads synchronously without counting the documents, or any reads. Must not be nested. */
  uncounted<T>(paused: "documents" | "reads", read: () => T): T {
    this.#paused = paused;
    try {
      return read();
    } finally {
      this.#paused = undefined;
    }
  }

  /** Counts one index range. Throws `LIMIT_EXCEEDED`. */
  countRange(): void {
    if (this.#paused === "reads") return;
    const { databaseQueries } = this.#limits;
    checkMetered(
      "databaseQueries",
      ++this.#counts.databaseQueries,
      databaseQueries,
    );
  }

  /** Counts one document read, given as its row or as a cached document. Throws `LIMIT_EXCEEDED`. */
  countRead(document: string | Measured): void {
    if (this.#paused !== undefined) return;
    this.#countDocuments(1);
    this.#counts.bytesRead.add(document);
    this.#checkBytesRead();
  }

  /** Counts as read a document that the function now owns and may change. Throws `LIMIT_EXCEEDED`. */
  countGiven(document: Document): void {
    this.countRead(stringifyValue(withCommitTs(document, PENDING_TS)));
  }

  /** Counts the first `count` documents as read. False when they are too many; then none is counted. */
  countReads(documents: readonly Measured[], count: number): boolean {
    if (this.#paused !== undefined) return true;
    const counts = this.#counts;
    const limits = this.#limits;
    if (counts.documentsRead + count > limits.documentsRead) return false;
    const restore = counts.bytesRead.mark();
    counts.bytesRead.addFirst(documents, count);
    if (counts.bytesRead.isOver(limits.bytesRead)) {
      restore();
      return false;
    }
    counts.documentsRead += count;
    return true;
  }

  #countDocuments(count: number): void {
    const counts = this.#counts;
    counts.documentsRead += count;
    checkMetered(
      "documentsRead",
      counts.documentsRead,
      this.#limits.documentsRead,
    );
  }

  #checkBytesRead(): void {
    const { bytesRead } = this.#counts;
    const most = this.#limits.bytesRead;
    if (bytesRead.isOver(most)) {
      checkMetered("bytesRead", bytesRead.measured, most);
    }
  }

  /** True when more than this share of a read limit is used up. */
  hasReadOver(share: number): boolean {
    const counts = this.#counts;
    const { documentsRead, bytesRead } = this.#limits;
    return counts.documentsRead > documentsRead * share ||
      counts.bytesRead.isOver(bytesRead * share);
  }

  /** Counts one document written, by its row, or deleted (undefined). Throws `LIMIT_EXCEEDED`. */
  countWrite(row: string | undefined): void {
    const counts = this.#counts;
    const { documentsWritten, bytesWritten } = this.#limits;
    checkMetered(
      "documentsWritten",
      ++counts.documentsWritten,
      documentsWritten,
    );
    if (row === undefined) return;
    counts.bytesWritten.add(row);
    if (counts.bytesWritten.isOver(bytesWritten)) {
      checkMetered("bytesWritten", counts.bytesWritten.measured, bytesWritten);
    }
  }

  /** Counts one function scheduled, by the bytes of its arguments. Throws `LIMIT_EXCEEDED`. */
  countScheduled(argumentBytes: number): void {
    const counts = this.#counts;
    const { functionsScheduled, scheduledFunctionArgsBytes } = this.#limits;
    const scheduled = ++counts.functionsScheduled;
    checkMetered("functionsScheduled", scheduled, functionsScheduled);
    checkMetered(
      "scheduledFunctionArgsBytes",
      counts.scheduledFunctionArgsBytes += argumentBytes,
      scheduledFunctionArgsBytes,
    );
  }

  /** Throws `LIMIT_EXCEEDED` when a file of `bytes` bytes exceeds what may still be stored. */
  checkFileWrite(bytes: number): void {
    const { filesWritten, fileWriteBytes } = this.#limits;
    const counts = this.#counts;
    checkMetered("filesWritten", counts.of("filesWritten") + 1, filesWritten);
    const all = counts.of("fileWriteBytes") + bytes;
    checkMetered("fileWriteBytes", all, fileWriteBytes);
  }

  /** Counts a file as stored. */
  countFileWrite(id: string, bytes: number): void {
    (this.#counts.filesWritten ??= new Map()).set(id, bytes);
  }

  /** Uncounts a file that is deleted by the transaction that stored it. */
  uncountFileWrite(id: string): void {
    this.#counts.filesWritten?.delete(id);
  }

  /** Counts a file read, once, unless it was stored by this transaction. Throws `LIMIT_EXCEEDED`. */
  countFileRead(id: string, bytes: number): void {
    const counts = this.#counts;
    if (counts.filesRead?.has(id) || counts.filesWritten?.has(id)) return;
    const { filesRead, fileReadBytes } = this.#limits;
    checkMetered("filesRead", counts.of("filesRead") + 1, filesRead);
    const all = counts.of("fileReadBytes") + bytes;
    checkMetered("fileReadBytes", all, fileReadBytes);
    (counts.filesRead ??= new Map()).set(id, bytes);
  }

  /** The warnings for a function that ended near its limits. */
  warnings(): readonly string[] {
    const limits = this.#limits;
    const counts = this.#counts;
    const isNear = counts.databaseQueries > limits.databaseQueries * NEAR ||
      counts.documentsRead > limits.documentsRead * NEAR ||
      counts.bytesRead.isOver(limits.bytesRead * NEAR) ||
      counts.documentsWritten > limits.documentsWritten * NEAR ||
      counts.bytesWritten.isOver(limits.bytesWritten * NEAR) ||
      counts.functionsScheduled > limits.functionsScheduled * NEAR ||
      counts.scheduledFunctionArgsBytes >
        limits.scheduledFunctionArgsBytes * NEAR;
    // Written out above for speed, since every call asks.
    if (!isNear) return NONE;
    return WARNED_OF.flatMap((limit) => {
      const value = counts.of(limit);
      const bound = limits[limit];
      return value > bound * NEAR ? [nearLimit(limit, value, bound)] : [];
    });
  }

  /** How much of each limit is used, and how much is left. */
  metrics(): { [limit in keyof TransactionLimits]: Metric } {
    const metric = (limit: keyof TransactionLimits): Metric => {
      const used = this.#counts.of(limit);
      const bound = this.#limits[limit];
      // Without a limit, the amount left is stated as on Convex.
      const { [limit]: shown } = Number.isFinite(bound)
        ? this.#limits
        : CONVEX_LIMITS;
      return { used, remaining: Math.max(0, shown - used) };
    };
    return Object.fromEntries(
      TRANSACTION_LIMITS.map((limit) => [limit, metric(limit)]),
    ) as { [limit in keyof TransactionLimits]: Metric };
  }
}

function sum(numbers: Iterable<number> = []): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
