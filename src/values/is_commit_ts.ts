/** Text of the placeholder, and of the class in `convex/values`, whose instances are recognised, too. */
export const COMMIT_TS_TEXT = "[unresolved commit timestamp]";

/**
 * Whether a value is the placeholder, ours or that of `convex/values`. Recognised by its text, so that clients need not
 * load the class.
 */
export function isCommitTs(value: object): boolean {
  return Symbol.toPrimitive in value && !(value instanceof Date) &&
    String(value) === COMMIT_TS_TEXT;
}
