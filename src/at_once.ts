/**
 * What loads with the first import and is used again by nearly all that is loaded later. That imports it from here, so
 * that a bundler which splits keeps it in one chunk; with it what it is alike to and compresses well beside.
 */
export { awaitedBy } from "./client/awaited_by.ts";
export { shown } from "./values/shown.ts";
export { isSyncConvexClient, lacking } from "./client/check.ts";
export { checkToken } from "./client/check_auth.ts";
export { functionName } from "./client/function_name.ts";
export { argsSize } from "./client/http/args_size.ts";
export { deploymentUrl } from "./client/http/http_url.ts";
export { tell } from "./client/client_hooks.ts";
export {
  checkSignal,
  checkTimeout,
  MAX_TIMER_MS,
  unlessAborted,
  withDeadline,
} from "./client/deadline.ts";
export { checkConfig, undefinedStorageOption } from "./cortex/config.ts";
export { consoleLogger } from "./cortex/logger.ts";
export { current, got, isBlank, isRecord } from "./cortex/rules/shown.ts";
export { ClientError, isCortexError, WorkerLostError } from "./errors.ts";
export { copyArgs } from "./values/copy.ts";
export { fieldNameProblem } from "./values/field_name.ts";
export { formatValue } from "./values/format.ts";
export { isCommitTs } from "./values/is_commit_ts.ts";
export { isBytes, isPlainObject } from "./values/kinds.ts";
export { MAX_ARGS_BYTES } from "./values/limits.ts";
export { valueSize } from "./values/size.ts";
