/**
 * The timestamp of a future commit: a value that a document may hold until its transaction commits.
 *
 * For order, size and validation it counts as the greatest int64, as in Convex.
 *
 * @module
 */

import { COMMIT_TS_TEXT } from "./is_commit_ts.ts";
import { MAX_INT64 } from "./limits.ts";

/** Placeholder for the timestamp of a commit until it is known. Cannot be used as a number. */
export class CommitTsPlaceholder {
  /** Converts to a text for messages; converting to a number throws. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return COMMIT_TS_TEXT;
    return this.valueOf();
  }

  /** Throws, because the value is known only after the commit. */
  valueOf(): never {
    throw new Error(
      "This commit timestamp is unresolved: its value is assigned when the mutation commits. Read the document after the mutation completes to get its value.",
    );
  }

  /** Throws, because the value is known only after the commit. */
  toJSON(): never {
    return this.valueOf();
  }

  /** A text for messages. */
  toString(): string {
    return COMMIT_TS_TEXT;
  }
}

/** The value that the placeholder counts as before the commit. */
export const PENDING_TS: bigint = MAX_INT64;
