/**
 * The timestamp of a commit that is still to come: a value that a document may hold until its transaction commits.
 *
 * In order, size and validation it counts as the greatest int64, which is what Convex does.
 *
 * @module
 */

import { COMMIT_TS_TEXT } from "./is_commit_ts.ts";
import { MAX_INT64 } from "./limits.ts";

/** Stands for the timestamp of a commit until it is known. Cannot be used as a number. */
export class CommitTsPlaceholder {
  /** A text for messages; nothing else that it could be is known yet. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return COMMIT_TS_TEXT;
    return this.valueOf();
  }

  /** Throws: the value comes with the commit. */
  valueOf(): never {
    throw new Error(
      "This commit timestamp is unresolved: its value is assigned when the mutation commits. Read the document after the mutation completes to get its value.",
    );
  }

  /** Throws: the value comes with the commit. */
  toJSON(): never {
    return this.valueOf();
  }

  /** A text for messages. */
  toString(): string {
    return COMMIT_TS_TEXT;
  }
}

/** What the placeholder counts as before the commit. */
export const PENDING_TS: bigint = MAX_INT64;
