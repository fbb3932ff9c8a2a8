import { EngineError } from "../errors.ts";
import {
  MAX_TRANSACTION_READ_BYTES,
  MAX_TRANSACTION_READ_DOCUMENTS,
  MAX_TRANSACTION_READ_RANGES,
  MAX_TRANSACTION_WRITE_BYTES,
  MAX_TRANSACTION_WRITE_DOCUMENTS,
} from "../values/limits.ts";

/** Counts what a transaction, with everything that it calls, reads and writes. */
export class Meter {
  /** Documents read. */
  documentsRead = 0;
  /** Bytes of documents read. */
  bytesRead = 0;
  #ranges = 0;
  #documentsWritten = 0;
  #bytesWritten = 0;

  /** Counts one index range. Throws `LIMIT_EXCEEDED`. */
  countRange(): void {
    check("index ranges read", ++this.#ranges, MAX_TRANSACTION_READ_RANGES);
  }

  /** Counts one document read. Throws `LIMIT_EXCEEDED`. */
  countRead(bytes: number): void {
    check(
      "documents read",
      ++this.documentsRead,
      MAX_TRANSACTION_READ_DOCUMENTS,
    );
    check("bytes read", this.bytesRead += bytes, MAX_TRANSACTION_READ_BYTES);
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
