/**
 * The timestamp of a commit that is still to come: a value that a document may hold until its transaction commits.
 *
 * In order, size and validation it counts as the greatest int64, which is what Convex does.
 *
 * @module
 */

import { MAX_INT64 } from "./limits.ts";

/** Text of the placeholder, also of the class in `convex/values`, whose instances count as well. */
const TEXT = "[unresolved commit timestamp]";

/** Stands for the timestamp of a commit until it is known. Cannot be used as a number. */
export class CommitTsPlaceholder {
  /** A text for messages; nothing else that it could be is known yet. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return TEXT;
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
    return TEXT;
  }
}

/** True for the placeholder, and for that of `convex/values`. */
export function isCommitTs(value: object): value is CommitTsPlaceholder {
  return value instanceof CommitTsPlaceholder ||
    Symbol.toPrimitive in value && !(value instanceof Date) &&
      String(value) === TEXT;
}

/** What the placeholder counts as before the commit. */
export const PENDING_TS: bigint = MAX_INT64;
