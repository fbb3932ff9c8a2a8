import { EngineError } from "../errors.ts";
import {
  MAX_TRANSACTION_READ_BYTES,
  MAX_TRANSACTION_READ_DOCUMENTS,
  MAX_TRANSACTION_READ_RANGES,
  MAX_TRANSACTION_WRITE_BYTES,
  MAX_TRANSACTION_WRITE_DOCUMENTS,
} from "../values/limits.ts";
import { parseValue } from "../values/json.ts";
import { valueSize } from "../values/size.ts";

/**
 * Bytes that Convex counts for a character of a row at most: a digit in an array is a number of 9 bytes and has a
 * comma or a bracket beside it, a character of a string has 3 bytes at most.
 */
export const MAX_BYTES_PER_UNIT = 5;

/**
 * Bytes of documents, given as rows. Measuring a document costs about as much as reading it, so it is put off until
 * their upper bound is over what matters.
 */
class ByteCount {
  /** Bytes of the documents that have been measured. */
  measured = 0;
  #rows: string[] = [];
  #bound = 0;

  add(row: string): void {
    this.#rows.push(row);
    this.#bound += MAX_BYTES_PER_UNIT * row.length;
  }

  /** True when they have more bytes than this; then all are measured. */
  isOver(bytes: number): boolean {
    if (this.measured + this.#bound <= bytes) return false;
    for (const row of this.#rows) this.measured += valueSize(parseValue(row));
    this.#rows = [];
    this.#bound = 0;
    return this.measured > bytes;
  }
}

/** Counts what a transaction, with everything that it calls, reads and writes. */
export class Meter {
  /** Documents read. */
  documentsRead = 0;
  readonly #bytesRead: ByteCount = new ByteCount();
  #ranges = 0;
  #documentsWritten = 0;
  readonly #bytesWritten: ByteCount = new ByteCount();

  /** Counts one index range. Throws `LIMIT_EXCEEDED`. */
  countRange(): void {
    check("index ranges read", ++this.#ranges, MAX_TRANSACTION_READ_RANGES);
  }

  /** Counts one document read, by its row in the store. Throws `LIMIT_EXCEEDED`. */
  countRead(row: string): void {
    check(
      "documents read",
      ++this.documentsRead,
      MAX_TRANSACTION_READ_DOCUMENTS,
    );
    this.#bytesRead.add(row);
    if (!this.hasReadOver(MAX_TRANSACTION_READ_BYTES)) return;
    check("bytes read", this.#bytesRead.measured, MAX_TRANSACTION_READ_BYTES);
  }

  /** True when the documents read have more bytes than this. */
  hasReadOver(bytes: number): boolean {
    return this.#bytesRead.isOver(bytes);
  }

  /** Counts one document written, by its row, or deleted (undefined). Throws `LIMIT_EXCEEDED`. */
  countWrite(row: string | undefined): void {
    check(
      "documents written",
      ++this.#documentsWritten,
      MAX_TRANSACTION_WRITE_DOCUMENTS,
    );
    if (row === undefined) return;
    const written = this.#bytesWritten;
    written.add(row);
    if (!written.isOver(MAX_TRANSACTION_WRITE_BYTES)) return;
    check("bytes written", written.measured, MAX_TRANSACTION_WRITE_BYTES);
  }
}

/** Throws `LIMIT_EXCEEDED` when a value is over its bound. */
export function checkLimit(what: string, value: number, bound: number): void {
  if (value <= bound) return;
  throw new EngineError(
    "LIMIT_EXCEEDED",
    `${what} is ${value}, the limit is ${bound}`,
    { data: { limit: what, value, bound } },
  );
}

function check(what: string, value: number, bound: number): void {
  if (value > bound) {
    checkLimit(`number of ${what} in one transaction`, value, bound);
  }
}
