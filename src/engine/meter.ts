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
const MAX_BYTES_PER_UNIT = 5;

/** Counts what a transaction, with everything that it calls, reads and writes. */
export class Meter {
  /** Documents read. */
  documentsRead = 0;
  /** Bytes of the documents that have been measured. */
  #bytesMeasured = 0;
  /** Rows not measured yet, and the bytes that their documents may have at most. */
  #unmeasured: string[] = [];
  #bytesUnmeasured = 0;
  #ranges = 0;
  #documentsWritten = 0;
  #bytesWritten = 0;

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
    this.#unmeasured.push(row);
    this.#bytesUnmeasured += MAX_BYTES_PER_UNIT * row.length;
    if (!this.hasReadOver(MAX_TRANSACTION_READ_BYTES)) return;
    check("bytes read", this.#bytesMeasured, MAX_TRANSACTION_READ_BYTES);
  }

  /**
   * True when the documents read have more bytes than this. Measuring a document costs about as much as reading it,
   * so it is put off until their upper bound is over.
   */
  hasReadOver(bytes: number): boolean {
    if (this.#bytesMeasured + this.#bytesUnmeasured <= bytes) return false;
    for (const row of this.#unmeasured) {
      this.#bytesMeasured += valueSize(parseValue(row));
    }
    this.#unmeasured = [];
    this.#bytesUnmeasured = 0;
    return this.#bytesMeasured > bytes;
  }

  /** Counts one document written or deleted. Throws `LIMIT_EXCEEDED`. */
  countWrite(bytes: number): void {
    check(
      "documents written",
      ++this.#documentsWritten,
      MAX_TRANSACTION_WRITE_DOCUMENTS,
    );
    check(
      "bytes written",
      this.#bytesWritten += bytes,
      MAX_TRANSACTION_WRITE_BYTES,
    );
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
