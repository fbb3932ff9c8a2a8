/** Text of the placeholder, also of the class in `convex/values`, whose instances count as well. */
export const COMMIT_TS_TEXT = "[unresolved commit timestamp]";

/**
 * True for the placeholder, and for that of `convex/values`, which is recognised by its text, so that clients need not
 * load it.
 */
export function isCommitTs(value: object): boolean {
  return Symbol.toPrimitive in value && !(value instanceof Date) &&
    String(value) === COMMIT_TS_TEXT;
}
