/**
 * What the client itself loads and every way to a backend uses again. Whatever is loaded later imports it from here, so
 * that a bundler which splits keeps it in one chunk.
 */
export { fieldNameProblem } from "../values/field_name.ts";
export { formatValue } from "../values/format.ts";
export { isCommitTs } from "../values/is_commit_ts.ts";
export { isBytes } from "../values/kinds.ts";
export { MAX_ARGS_BYTES } from "../values/limits.ts";
export { isSyncConvexClient } from "./check.ts";
export { unlessAborted, withDeadline } from "./deadline.ts";
export { shown } from "./shown.ts";
